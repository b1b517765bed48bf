import RingCore
import RingLive
import RingTesting
import RingWHEP
import Testing

/// Each failure of the media is typed, comes within seconds, and closes the session by one DELETE.
@Suite(.enabled(LivePeer.reason) { await LivePeer.isReady() }, .timeLimit(.minutes(3)), .serialized)
struct LiveFailureTests {
    @Test(
        arguments: [
            ("nomedia", RingLiveError.Code.idle),
            ("stall-1", .idle),
            ("noice", .connectionFailed),
            ("badfp", .handshakeFailed),
            ("limit-1", .peerStopped),
        ])
    func theFailureIsTyped(fault: String, code: RingLiveError.Code) async throws {
        let peer = try await LivePeer.running()
        let device = peer.device(fault)

        // Without loopback the peer, which has nothing else, cannot be reached.
        let session = try await peer.client().open(
            device, options: RingLiveOptions(offersLoopback: code == .connectionFailed ? false : nil))
        var failure: RingLiveError?
        do throws(RingLiveError) {
            for try await _ in session.accessUnits {}
        } catch {
            failure = error
        }

        #expect(failure?.code == code, "\(String(describing: failure))")
        await session.close()
        #expect(session.endReason?.rawValue == code.description)
        #expect(try await peer.count("DELETE", device) == 1)
        for await state in session.states() { #expect(state == .ended(failure)) }
    }

    @Test func anAnswerWithoutVideoIsRefused() async throws {
        let peer = try await LivePeer.running()
        let device = peer.device("rejected")

        await #expect {
            try await peer.client().open(device)
        } throws: {
            ($0 as? RingError)?.code == .unusableAnswer
        }

        #expect(try await peer.count("DELETE", device) == 1)
    }

    @Test func anAbsentReaderIsNotAskedToHoldEverything() async throws {
        let peer = try await LivePeer.running()
        let session = try await peer.client().open(
            peer.device(), options: RingLiveOptions(maximumWaitingUnitCount: 8))
        for await state in session.states() where state == .receiving { break }
        while session.statistics.droppedFrameCount == 0 { try await Task.sleep(for: .milliseconds(20)) }

        var units: [(isKeyFrame: Bool, dropped: Int)] = []
        var pictures: [[UInt8]] = []
        for try await unit in session.accessUnits {
            units.append((unit.isKeyFrame, session.statistics.droppedFrameCount))
            pictures.append(unit.bytes)
            if units.count == 13 { break }
        }
        let lost = session.statistics.lostPacketCount + session.statistics.latePacketCount
        await session.close()

        // What was discarded ends at a key frame, so that every picture can be decoded: at this one, or at the next one when
        // it was discarded after this one was read.
        #expect(units.first?.isKeyFrame == true)
        for place in 1..<12 where units[place].dropped > units[place - 1].dropped {
            #expect(units[place].isKeyFrame || units[place + 1].isKeyFrame)
        }
        // A decoder knows when a picture refers to one that is not there.
        guard FFmpeg.isInstalled, lost == 0 else { return }
        #expect(try await FFmpeg.gaps(in: pictures) == 0)
        let place = try #require((1..<12).first { !units[$0].isKeyFrame && !units[$0 + 1].isKeyFrame })
        pictures.remove(at: place)
        let gaps = try await FFmpeg.gaps(in: pictures)
        #expect(gaps > 0)
    }
}
