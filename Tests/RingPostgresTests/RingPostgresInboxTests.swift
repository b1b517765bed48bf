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
@Suite(.timeLimit(.minutes(5)), .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
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
        _ storage: any RingStorage, _ signer: WebhookSigner, isOrdered: Bool = false, concurrency: Int = 16,
        handler: @escaping RingWebhookHandler
    ) throws -> RingWebhookInbox {
        var options = RingWebhookInboxOptions()
        options.retries = RingWebhookRetrySchedule(delays: [.milliseconds(10)], maximumAttempts: 4)
        options.concurrency = concurrency
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
        #expect(await inbox.shutdown(within: .seconds(60)))
        await work.value
        await database.close()
    }

    /// The age of the oldest webhook that waits, from the index that it has for this, whichever way webhooks wait.
    @Test(arguments: [false, true]) func theOldestThatWaitsIsFound(isOrdered: Bool) async throws {
        let (database, _) = try await self.database()
        let signer = try WebhookSigner()
        let isBroken = Mutex(true)
        let inbox = try self.inbox(database, signer, isOrdered: isOrdered) { _ in
            if isBroken.withLock({ $0 }) { throw RingWebhookError.retry(after: .seconds(1)) }
        }
        #expect(try await inbox.oldestWaiting() == nil)
        let before = Date()
        #expect(await signer.send(Self.draft(), to: inbox).outcome == .accepted)
        let after = Date()
        for _ in 0..<20 { #expect(await signer.send(Self.draft(), to: inbox).outcome == .accepted) }
        // Stored in whole microseconds.
        let oldest = try #require(try await inbox.oldestWaiting())
        #expect(oldest >= before - 0.001 && oldest <= after + 0.001)
        let work = Task { await inbox.run() }
        isBroken.withLock { $0 = false }
        while try await inbox.counts().done < 21 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try await inbox.oldestWaiting() == nil)
        #expect(await inbox.shutdown(within: .seconds(60)))
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
        #expect(await inbox.shutdown(within: .seconds(60)))
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
        #expect(await inbox.shutdown(within: .seconds(60)))
        await work.value
        await database.close()
    }

    /// The response to the end of the transaction is lost. The effect is there once, whether the end had happened or not.
    @Test(arguments: [FaultyStorage.Moment.before, .after])
    func anEndThatIsNotKnownIsFoundOut(moment: FaultyStorage.Moment) async throws {
        let (database, schema) = try await self.database()
        let storage = FaultyStorage(database)
        let signer = try WebhookSigner()
        let attempts = Mutex(0)
        // No handler is free meanwhile, so nothing else is committed.
        let inbox = try self.inbox(storage, signer, concurrency: 1) { delivery in
            try await delivery.execute("INSERT INTO \(schema).visits (device) VALUES ('x')")
            let isFirst = attempts.withLock { attempts in
                attempts += 1
                return attempts == 1
            }
            if isFirst { storage.failCommit(storage.commitCount + 1, moment) }
        }
        #expect(await signer.send(Self.draft(), to: inbox).outcome == .accepted)
        let work = Task { await inbox.run() }
        while try await inbox.counts().done < 1 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(attempts.withLock { $0 } == (moment == .before ? 2 : 1))
        #expect(try await self.visits(database, schema) == 1)
        #expect(await inbox.shutdown(within: .seconds(60)))
        await work.value
        await database.close()
    }

    /// Another machine has begun to take the first ones.
    @Test func whatSomebodyElseIsTakingIsPassedOver() async throws {
        let (database, schema) = try await self.database()
        let things = RingStorageCollection(name: "things", indexes: ["key"])
        for number in 0..<6 {
            let record = RingStorageRecord(id: RingStorageID(things, "n\(number)"), version: 1, keys: [.integer(1)])
            #expect(try await database.commit([.put(record, replacing: nil)]))
        }
        let other = try #require(database.transaction())
        let lock = "SELECT 1 FROM \(schema).ring_record WHERE name < 'n2' AND collection = 'things' FOR UPDATE"
        #expect(try await other.execute(lock, parameters: []).count == 2)
        let start = ContinuousClock.now
        let taken = try await database.take(
            matching: RingStorageQuery(things, index: 0, limit: 3), excluding: [], token: 7, for: .seconds(60))
        #expect(taken?.map(\.id.name) == ["n2", "n3", "n4"])
        // Not after the other one's end, or the limit for locks.
        #expect(ContinuousClock.now - start < .seconds(4))
        await other.rollBack()
        await database.close()
    }

    /// Several machines work on what one has received; each event is handled once, and those of a device in their order.
    @Test(arguments: [false, true])
    func machinesShareTheWork(isOrdered: Bool) async throws {
        let (database, schema) = try await self.database()
        let signer = try WebhookSigner()
        let receiver = try self.inbox(database, signer, isOrdered: isOrdered) { _ in }
        let now = Date()
        for number in 0..<120 {
            let draft = RingWebhookDraft(
                kind: .motionDetected, account: "a", device: RingDeviceID(rawValue: "d\(number % 12)"),
                subType: .human, occurredAt: now, sentAt: now + Double(number) / 1_000)
            #expect(await signer.send(draft, to: receiver).outcome == .accepted)
        }
        let handled = Mutex<[(machine: Int, device: String, sentAt: Date?)]>([])
        var (machines, inboxes, runs): ([RingPostgresDatabase], [RingWebhookInbox], [Task<Void, Never>]) = ([], [], [])
        for machine in 0..<4 {
            let storage = try await RingPostgresDatabase.open(
                try await PostgresServer.shared.value.url, options: PostgresServer.options(schema))
            let inbox = try self.inbox(storage, signer, isOrdered: isOrdered) { delivery in
                handled.withLock {
                    $0.append((machine, delivery.event.deviceID?.rawValue ?? "", delivery.event.sentAt))
                }
                try await Task.sleep(for: .milliseconds(30))
            }
            machines.append(storage)
            inboxes.append(inbox)
            runs.append(Task { await inbox.run() })
        }
        while try await receiver.counts().done < 120 { try await Task.sleep(for: .milliseconds(20)) }
        let list = handled.withLock { $0 }
        #expect(list.count == 120)
        #expect(Set(list.map(\.machine)).count > 1)
        if isOrdered {
            for (device, some) in Dictionary(grouping: list, by: \.device) {
                #expect(some.map { $0.sentAt ?? now } == some.map { $0.sentAt ?? now }.sorted(), "\(device)")
            }
        }
        for inbox in inboxes { #expect(await inbox.shutdown(within: .seconds(60))) }
        for run in runs { await run.value }
        for storage in machines + [database] { await storage.close() }
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
        #expect(await inbox.shutdown(within: .seconds(60)))
        await work.value
    }
}
