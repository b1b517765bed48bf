import Foundation
import RingPartner
import RingSimulator
import RingTesting
import Testing

/// Nothing is logged by default: a process that uses the package and does not print has empty output.
@Suite(.timeLimit(.minutes(5)))
struct SilenceTests {
    @Test func aProcessThatPrintsNothingHasPrintedNothing() async throws {
        var ring = RingSimulatorConfiguration()
        ring.switches.devices.insert(.brokenElement)
        // The probe does not link the account, and devices are not shown before that.
        ring.accounts = [RingSimulatorAccount(state: .awaiting)]
        let simulator = try await RingSimulator.start(ring)
        let deaf = try RawServer { _ in }
        deaf.stop()
        var environment = [
            "API_URL": simulator.apiURL, "OAUTH_URL": simulator.oauthURL, "DEAF_URL": deaf.origin,
            "CODE": try simulator.issueCode(), "CLIENT_ID": ring.clientID, "CLIENT_SECRET": ring.clientSecret,
            "HMAC_KEY": ring.hmacKey,
        ]
        // What shows the thread sanitizer our locks; see Scripts/sanitize.sh.
        environment["LD_PRELOAD"] = ProcessInfo.processInfo.environment["LD_PRELOAD"]
        let outcome = try await ChildProcess.run(
            ChildProcess.builtPrograms + "/SilentProbe", environment: environment)
        #expect(outcome.ending == .exited(42))
        #expect(outcome.outputText == "")
        #expect(outcome.errorText == "")
        #expect(simulator.journal.count >= 5)
        await simulator.stop()
    }
}
