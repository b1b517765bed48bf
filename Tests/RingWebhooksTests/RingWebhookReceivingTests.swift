import Foundation
import RingCore
import RingTesting
import RingWebhooks
import Synchronization
import Testing

/// The response to Ring, for every kind of request.
@Suite(.timeLimit(.minutes(1))) struct RingWebhookReceivingTests {
    let signer: WebhookSigner
    let storage: RingMemoryStorage
    let clock = ManualClock()
    let observer = RecordingObserver()

    init() throws {
        self.signer = try WebhookSigner()
        self.storage = RingMemoryStorage(uptime: self.clock.uptime)
    }

    var environment: RingEnvironment { RingEnvironment(clock: self.clock, observer: self.observer) }

    func counts() async throws -> RingWebhookCounts {
        try await RingWebhookStore(storage: self.storage, sealing: nil, environment: self.environment).counts()
    }

    func inbox(
        storage: (any RingStorage)? = nil, _ change: (inout RingWebhookInboxOptions) -> Void = { _ in }
    ) throws -> RingWebhookInbox {
        var options = RingWebhookInboxOptions()
        change(&options)
        return RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: [self.signer.key]), storage: storage ?? self.storage,
            options: options, environment: self.environment, handler: { _ in })
    }

    func draft(_ kind: RingEventKind = .motionDetected, sentAgo: Double = 0) -> RingWebhookDraft {
        RingWebhookDraft(kind: kind, account: "a", device: "d", occurredAt: self.clock.now() - sentAgo)
    }

    @Test func theStatusTableIsTheOneOfTheDocumentation() {
        let table = Dictionary(
            uniqueKeysWithValues: RingWebhookOutcome.allCases.map { ($0.rawValue, $0.status) })
        #expect(
            table == [
                "accepted": 200, "accepted_unknown": 200, "duplicate": 200, "quarantined": 200, "unsigned": 401,
                "forged": 401, "wrong_method": 405, "too_large": 413, "incomplete": 503, "store_failed": 503,
                "queue_full": 503, "stopped": 503,
            ])
    }

    @Test func acceptsOnceAndRecognisesTheRepetition() async throws {
        let inbox = try self.inbox()
        let draft = self.draft()
        #expect(await self.signer.send(draft, to: inbox).outcome == .accepted)
        let again = await self.signer.send(draft, to: inbox)
        #expect(again.outcome == .duplicate)
        #expect(again.status == 200)
        #expect(try await self.counts() == RingWebhookCounts(waiting: 1))
    }

    @Test func anUnknownKindIsAcceptedAndSaidToBe() async throws {
        let response = await self.signer.send(self.draft(RingEventKind(rawValue: "news")), to: try self.inbox())
        #expect(response.outcome == .acceptedUnknown)
        #expect(try await self.counts().waiting == 1)
    }

    @Test(arguments: ["GET", "PUT", "HEAD", "DELETE", "post"])
    func onlyAPostIsADelivery(method: String) async throws {
        let body = self.draft().body
        let response = try await self.inbox().handle(
            method: RingHTTPMethod(rawValue: method), headers: self.signer.headers(for: body), body: body)
        #expect(response.status == 405)
        #expect(response.headers["Allow"] == "POST")
    }

    @Test func headersHaveNoCase() async throws {
        let body = self.draft().body
        let headers: RingHTTPFields = [
            "content-type": "application/json", "x-SIGNATURE": self.signer.signature(of: body).uppercased(),
        ]
        #expect(try await self.inbox().handle(headers: headers, body: body).status == 200)
    }

    @Test func aMissingOrWrongSignatureIsUnauthorised() async throws {
        let inbox = try self.inbox()
        let body = self.draft().body
        #expect(await inbox.handle(headers: [:], body: body).outcome == .unsigned)
        #expect(await inbox.handle(headers: ["X-Signature": "sha256=00"], body: body).outcome == .unsigned)
        #expect(await inbox.handle(headers: self.signer.forgedHeaders(for: body), body: body).outcome == .forged)
        let two: RingHTTPFields = [
            "X-Signature": self.signer.signature(of: body), "x-signature": self.signer.signature(of: body),
        ]
        #expect(await inbox.handle(headers: two, body: body).outcome == .unsigned)
        #expect(try await self.counts() == RingWebhookCounts())
    }

    @Test func nothingIsLookedAtBeforeTheSignature() async throws {
        // A body that would be quarantined if it were read, and would be a duplicate if it were kept.
        let response = try await self.inbox().handle(headers: ["X-Signature": "x"], body: Array("not JSON".utf8))
        #expect(response.outcome == .unsigned)
        #expect(response.event == nil)
        #expect(try await self.counts() == RingWebhookCounts())
    }

    @Test func aBodyOverTheCapIsTooLarge() async throws {
        let inbox = try self.inbox { $0.maximumBodyBytes = 1_000 }
        let body = [UInt8](repeating: 32, count: 1_001)
        #expect(await inbox.handle(headers: self.signer.headers(for: body), body: body).status == 413)
        let large = [UInt8](repeating: 0x5b, count: 10_000_000)
        #expect(try await self.inbox().handle(headers: self.signer.headers(for: large), body: large).status == 413)
    }

    /// Rightly signed bodies that are no event; each with the reason it is set aside for.
    static let poison: [(name: String, body: [UInt8])] = [
        ("an empty array", Array("[]".utf8)), ("null", Array("null".utf8)), ("nothing", []),
        ("white space", Array(" \n".utf8)), ("a string", Array(#""motion_detected""#.utf8)),
        ("a number", Array("1795000000500".utf8)), ("a ping", Array(#"{"ping":1}"#.utf8)),
        ("depth 100,000", [UInt8](repeating: 0x5b, count: 100_000)),
        ("closed depth 100,000", [UInt8](repeating: 0x5b, count: 100_000) + [UInt8](repeating: 0x5d, count: 100_000)),
        (
            "deep objects",
            Array((String(repeating: #"{"a":"#, count: 50_000) + "1" + String(repeating: "}", count: 50_000)).utf8)
        ),
        ("invalid UTF-8", Array(#"{"data":{"type":""#.utf8) + [0xff, 0xfe] + Array(#""}}"#.utf8)),
        ("a lone surrogate", Array(#"{"data":{"type":"\ud800"}}"#.utf8)),
        ("a zero byte", Array(#"{"data":{"type":"x"}}"#.utf8) + [0]),
        ("a byte order mark", [0xef, 0xbb, 0xbf] + Array(#"{"data":{"type":"x"}}"#.utf8)),
        ("a million digits", Array((#"{"data":"# + String(repeating: "9", count: 1_000_000) + "}").utf8)),
        ("many values", Array(("[" + String(repeating: "1,", count: 300_000) + "1]").utf8)),
        ("truncated", Array(#"{"meta":{"version":"1.1""#.utf8)),
    ]

    @Test(arguments: poison.map(\.name))
    func signedPoisonIsSetAsideOnceAndNeverDeliveredSevenTimes(name: String) async throws {
        let body = try #require(Self.poison.first { $0.name == name }?.body)
        let inbox = try self.inbox()
        let headers = self.signer.headers(for: body)
        let first = await inbox.handle(headers: headers, body: body)
        #expect(first.outcome == .quarantined)
        #expect(first.status == 200)
        #expect(first.error != nil)
        #expect(await inbox.handle(headers: headers, body: body).outcome == .duplicate)
        let kept = try await inbox.quarantined()
        #expect(kept.map(\.body) == [body])
        #expect(kept.first?.reason.isEmpty == false)
    }

    @Test(arguments: [
        #""timestamp":1e999"#, #""timestamp":99999999999999999999999"#, #""timestamp":-9223372036854775808"#,
        #""timestamp":9223372036854775807"#, #""timestamp":{}"#, #""component_ids":{"a":1}"#, #""source":7"#,
        #""sub_type":[]"#, #""timestamp":1,"timestamp":2"#,
    ])
    func oddButReadableEventsAreAccepted(attribute: String) async throws {
        let time = "2026-11-18T11:06:40Z"
        let text =
            #"{"meta":{"time":"\#(time)","request_id":"r"},"data":{"id":"e","type":"motion_detected","#
            + #""attributes":{\#(attribute)}}}"#
        let body = Array(text.utf8)
        for options in [RingWebhookInboxOptions.Ordering.none, .perDevice, .perAccount] {
            let inbox = try self.inbox(storage: RingMemoryStorage()) { $0.ordering = options }
            #expect(await inbox.handle(headers: self.signer.headers(for: body), body: body).outcome == .accepted)
        }
    }

    @Test(
        arguments: [
            (73 * 60, RingWebhookOutcome.accepted, nil), (2 * 3_600, .quarantined, .stale),
            (-600, .accepted, nil), (-60, .accepted, nil),
            (-86_400, .accepted, nil),
        ] as [(Double, RingWebhookOutcome, RingWebhookError.Code?)])
    func theReplayWindowFitsRing(ago: Double, outcome: RingWebhookOutcome, code: RingWebhookError.Code?) async throws {
        let response = await self.signer.send(self.draft(sentAgo: ago), to: try self.inbox())
        #expect(response.outcome == outcome)
        #expect(response.status == 200)
        #expect(response.error?.code == code)
        let event = try #require(self.observer.events(RingWebhookReceived.self).first)
        #expect(event.skew == .seconds(ago))
    }

    @Test func theWindowCanBeWidenedForADeadLetterReplay() async throws {
        let inbox = try self.inbox()
        inbox.replayWindow = .deadLetterReplays
        #expect(await self.signer.send(self.draft(sentAgo: 72 * 3_600), to: inbox).outcome == .accepted)
        inbox.replayWindow = .retries
        #expect(await self.signer.send(self.draft(sentAgo: 72 * 3_600), to: inbox).outcome == .quarantined)
    }

    @Test func anUndatedEventIsSetAside() async throws {
        let body = Array(#"{"meta":{"request_id":"r"},"data":{"id":"e","type":"motion_detected"}}"#.utf8)
        let response = try await self.inbox().handle(headers: self.signer.headers(for: body), body: body)
        #expect(response.outcome == .quarantined)
        #expect(response.error?.code == .undated)
    }

    @Test func aFailingStorageAsksRingToComeAgain() async throws {
        let storage = TestStorage(self.storage)
        storage.faults.withLock { $0 = .init(reads: true, commits: true) }
        let inbox = try self.inbox(storage: storage)
        let response = await self.signer.send(self.draft(), to: inbox)
        #expect(response.status == 503)
        #expect(response.headers["Retry-After"] == "5")
        let poison = Array("[]".utf8)
        #expect(await inbox.handle(headers: self.signer.headers(for: poison), body: poison).status == 503)
        #expect(inbox.consecutiveRefusals == 0)
        #expect(self.observer.events(RingWebhookStoreFailed.self).map(\.action) == ["save", "save"])
    }

    @Test func aSlowStorageDoesNotKeepRingWaiting() async throws {
        let storage = TestStorage(self.storage, gate: Gate())
        let inbox = try self.inbox(storage: storage)
        let draft = self.draft()
        async let response = self.signer.send(draft, to: inbox)
        await self.clock.sleepers(atLeast: 1)
        self.clock.advance(by: .seconds(4))
        #expect(await response.status == 503)
        // The save was not given up: what Ring sends again is known.
        storage.gate?.open()
        #expect(await inbox.shutdown(within: .seconds(1)))
        #expect(try await self.counts().waiting == 1)
        #expect(try await self.signer.send(draft, to: self.inbox()).outcome == .duplicate)
    }

    @Test func aFullQueueAsksRingToComeAgain() async throws {
        let inbox = try self.inbox { $0.maximumWaiting = 2 }
        for _ in 0..<2 { #expect(await self.signer.send(self.draft(), to: inbox).status == 200) }
        let full = await self.signer.send(self.draft(), to: inbox)
        #expect(full.outcome == .queueFull)
        #expect(full.headers["Retry-After"] != nil)
        // Another process works on one, which this one sees at its next count.
        let other = try self.inbox(storage: self.storage.anotherProcess()) { $0.concurrency = 1 }
        let work = Task { await other.run() }
        while try await self.counts().done == 0 { await Task.yield() }
        work.cancel()
        await work.value
        self.clock.advance(by: .seconds(1))
        #expect(await self.signer.send(self.draft(), to: inbox).outcome == .accepted)
    }

    @Test func tooManySavesAtOnceAskRingToComeAgain() async throws {
        let storage = TestStorage(self.storage, gate: Gate())
        let inbox = try self.inbox(storage: storage) { $0.maximumSaving = 1 }
        let (one, two) = (self.draft(), self.draft())
        async let first = self.signer.send(one, to: inbox)
        await self.clock.sleepers(atLeast: 1)
        #expect(await self.signer.send(two, to: inbox).outcome == .queueFull)
        storage.gate?.open()
        #expect(await first.outcome == .accepted)
    }

    @Test func anInboxThatWasStoppedAsksRingToComeAgain() async throws {
        let inbox = try self.inbox()
        inbox.stopReceiving()
        let response = await self.signer.send(self.draft(), to: inbox)
        #expect(response.outcome == .stopped)
        #expect(response.status == 503)
        #expect(response.headers["Retry-After"] == "5")
        #expect(inbox.consecutiveRefusals == 0)
        #expect(try await self.counts() == RingWebhookCounts())
    }

    @Test func theObserverIsToldOfASlowClockOnceAnHour() async throws {
        let inbox = try self.inbox()
        for _ in 0..<3 { _ = await self.signer.send(self.draft(sentAgo: -600), to: inbox) }
        #expect(self.observer.events(RingWebhookClockBehind.self).map(\.lag) == [.seconds(600)])
        self.clock.advance(by: .seconds(3_600))
        _ = await self.signer.send(self.draft(sentAgo: -600), to: inbox)
        #expect(self.observer.events(RingWebhookClockBehind.self).count == 2)
    }

    @Test func aKeyIsKeptAtLeastAsLongAsRingRepeats() throws {
        var options = RingWebhookInboxOptions()
        options.retention = .seconds(60)
        #expect(options.retention(for: .retries) == .seconds(75 * 3_600))
        #expect(options.retention(for: RingReplayWindow(maximumAge: .seconds(999_999))) == .seconds(999_999))
        options.retention = .seconds(80 * 3_600)
        #expect(options.retention(for: .retries) == .seconds(80 * 3_600))
    }

    @Test func refusalsInARowWarnLongBeforeTen() async throws {
        let inbox = try self.inbox()
        for _ in 0..<9 { _ = await inbox.handle(headers: [:], body: [1]) }
        #expect(inbox.consecutiveRefusals == 9)
        #expect(self.observer.events(RingWebhookRefusalsInARow.self).map(\.count) == [3, 5, 8])
        _ = await self.signer.send(self.draft(), to: inbox)
        #expect(inbox.consecutiveRefusals == 0)
        _ = await inbox.handle(headers: [:], body: [1])
        self.clock.advance(by: .seconds(86_401))
        #expect(inbox.consecutiveRefusals == 0)
        _ = await inbox.handle(headers: [:], body: [1])
        #expect(inbox.consecutiveRefusals == 1)
    }

    @Test func theMatchingKeyIsSeen() async throws {
        let old = try WebhookSigner(key: "old")
        let inbox = RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: [self.signer.key, old.key]), storage: self.storage,
            environment: self.environment, handler: { _ in })
        #expect(await old.send(self.draft(), to: inbox).verification?.keyIndex == 1)
        #expect(self.observer.events(RingWebhookReceived.self).first?.keyIndex == 1)
    }

    @Test func nothingSecretIsObserved() async throws {
        let inbox = try self.inbox()
        _ = await self.signer.send(self.draft(), to: inbox)
        let body = self.draft().body
        _ = await inbox.handle(headers: self.signer.forgedHeaders(for: body), body: body)
        let transcript = self.observer.transcript
        #expect(transcript.contains("webhook.received"))
        #expect(!transcript.contains("Zm9y"))
        #expect(!transcript.contains(self.signer.signature(of: body).suffix(20)))
    }
}
