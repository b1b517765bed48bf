import RingJSONAPI
import RingTesting
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
}
