import Foundation
import RingPartner
import RingSimulator
import RingTesting
import Testing

/// Nothing is logged by default: a process that uses the package and does not print has empty output. A service with settings from
/// the environment says what it refuses.
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

    @Test(arguments: [nil, "error", "off"]) func aServiceThatRefusesEveryRequestSaysSo(level: String?) async throws {
        var environment = [
            "RING_CLIENT_ID": "c", "RING_CLIENT_SECRET": "secret-of-the-app", "RING_HMAC_KEY": "secret-key",
            "RING_SEALING_KEYS": "c2VhbGluZy1rZXktZm9yLXRlc3RzLW9ubHktMDAwMDE=",
        ]
        environment["RING_LOG"] = level
        environment["LD_PRELOAD"] = ProcessInfo.processInfo.environment["LD_PRELOAD"]
        let outcome = try await ChildProcess.run(
            ChildProcess.builtPrograms + "/SilentProbe", environment: environment)
        #expect(outcome.ending == .exited(42))
        #expect(outcome.outputText == "")
        let lines = outcome.errorText.split(separator: "\n")
        #expect(!outcome.errorText.contains("secret"))
        switch level {
        case nil:
            #expect(lines.count { $0.hasPrefix("warning webhook.received outcome=forged status=401 ") } == 10)
            #expect(lines.contains { $0.hasPrefix("error webhook.refusals_in_a_row count=") })
            #expect(lines.contains("warning link.code_received outcome=code_missing status=400"))
            #expect(lines.count < 20)
        case "error"?: #expect(!lines.isEmpty && lines.allSatisfy { $0.hasPrefix("error ") })
        default: #expect(lines.isEmpty)
        }
    }
}
