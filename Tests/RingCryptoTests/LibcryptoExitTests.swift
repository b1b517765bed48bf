#if !canImport(CryptoKit)
import RingTesting
import Testing

/// A process that began with RingCrypto must not have libcrypto taken down under its threads as it ends.
@Suite struct LibcryptoExitTests {
    @Test(arguments: ["random", "hash", "code", "seal"])
    func libcryptoIsNotTakenDown(first: String) async throws {
        let outcome = try await self.run(first)
        #expect(outcome.contains("did "))
        #expect(!outcome.contains("taken down"))
    }

    /// The probe can tell: without RingCrypto, libcrypto is taken down.
    @Test func theProbeHearsIt() async throws {
        #expect(try await self.run("nothing").contains("taken down"))
    }

    private func run(_ first: String) async throws -> String {
        let process = try ChildProcess(
            ChildProcess.builtPrograms + "/CryptoExitProbe", [first], environment: [:], input: nil)
        let outcome = await process.outcome()
        #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
        return outcome.outputText
    }
}
#endif
