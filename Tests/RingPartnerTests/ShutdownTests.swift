import Foundation
import RingPartner
import RingSQLite
import RingSimulator
import RingTesting
import Testing

/// What a service does in the background, and how it ends.
@Suite(.timeLimit(.minutes(2)))
struct ShutdownTests {
    @Test func everythingEndsAndTheStorageIsClosed() async throws {
        let bench = try await PartnerBench()
        let account = try await bench.link()
        let door = try #require(try await account.devices.list(include: []).first).id
        _ = try await account.live.open(door, offer: try PartnerBench.offer())
        #expect(bench.simulator.openSessions == 1)
        let inbox = try bench.inbox()
        let running = Task { await bench.client.run(inbox: inbox) }

        let report = await bench.client.shutdown(within: .seconds(30))

        #expect(!report.handlersStillRunning && report.sessionsNotClosed == 0)
        #expect(report.isComplete)
        await running.value
        #expect(bench.simulator.openSessions == 0)
        let (body, signature) = try bench.simulator.motion(at: door)
        #expect(
            await inbox.handle(headers: [.contentType: "application/json", .signature: signature], body: body).status
                == 503)
        let error = await #expect(throws: RingError.self) { try await bench.database.records([]) }
        #expect(error?.code == .storageFailed)
        await bench.close()
    }

    /// The storage stays open for the tokens of a refresh that is slower than the limit.
    @Test func aSlowRefreshIsReportedAndItsTokensAreStored() async throws {
        let bench = try await PartnerBench()
        let id = try #require(try await bench.link().id)
        bench.simulator.change { $0.next[.refreshResponseHeld] = 1 }
        let refresh = Task { try await bench.client.tokens.refresh(id) }
        await bench.simulator.waitUntilHeld(1)

        let early = await bench.client.shutdown(within: .milliseconds(200))
        #expect(early.refreshesStillRunning)
        #expect(!early.isComplete)

        bench.simulator.release()
        #expect(try await refresh.value.state == .linked)
        #expect(await bench.client.shutdown(within: .seconds(30)).isComplete)
        let storage = try await RingSQLiteDatabase.open(.file(bench.folder.appendingPathComponent("ring.sqlite").path))
        let store = RingTokenStore(storage: storage, sealing: bench.client.configuration.sealing)
        let token = try #require(try await store.record(for: id)?.tokens?.refreshToken)
        #expect(bench.simulator.isValid(refreshToken: token.revealed))
        await storage.close()
        await bench.close()
    }

    /// Closing the storage would give up the handler's lease, and another process would run the webhook beside it.
    @Test func aHandlerThatIgnoresItsCancellationKeepsTheStorageOpen() async throws {
        let bench = try await PartnerBench()
        let account = try await bench.link()
        let door = try #require(try await account.devices.list(include: []).first).id
        let (started, go) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        var router = RingWebhookRouter()
        router.onEvery { _ in
            started.continuation.yield()
            await Task.detached { for await _ in go.stream { break } }.value
        }
        let inbox = try bench.inbox(router)
        let running = Task { await bench.client.run(inbox: inbox) }
        let (body, signature) = try bench.simulator.motion(at: door)
        let response = await inbox.handle(
            headers: [.contentType: "application/json", .signature: signature], body: body)
        #expect(response.status == 200)
        for await _ in started.stream { break }

        let early = await bench.client.shutdown(within: .milliseconds(600))
        #expect(early.handlersStillRunning)
        #expect(try await bench.database.records([]).isEmpty, "the storage is open")
        // The service's main function waits for this: it returns although the handler goes on.
        await running.value

        go.continuation.yield()
        let late = await bench.client.shutdown(within: .seconds(30))
        #expect(!late.handlersStillRunning && late.isComplete)
        await #expect(throws: RingError.self) { try await bench.database.records([]) }
        await bench.close()
    }

    @Test func tokensThatCannotBeStoredAreReported() async throws {
        let storage = FaultyStorage()
        let bench = try await PartnerBench { $0.storage = storage }
        let id = try #require(try await bench.link().id)
        bench.simulator.change { $0.next[.refreshResponseHeld] = 1 }
        let refresh = Task { try await bench.client.tokens.refresh(id) }
        await bench.simulator.waitUntilHeld(1)
        storage.failCommits(FaultyStorage.full)
        bench.simulator.release()
        await #expect(throws: RingError.self) { try await refresh.value }

        let early = await bench.client.shutdown(within: .seconds(10))
        #expect(early.unsavedAccounts == [id])
        #expect(!early.refreshesStillRunning && !early.isComplete)

        storage.failCommits(nil)
        #expect(await bench.client.shutdown(within: .seconds(30)).isComplete)
        await bench.close()
    }

    /// Tokens whose account could not be found out are identified later, and linked without a new code.
    @Test func runIdentifiesTokens() async throws {
        let bench = try await PartnerBench { $0.retryPolicy = RingRetryPolicy(attempts: 1) }
        bench.simulator.change { $0.next[.apiFailed] = 1 }
        let response = await bench.client.linker.handle(try bench.codeRequest())
        #expect(response.status == 200)
        #expect(try await bench.client.tokens.statuses().first?.state == .unidentified)

        let running = Task { await bench.client.run() }
        let account = bench.simulator.accountID
        while try await bench.client.tokens.statuses().map(\.accountID) != [account] { await Task.yield() }
        #expect(try await bench.client.tokens.status(of: account).state == .unclaimed)
        running.cancel()
        await running.value
        await bench.close()
    }

    /// A failing storage is reported, and `run` goes on.
    @Test func failuresAreReported() async throws {
        let storage = FaultyStorage()
        let bench = try await PartnerBench { $0.storage = storage }
        storage.failReads(FaultyStorage.full)
        let running = Task { await bench.client.run() }
        let tasks = { bench.observer.events(RingMaintenanceFailed.self).map(\.task) }
        while !Set(tasks()).isSuperset(of: ["identify", "resume_links", "recover_live", "purge"]) { await Task.yield() }
        #expect(bench.observer.events(RingMaintenanceFailed.self).allSatisfy { $0.code == .storageFailed })
        running.cancel()
        await running.value
        await bench.close()
    }
}
