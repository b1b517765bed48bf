import Foundation
import RingCore
import RingLive
import RingTesting
import RingWHEP
import Testing

/// Sessions against a real WebRTC engine. No test measures time tightly.
@Suite(.enabled(LivePeer.reason) { await LivePeer.isReady() }, .timeLimit(.minutes(3)), .serialized)
struct LiveSessionTests {
    @Test func picturesArriveWithParameterSetsAndOneSessionIsClosed() async throws {
        let peer = try await LivePeer.running()
        let device = peer.device()

        let session = try await peer.client().open(device)
        let units = try await session.first(30)
        let statistics = session.statistics
        await session.close()

        #expect(units.count == 30)
        #expect(units.first?.isKeyFrame == true)
        for unit in units where unit.isKeyFrame {
            let kinds = H264AnnexB.units(of: unit.bytes).map(\.kind).filter { $0 != 6 && $0 != 9 }
            #expect(kinds.prefix(2) == [H264AnnexB.sequenceParameters, H264AnnexB.pictureParameters])
        }
        #expect(units.first?.presentationTime == .zero)
        #expect(zip(units, units.dropFirst()).allSatisfy { $0.presentationTime < $1.presentationTime })
        #expect(statistics.frameCount >= 30 && statistics.packetCount >= 30 && statistics.byteCount > 0)
        #expect(statistics.keyFrameRequestCount >= 1)
        #expect(session.endReason == .closed)
        #expect(try await peer.count("POST", device) == 1)
        #expect(try await peer.count("DELETE", device) == 1)
        // After the end: no unit, the same statistics, and no second DELETE.
        await session.close()
        #expect(session.statistics.frameCount >= 30)
        #expect(try await peer.count("DELETE", device) == 1)
    }

    @Test func soundArrivesOnRequest() async throws {
        let peer = try await LivePeer.running()

        let heard = try await peer.client().withSession(
            peer.device(), options: RingLiveOptions(mode: .recording, receivesAudio: true)
        ) { session in
            var count = (video: 0, audio: 0)
            for try await unit in session.accessUnits {
                if unit.track == .audio { count.audio += 1 } else { count.video += 1 }
                if count.audio >= 10, count.video >= 5 { break }
            }
            return count.audio + count.video
        }

        #expect(heard >= 15)
    }

    /// A camera that pauses sends everything later, and nothing of it counts as lost.
    @Test(arguments: [RingLiveMode.live, .recording])
    func nothingIsLostWhenTheCameraPauses(mode: RingLiveMode) async throws {
        let peer = try await LivePeer.running()

        let session = try await peer.client().open(peer.device("pause-1-2"), options: RingLiveOptions(mode: mode))
        let units = try await session.first(60)
        let statistics = session.statistics
        await session.close()

        #expect(units.count == 60)
        #expect(statistics.lostPacketCount == 0)
        #expect(statistics.latePacketCount == 0)
        #expect(statistics.droppedFrameCount == 0)
    }

    /// aiortc names the sources of its streams.
    @Test func lostPacketsAreRepaired() async throws {
        let peer = try await LivePeer.running()

        let session = try await peer.client().open(peer.device("loss-10"), options: RingLiveOptions(mode: .recording))
        let units = try await session.first(100)
        let statistics = session.statistics
        await session.close()

        #expect(units.count == 100)
        #expect(statistics.retransmissionRequestCount > 0)
        #expect(statistics.repairedPacketCount > statistics.lostPacketCount)
    }

    /// Linux lists the addresses of the machine there.
    private static let hasIPv6Loopback: Bool = {
        // No file: no IPv6.
        let addresses = (try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8)) ?? ""
        return addresses.contains(String(repeating: "0", count: 31) + "1")
    }()

    @Test(.enabled(if: Self.hasIPv6Loopback, "skipped: this machine has no IPv6"))
    func picturesArriveOverIPv6() async throws {
        let peer = try await LivePeer(mediaAddress: "::1")

        let session = try await peer.client().open(peer.device())
        let units = try await session.first(5)
        await session.close()

        #expect(units.count == 5)
    }

    @Test func statesFollowTheSession() async throws {
        let peer = try await LivePeer.running()
        let session = try await peer.client().open(peer.device())
        let states = session.states()

        _ = try await session.first(2)
        await session.close()

        var seen: [RingLiveState] = []
        for await state in states { seen.append(state) }
        #expect(seen.last == .ended(nil))
        #expect(seen.contains(.receiving))
    }

    @Test func aCancelledTaskClosesItsSession() async throws {
        let peer = try await LivePeer.running()
        let device = peer.device()
        let arrived = RingSignal()
        let task = Task {
            try await peer.client().withSession(device) { session in
                for try await _ in session.accessUnits { arrived.signal() }
                try Task.checkCancellation()
            }
        }
        await arrived.wait()

        task.cancel()

        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await peer.count("DELETE", device) == 1)
    }

    @Test func theLastReferenceClosesTheSession() async throws {
        let peer = try await LivePeer.running()
        let device = peer.device()
        var session: RingLiveSession? = try await peer.client().open(device)
        let states = try #require(session?.states())
        var units = session?.accessUnits.makeAsyncIterator()
        session = nil
        // Who reads keeps it.
        for _ in 0..<3 { #expect(try await units?.next() != nil) }

        units = nil

        for await _ in states {}
        #expect(try await peer.count("DELETE", device) == 1)
    }

    @Test func theCapEndsTheSessionWithoutAnError() async throws {
        let peer = try await LivePeer.running()
        let device = peer.device()
        let client = peer.client(
            WHEPConfiguration(maximumUnknownDuration: .seconds(4), closeMargin: .seconds(2), closeTimeout: .seconds(20))
        )
        #expect(client.expectedDuration(.unknown) == .seconds(2))

        let session = try await client.open(device)
        #expect(session.remaining <= .seconds(2))
        var count = 0
        for try await _ in session.accessUnits { count += 1 }

        #expect(count > 0)
        #expect(session.endReason == .deadline)
        #expect(try await peer.count("DELETE", device) == 1)
    }
}

extension RingLiveSession {
    /// The first pictures.
    func first(_ count: Int) async throws -> [RingLiveAccessUnit] {
        var units: [RingLiveAccessUnit] = []
        for try await unit in self.accessUnits {
            units.append(unit)
            if units.count == count { break }
        }
        return units
    }
}
