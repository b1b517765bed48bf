import Foundation
import RingPartner
import RingSimulator
import RingTesting
import Testing

/// What is in the files of the storage while an account is linked, a live session is open and a webhook waits.
@Suite(.timeLimit(.minutes(2)))
struct StorageSecrecyTests {
    /// Without keys the secrets are found: the search can find them.
    @Test(arguments: [true, false])
    func filesContainSecretsOnlyWithoutSealingKeys(isSealed: Bool) async throws {
        let bench = try await PartnerBench { if !isSealed { $0.sealing = nil } }
        let account = try await bench.link()
        let id = try #require(account.id)
        let door = try #require(try await account.devices.list(include: []).first).id
        let session = try await account.live.open(door, offer: try PartnerBench.offer())
        let inbox = try bench.inbox()
        let (body, signature) = try bench.simulator.motion(at: door)
        #expect(
            await inbox.handle(headers: [.contentType: "application/json", .signature: signature], body: body).status
                == 200)

        let record = try #require(try await bench.client.tokens.store.record(for: id))
        let ledger = WHEPSessionLedger(
            storage: bench.database, sealing: bench.client.configuration.sealing,
            environment: bench.client.configuration.environment)
        let secrets = [
            try #require(record.tokens?.accessToken?.revealed), try #require(record.tokens?.refreshToken?.revealed),
            try #require(try await ledger.records().first?.sessionURL?.absoluteString), "motion_detected",
        ]
        let stored = try Self.bytes(in: bench.folder)
        for secret in secrets {
            let isFound = stored.range(of: Data(secret.utf8)) != nil
            #expect(isFound != isSealed)
        }
        _ = await session.close()
        await bench.close()
    }

    private static func bytes(in folder: URL) throws -> Data {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.lastPathComponent.hasPrefix("ring.sqlite") }.map { try Data(contentsOf: $0) }
            .reduce(Data(), +)
    }
}
