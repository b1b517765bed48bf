#if os(Linux)
import RingTesting
import Testing

/// Names that cannot be looked up, or not in time, with a resolver that does so without a network: that of `CurlProbe`.
@Suite(.timeLimit(.minutes(1))) struct RingCurlLookUpTests {
    @Test func keepsEveryLimitWhileNamesAreLookedUp() async throws {
        let outcome = try await ChildProcess.run(ChildProcess.builtPrograms + "/CurlProbe", ["look-ups"])
        #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
        #expect(
            outcome.outputText.split(separator: "\n") == [
                // No such name; no response for now; a response that is not valid.
                "unknown: host_not_found, notSent", "later: host_not_found, notSent",
                "failed: host_not_found, notSent",
                // Nothing was sent: a read is tried again, a sound is not played by itself.
                "test.read: 3 attempts", "test.change: 1 attempts",
                // A look-up that hangs: the limit for connecting, the deadline, the task's cancellation.
                "limited: timed_out, notSent", "hurried: deadline_exceeded, notSent", "cancelled: at once",
                // Other calls of the same transport meanwhile.
                "beside: 200 responses",
            ])
    }
}
#endif
