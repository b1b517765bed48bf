import RingTesting
import RingWHEP
import Testing

@Suite struct WHEPSessionMemoryLedgerTests {
    @Test(arguments: WHEPSessionLedgerConformance.checks)
    func keepsTheContract(check: WHEPSessionLedgerConformance.Check) async throws {
        try await check.run(WHEPSessionMemoryLedger())
    }
}
