import Foundation
import RingCore
import RingLive
import RingTesting
import RingWHEP
import Testing

/// Recordings of sessions with a real WebRTC engine, read by ffmpeg.
@Suite(
    .enabled(LivePeer.reason) { await LivePeer.isReady() }, .enabled(if: FFmpeg.isInstalled, FFmpeg.comment),
    .timeLimit(.minutes(5)), .serialized)
struct LiveRecordingTests {
    @Test func aSessionIsRecordedWithItsSound() async throws {
        let (peer, folder) = (try await LivePeer.running(), try TestFolder())
        let device = peer.device()
        let recorder = try RingLiveRecorder(
            to: .file(folder.file("door.mp4")), options: RingLiveRecordingOptions(includesAudio: true))

        let recording = try await peer.client().record(device, with: recorder, duration: .seconds(6))

        #expect(recording.failure == nil)
        #expect(recording.frameCount >= 20)
        #expect(recording.duration < .seconds(8))
        #expect(try await FFmpeg.digests(folder.file("door.mp4")).count == recording.frameCount)
        let sound = try await FFmpeg.packets(folder.file("door.mp4"), "a:0").count
        #expect(sound >= 10, "\(sound) packets of sound; \(recording.skippedUnits) units were left out")
        #expect(recording.sessions.map(\.endReason) == ["closed"])
        #expect(try await peer.count("POST", device) == 1)
        #expect(try await peer.count("DELETE", device) == 1)
    }

    @Test func sessionsOfAChainFollowEachOther() async throws {
        let (peer, folder) = (try await LivePeer.running(), try TestFolder())
        let device = peer.device()
        // Sessions of five seconds.
        let client = peer.client(
            WHEPConfiguration(
                maximumUnknownDuration: .seconds(7), startTimeout: .seconds(60), closeTimeout: .seconds(20)))
        let recorder = try RingLiveRecorder(
            to: .file(folder.file("door.mp4")), options: RingLiveRecordingOptions(fillsGaps: true))

        let recording = try await client.record(device, with: recorder, duration: .seconds(16), isChained: true)

        #expect(recording.failure == nil)
        #expect(recording.sessionCount >= 2)
        #expect(recording.gapCount >= 1)
        // One at each change of the session, where the last one may end before its first picture; a gap within a session is a
        // sender without processor time.
        let changes = recording.gaps.count { $0.reason == "deadline" }
        #expect(changes >= 1 && (recording.sessionCount - 2...recording.sessionCount - 1).contains(changes))
        #expect(recording.gaps.allSatisfy { $0.duration > .zero && ["deadline", "stalled"].contains($0.reason) })
        let pictures = try await FFmpeg.digests(folder.file("door.mp4")).count
        #expect(pictures > recording.frameCount, "with slates")
        let (posts, deletes) = (try await peer.count("POST", device), try await peer.count("DELETE", device))
        #expect(posts == recording.sessionCount && deletes == posts)
    }

    @Test func aCancelledRecordingIsComplete() async throws {
        let (peer, folder) = (try await LivePeer.running(), try TestFolder())
        let device = peer.device()
        let recorder = try RingLiveRecorder(to: .file(folder.file("door.mp4")))
        let work = Task { try await peer.client().record(device, with: recorder) }
        for await progress in recorder.progress where progress.frameCount >= 10 { break }
        work.cancel()
        let recording = try await work.value
        #expect(try await FFmpeg.digests(folder.file("door.mp4")).count == recording.frameCount)
        #expect(try await peer.count("DELETE", device) == 1)
    }
}
