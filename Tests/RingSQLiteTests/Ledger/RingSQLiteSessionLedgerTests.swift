import Foundation
import RingCore
import RingSQLite
import RingTesting
import RingWHEP
import Testing

@Suite struct RingSQLiteSessionLedgerTests {
    @Test(arguments: WHEPSessionLedgerConformance.checks)
    func keepsTheContract(check: WHEPSessionLedgerConformance.Check) async throws {
        let folder = TemporaryFolder()
        let database = try await RingSQLiteDatabase.open(.file(folder.file()))
        try await check.run(try await RingSQLiteSessionLedger(in: database))
        await database.close()
    }

    @Test func recordsSurviveTheProcessAndAClosedFileIsATypedError() async throws {
        let folder = TemporaryFolder()
        let database = try await RingSQLiteDatabase.open(.file(folder.file()))
        let ledger = try await RingSQLiteSessionLedger(in: database)
        let record = WHEPSessionRecord(
            id: "a", owner: WHEPSessionOwner(), account: "account-1", device: "cam",
            startedAt: Date(timeIntervalSince1970: 1), mayRunUntil: Date(timeIntervalSince1970: 2))
        try await ledger.insert(record)
        await database.close()
        let error = await #expect(throws: RingError.self) { try await ledger.insert(record) }
        #expect(error?.code == .storageFailed)

        let again = try await RingSQLiteDatabase.open(.file(folder.file()))
        #expect(try await RingSQLiteSessionLedger(in: again).records() == [record])
        await again.close()
    }
}
