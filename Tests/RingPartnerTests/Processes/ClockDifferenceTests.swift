import Foundation
import PostgresServer
import RingCore
import RingCrypto
import RingCurl
import RingOAuth
import RingPostgres
import RingSimulator
import RingTesting
import RingWebhooks
import Testing

/// Machines whose clocks are up to ten minutes apart share one database.
@Suite(
    .serialized, .timeLimit(.minutes(5)), .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct ClockDifferenceTests {
    private static let clocks = [-300, -90, 90, 300]

    @Test func everyAccountIsRefreshedOnce() async throws {
        let accounts = (0..<100).map { "account\($0)" }
        let bench = try await ProcessBench(accounts: accounts, in: .postgres)
        let workers = try Self.clocks.map { try bench.worker(accounts, mode: "stampede", clockAhead: $0) }
        for worker in workers { _ = await worker.line { $0 == "ready" } }
        for worker in workers { worker.write(Array("go\n".utf8)) }
        for worker in workers {
            let outcome = await worker.outcome()
            #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
            #expect(outcome.outputText.contains("failures 0"), "\(outcome.outputText)")
        }
        for account in accounts {
            // Two that refresh at once would send one refresh token twice.
            #expect(bench.responses(account) == [200])
            let record = try #require(try await bench.store.record(for: RingAccountID(rawValue: account)))
            #expect(record.state == .linked)
            #expect(bench.isValid(record.tokens?.refreshToken))
        }
        await bench.simulator.stop()
    }

    /// Each event fails once. Whichever machine took it first, another one whose clock is behind handles it without delay.
    @Test func aRepetitionIsDueForEveryMachineAtTheSameTime() async throws {
        let server = try await PostgresServer.shared.value
        let schema = PostgresServer.newSchema()
        let transport = RingCurlTransport()
        let key = try RingHMACKey(WebhookSigner.testKey)
        var services: [(child: ChildProcess, url: URL)] = []
        for ahead in Self.clocks {
            let environment = ProcessInfo.processInfo.environment.merging([
                "CLOCK_AHEAD": "\(ahead)", "FAIL_FIRST": "1",
            ]) { $1 }
            let child = try ChildProcess(
                ChildProcess.builtPrograms + "/InboxCrashProbe", [server.url, "5", schema], environment: environment,
                input: nil)
            let line = try #require(await child.line { $0.hasPrefix("listening ") })
            services.append((child, try #require(URL(string: "http://127.0.0.1:\(line.dropFirst(10))/webhooks/ring"))))
        }
        let now = Date()
        let drafts = (0..<80).map { index in
            RingWebhookDraft(
                kind: .motionDetected, account: "a", device: RingDeviceID(rawValue: "d\(index % 7)"), subType: .human,
                occurredAt: now, sentAt: now)
        }
        // The machine that is five minutes ahead receives all of them, and is killed when it has begun.
        let ahead = services.removeLast()
        var accepted = 0
        for draft in drafts {
            let request = RingCall(
                method: .post, url: ahead.url, headerFields: draft.headers(signedWith: key),
                body: RingHTTPBody(draft.body), operation: RingOperation("test.webhook"))
            if try await transport.send(request).status == 200 { accepted += 1 }
        }
        ahead.child.signal(9)
        let before = await ahead.child.outcome()
        #expect(accepted == drafts.count)
        let start = ContinuousClock.now
        for service in services { service.child.closeInput() }
        var runs = Self.handled(before)
        for service in services {
            let outcome = await service.child.outcome()
            #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
            runs += Self.handled(outcome)
        }
        #expect(Set(runs) == Set(drafts.map(\.requestID.rawValue)))
        // By the clock of a machine that is ten minutes behind it would be that much later.
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    private static func handled(_ outcome: ChildProcess.Outcome) -> [String] {
        outcome.outputText.split(separator: "\n").filter { $0.hasPrefix("handled ") }
            .map { String($0.split(separator: " ")[1]) }
    }
}
