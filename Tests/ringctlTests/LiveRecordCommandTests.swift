import RingJSONAPI
import RingTesting
import Testing

/// `live record` before a session is opened. Recordings themselves are proved in RingLiveTests.
@Suite(.timeLimit(.minutes(2))) struct LiveRecordCommandTests {
    let ringctl = Ringctl()

    @Test(arguments: [
        ["d"], ["-o", "a.mp4"], ["d", "-o", ""], ["d", "-o", "a.mp4", "--format", "avi"],
        ["d", "-o", "-", "--format", "hls"],
        ["d", "-o", "a.h264", "--format", "h264", "--audio"], ["d", "-o", "a.mp4", "--slate"],
        ["d", "-o", "-", "--segment", "1m"], ["d", "-o", "a.mp4", "--segment", "0s"],
        ["d", "-o", "a.mp4", "--duration", "0s"], ["d", "-o", "a.mp4", "--duration", "soon"],
        ["d", "-o", "a.mp4", "--power", "sun"], ["d", "-o", "/dev/null"],
        ["d", "-o", "/nonexistent/a.mp4"], ["d", "-o", "/nonexistent/%t.mp4", "--segment", "1m"], ["d", "-o", "/tmp"],
        ["d", "-o", "/dev/null/www", "--format", "hls"], ["d", "-o", "a.h264", "--format", "h264", "--segment", "1m"],
    ])
    func aUsageErrorIsToldBeforeACameraIsWoken(words: [String]) async throws {
        let outcome = try await self.ringctl.run(["live", "record"] + words + ["--json"])
        #expect(outcome.status == 2, "\(outcome.errorText)")
        #expect(["usage", "invalid_argument"].contains(outcome.failure?["code"]?.string))
        #expect(outcome.output.isEmpty)
    }

    /// What is missing here is GStreamer, or an account.
    @Test func anAddressOfRTPIsNotLookedForAsAFile() async throws {
        let outcome = try await self.ringctl.run(["live", "record", "d", "-o", "rtp://127.0.0.1:5004", "--json"])
        let code = outcome.failure?["code"]?.string
        #expect(["live_engine_missing", "not_signed_in"].contains(code), "\(outcome.errorText)")
        #expect(outcome.output.isEmpty)
    }
}
