import Foundation
import PostgresServer
import RingCore
import RingCrypto
import RingPostgres
import RingTesting
import RingWebhooks
import Synchronization
import Testing

/// An event and what its handler does about it in the database, in one transaction.
@Suite(.timeLimit(.minutes(1)), .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct RingPostgresInboxTests {
    private struct Broken: Error {}

    /// A database with a table of the application.
    private func database() async throws -> (RingPostgresDatabase, schema: String) {
        let server = try await PostgresServer.shared.value
        let options = PostgresServer.options(PostgresServer.newSchema())
        let database = try await RingPostgresDatabase.open(server.url, options: options)
        _ = try await database.execute(
            "CREATE TABLE \(options.schema).visits (device text, at timestamptz DEFAULT now())")
        return (database, options.schema)
    }

    private func inbox(
        _ storage: any RingStorage, _ signer: WebhookSigner, isOrdered: Bool = false,
        handler: @escaping RingWebhookHandler
    ) throws -> RingWebhookInbox {
        var options = RingWebhookInboxOptions()
        options.retries = RingWebhookRetrySchedule(delays: [.milliseconds(10)], maximumAttempts: 4)
        if isOrdered { options.ordering = .perDevice }
        return RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: [signer.key]), storage: storage, options: options, handler: handler)
    }

    private static func draft() -> RingWebhookDraft {
        RingWebhookDraft(
            kind: .motionDetected, account: "account", device: "front door", subType: .human, occurredAt: Date())
    }

    private func visits(_ database: RingPostgresDatabase, _ schema: String) async throws -> Int {
        try await database.execute("SELECT 1 FROM \(schema).visits")
    }

    @Test(arguments: [false, true])
    func theEffectOfARepeatedHandlerIsThereOnce(isOrdered: Bool) async throws {
        let (database, schema) = try await self.database()
        let signer = try WebhookSigner()
        let attempts = Mutex(0)
        let inbox = try self.inbox(database, signer, isOrdered: isOrdered) { delivery in
            let device = delivery.event.deviceID?.rawValue
            try await delivery.execute("INSERT INTO \(schema).visits (device) VALUES ($1)", parameters: [device])
            let rows = try await delivery.execute("SELECT count(*), $1::text FROM \(schema).visits", parameters: [nil])
            #expect(rows == [["1", nil]])
            // Twice it fails after its effect.
            let attempt = attempts.withLock { attempts in
                attempts += 1
                return attempts
            }
            if attempt < 3 { throw Broken() }
        }
        #expect(await signer.send(Self.draft(), to: inbox).outcome == .accepted)
        let work = Task { await inbox.run() }
        while try await inbox.counts().done < 1 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try await self.visits(database, schema) == 1)
        #expect(attempts.withLock { $0 } == 3)
        #expect(await inbox.shutdown(within: .seconds(5)))
        await work.value
        await database.close()
    }

    @Test func whatIsStoredWithAnotherProcessesEventIsUndone() async throws {
        let (database, schema) = try await self.database()
        let signer = try WebhookSigner()
        let key = Mutex<RingWebhookKey?>(nil)
        let inbox = try self.inbox(database, signer) { delivery in
            try await delivery.execute("INSERT INTO \(schema).visits (device) VALUES ('x')")
            // As when this process was suspended, and another one took the event over and has finished it.
            guard key.withLock({ $0 == nil }) else { return }
            key.withLock { $0 = delivery.key }
            _ = try await database.execute(
                "UPDATE \(schema).ring_record SET version = version + 1 WHERE collection = 'inbox'")
        }
        #expect(await signer.send(Self.draft(), to: inbox).outcome == .accepted)
        let work = Task { await inbox.run() }
        while key.withLock({ $0 == nil }) { try await Task.sleep(for: .milliseconds(20)) }
        #expect(await inbox.shutdown(within: .seconds(5)))
        await work.value
        #expect(try await self.visits(database, schema) == 0)
        await database.close()
    }

    @Test func aStatementThatFailsFailsTheAttempt() async throws {
        let (database, schema) = try await self.database()
        let signer = try WebhookSigner()
        let inbox = try self.inbox(database, signer) { delivery in
            try await delivery.execute("INSERT INTO \(schema).visits (device) VALUES ('x')")
            // Even when the handler ignores it: nothing of the transaction can be stored any more.
            _ = try? await delivery.execute("SELECT no_such_function()")
            await #expect(throws: RingError.self) { try await delivery.execute("SELECT $1", parameters: ["a\0b"]) }
        }
        #expect(await signer.send(Self.draft(), to: inbox).outcome == .accepted)
        let work = Task { await inbox.run() }
        while try await inbox.counts().quarantined < 1 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try await self.visits(database, schema) == 0)
        #expect(await inbox.shutdown(within: .seconds(5)))
        await work.value
        await database.close()
    }

    @Test func copyingToTheClientIsRefused() async throws {
        let (database, _) = try await self.database()
        for statement in ["COPY (SELECT 1) TO STDOUT", "COPY pg_class FROM STDIN"] {
            let transaction = try #require(database.transaction())
            await #expect { try await transaction.execute(statement, parameters: []) } throws: {
                "\($0)".contains("SQLSTATE 0A000")
            }
            await transaction.rollBack()
        }
        await database.close()
    }

    @Test func aHandlerMayDoOtherThingsWithinItsTransaction() async throws {
        let (database, _) = try await self.database()
        let transaction = try #require(database.transaction())
        let limit = try await transaction.execute("SHOW idle_in_transaction_session_timeout", parameters: [])
        #expect(limit == [["10min"]])
        await transaction.rollBack()
        await database.close()
    }

    @Test func aStorageWithoutTransactionsSaysSo() async throws {
        let signer = try WebhookSigner()
        let inbox = try self.inbox(RingMemoryStorage(), signer) { delivery in
            await #expect { try await delivery.execute("SELECT 1") } throws: {
                ($0 as? RingError)?.code == .misconfigured
            }
        }
        #expect(await signer.send(Self.draft(), to: inbox).outcome == .accepted)
        let work = Task { await inbox.run() }
        while try await inbox.counts().done < 1 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(await inbox.shutdown(within: .seconds(5)))
        await work.value
    }
}
