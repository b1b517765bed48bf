import RingJSONAPI
import RingTesting
import Synchronization
import Testing

/// What every command has in common: settings, help, usage errors.
@Suite(.timeLimit(.minutes(2))) struct FrameworkTests {
    let ringctl = Ringctl()

    @Test func versionAndHelpAreResults() async throws {
        let version = try await self.ringctl.run("--version")
        #expect(version.status == 0)
        #expect(version.outputText.hasPrefix("ringctl 0."))
        let help = try await self.ringctl.run("--help")
        #expect(help.status == 0)
        #expect(help.outputText.contains("--api-url URL"))
        #expect(help.error.isEmpty)
    }

    @Test(arguments: [
        ["frobnicate"], [], ["--frobnicate"], ["nonce", "compute", "--time"], ["--timeout", "0", "nonce", "compute"],
        ["--timeout", "0x10", "completions", "bash"], ["--timeout", "1e3", "completions", "bash"],
    ])
    func aUsageErrorEndsWithTwo(words: [String]) async throws {
        let text = try await self.ringctl.run(words)
        #expect(text.status == 2)
        #expect(text.output.isEmpty)
        #expect(text.errorText.hasPrefix("ringctl: "))
        let json = try await self.ringctl.run(words + ["--json"])
        if words.last != "--time" {
            #expect(json.status == 2)
            #expect(json.failure?["code"]?.string == "usage")
        }
    }

    /// Secrets are often read from files: one line break at their end is not a part of them. Other white space is named.
    @Test func whiteSpaceAroundAVariableIsNamed() async throws {
        for name in ["RING_ACCESS_TOKEN", "RING_REFRESH_TOKEN", "RING_CLIENT_SECRET", "RING_API_URL"] {
            var ringctl = self.ringctl
            ringctl.environment = [name: " hunter2-hunter2", "RING_STORE": "memory"]
            let outcome = try await ringctl.run("devices", "list")
            #expect(outcome.status == 2)
            #expect(outcome.errorText == "ringctl: \(name): white space surrounds the value; remove it\n")
        }
    }

    @Test(arguments: ["\n", "\r\n", ""]) func aLineBreakBehindTheAccessTokenIsNoPartOfIt(ending: String) async throws {
        let seen = Mutex<String?>(nil)
        let server = try RawServer { connection in
            guard let request = try connection.readHead() else { return }
            seen.withLock { $0 = request["Authorization"] }
            try connection.respond(fields: ["Content-Type: application/json"], body: Array(#"{"data":[]}"#.utf8))
        }
        defer { server.stop() }
        var ringctl = self.ringctl
        ringctl.environment = ["RING_ACCESS_TOKEN": "hunter2-hunter2" + ending, "RING_API_URL": server.origin + ending]
        let outcome = try await ringctl.run("devices", "list")
        #expect(outcome.status == 0, "\(outcome.errorText)")
        #expect(seen.withLock { $0 } == "Bearer hunter2-hunter2")
    }
}
