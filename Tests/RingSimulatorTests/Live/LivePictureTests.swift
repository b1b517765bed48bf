import RingCore
import RingJSONAPI
import RingLive
import RingSimulator
import Testing

/// The moving picture of live sessions, seen by the live engine over real sockets.
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(LiveViewer.reason) { await LiveViewer.hasEngine() })
struct LivePictureTests {
    @Test func theSceneArrivesAsAMovingPicture() async throws {
        try await Bench.run(
            { $0.speed = 1 },
            { bench async throws in
                let pictures = try await bench.pictures(30)
                #expect(pictures.count == 30)
                #expect(pictures.first?.isKeyFrame == true)
                // A quiet scene repeats itself after two seconds.
                #expect(Set(pictures.map(\.bytes)).count >= 15)
                let units = H264AnnexB.units(of: pictures.first?.bytes ?? []).map(\.kind)
                #expect(units.filter { $0 == H264AnnexB.sequenceParameters }.count == 1)
                #expect(units.filter { $0 == H264AnnexB.keySlice }.count == 2)
                // Ten pictures a second; a busy machine leaves some out.
                #expect(try #require(pictures.last).presentationTime > .seconds(2.5))
                // Another session after the DELETE.
                #expect(bench.simulator.openSessions == 0)
                #expect(try await bench.pictures(3).count == 3)
            })
    }

    /// The decoder gives the first picture of these scenes only when it has the second one.
    @Test(arguments: [RingSimulatorDevice.Kind.doorbell, .camera]) func aStillPictureIsTaken(
        kind: RingSimulatorDevice.Kind
    ) async throws {
        try await Bench.run(
            { $0.speed = 1 },
            { bench async throws in
                let picture = try await bench.liveClient().snapshot(bench.simulator.id(kind))
                #expect(picture.jpeg.prefix(3) == [0xff, 0xd8, 0xff] && picture.jpeg.suffix(2) == [0xff, 0xd9])
                #expect(picture.width == 640 && picture.height == 360)
            })
    }

    @Test func whileTheClockStandsStillThePictureIsRepeated() async throws {
        try await Bench.run { bench async throws in
            let pictures = try await bench.pictures(12)
            #expect(pictures.count == 12)
        }
    }

    @Test func aPeerGetsAKeyFrameWhenItAsksForOne() async throws {
        try await Bench.run { bench async throws in
            // The clock stands still, so that no scene begins a group of pictures.
            try await bench.liveClient().withSession(bench.simulator.id(.doorbell)) { session in
                _ = await session.pictures(6)
                session.requestKeyFrame()
                let next = await session.pictures(20)
                #expect(next.contains { $0.isKeyFrame })
                let video = try await bench.sentVideo().first ?? nil
                #expect(video?["key_frame_requests"]?.int64 ?? 0 > 0)
                #expect(video?["connected"]?.bool == true)
                #expect(video?["pictures"]?.int64 ?? 0 >= 26)
            }
        }
    }

    @Test func stoppingTheSimulatorEndsEverySession() async throws {
        try await Bench.run { bench async throws in
            let session = try await bench.liveClient().open(bench.simulator.id(.doorbell))
            #expect(await session.pictures(2).count == 2)
            await bench.simulator.stop()
            // What was on its way is read; no further picture comes.
            #expect(await session.pictures(100).count < 100)
            await session.close()
        }
    }

    @Test func aNewWorldEndsEverySession() async throws {
        try await Bench.run { bench async throws in
            let session = try await bench.liveClient().open(bench.simulator.id(.doorbell))
            #expect(await session.pictures(2).count == 2)
            let reply = try await RingSimulatorTests.send("POST", "\(bench.simulator.controlURL)/reset", body: "{}")
            #expect(reply.status == 200)
            #expect(await session.pictures(100).count < 100)
            await session.close()
        }
    }

    @Test func aSessionThatTheSimulatorEndsStopsSending() async throws {
        try await Bench.run { bench async throws in
            let session = try await bench.liveClient().open(bench.simulator.id(.doorbell))
            #expect(await session.pictures(2).count == 2)
            bench.simulator.advance(by: .seconds(61))
            #expect(await session.pictures(100).count < 100)
            #expect(bench.simulator.openSessions == 0)
            await session.close()
        }
    }

    @Test func anOfferWithoutCandidatesGetsTheAnswerWithoutPackets() async throws {
        try await Bench.run { bench async throws in
            let reply = try await bench.open()
            #expect(reply.status == 201)
            #expect(reply.text.contains("a=candidate:1 1 udp 2130706431 127.0.0.1"))
            let videos = try await bench.sentVideo()
            #expect(videos.count == 1 && videos.allSatisfy { $0 == nil })
        }
    }
}
