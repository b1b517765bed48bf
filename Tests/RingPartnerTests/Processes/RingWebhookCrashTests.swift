import Foundation
import RingCore
import RingCurl
import RingTesting
import RingWebhooks
import Synchronization
import Testing

/// A separate process with a service behind HTTP, killed while it handles webhooks.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RingWebhookCrashTests {
    /// The response to one delivery; `nil` when the service had ended.
    struct Sent: Sendable {
        var draft: RingWebhookDraft
        var outcome: String?
        var took: Duration
    }

    let signer: WebhookSigner
    let transport = RingCurlTransport()
    let folder = TemporaryFolder()

    init() throws { self.signer = try WebhookSigner() }

    func start(handlersTake milliseconds: Int) async throws -> (ChildProcess, URL) {
        let child = try ChildProcess(
            ChildProcess.builtPrograms + "/InboxCrashProbe", [self.folder.file(), String(milliseconds)], input: nil)
        let line = try #require(await child.line { $0.hasPrefix("listening ") })
        return (child, try #require(URL(string: "http://127.0.0.1:\(line.dropFirst(10))/webhooks/ring")))
    }

    func send(_ draft: RingWebhookDraft, to url: URL) async -> Sent {
        let request = RingCall(
            method: .post, url: url, headerFields: draft.headers(signedWith: self.signer.key),
            body: RingHTTPBody(draft.body), operation: RingOperation("test.webhook"))
        let start = ContinuousClock.now
        let response: RingHTTPResponse? = try? await self.transport.send(request)
        let body: [UInt8]? = try? await response?.body.collect(upTo: 4_096)
        let text = body.map { String(decoding: $0, as: UTF8.self) }
        let outcome = response?.status == 200 ? text?.split(separator: "\"").dropFirst(3).first : nil
        return Sent(draft: draft, outcome: outcome.map(String.init), took: ContinuousClock.now - start)
    }

    /// All at once, or `width` at a time, and what became of each.
    func sendAll(
        _ drafts: [RingWebhookDraft], to url: URL, width: Int = .max,
        _ note: @escaping @Sendable (Sent) -> Void = { _ in }
    ) async -> [Sent] {
        await withTaskGroup(of: Sent.self) { group in
            var list: [Sent] = []
            var rest = drafts[...]
            for draft in rest.prefix(width) { group.addTask { await self.send(draft, to: url) } }
            rest = rest.dropFirst(width)
            while let sent = await group.next() {
                note(sent)
                list.append(sent)
                if let draft = rest.popFirst() { group.addTask { await self.send(draft, to: url) } }
            }
            return list
        }
    }

    static func drafts(_ count: Int) -> [RingWebhookDraft] {
        let now = Date()
        return (0..<count).map { index in
            RingWebhookDraft(
                kind: .motionDetected, account: "a", device: RingDeviceID(rawValue: "d\(index % 7)"),
                subType: .human, occurredAt: now - Double(index), sentAt: now)
        }
    }

    static func handled(_ outcome: ChildProcess.Outcome) -> [String] {
        outcome.outputText.split(separator: "\n").filter { $0.hasPrefix("handled ") }
            .map { String($0.split(separator: " ")[1]) }
    }

    @Test func nothingIsLostInAKillAndRepetitionsAreKnownAfterIt() async throws {
        let events = Self.drafts(500)
        // A fifth comes twice, all of it in another order.
        let deliveries = (events + events.prefix(100)).shuffled()
        let (first, url) = try await self.start(handlersTake: 20)
        let responseCount = Mutex(0)
        // A hundred at a time: however late the test sees the 250th response, the kill interrupts the rest.
        let sent = await self.sendAll(deliveries, to: url, width: 100) { one in
            guard one.outcome != nil else { return }
            let count = responseCount.withLock { value in
                value += 1
                return value
            }
            if count == 250 { first.signal(9) }
        }
        let before = await first.outcome()
        #expect(before.ending == .signalled(9))
        let kept = Set(sent.filter { $0.outcome != nil }.map(\.draft.requestID))
        #expect(kept.count >= 150)
        #expect(kept.count < 500)

        // Ring repeats deliveries without a response; here it repeats all of them.
        let (second, newURL) = try await self.start(handlersTake: 20)
        let again = await self.sendAll(deliveries.shuffled(), to: newURL)
        #expect(again.allSatisfy { $0.outcome != nil })
        let outcomes = Dictionary(grouping: again, by: \.draft.requestID).mapValues { $0.compactMap(\.outcome) }
        for id in kept { #expect(outcomes[id]?.allSatisfy { $0 == "duplicate" } == true) }
        // Whatever was new before or after: once each.
        for (_, list) in outcomes { #expect(list.filter { $0 == "accepted" }.count <= 1) }

        second.closeInput()
        let after = await second.outcome()
        #expect(after.ending == .exited(0))
        #expect(after.outputText.contains("drained 500\n"))
        let runs = Self.handled(before) + Self.handled(after)
        #expect(Set(runs) == Set(events.map(\.requestID.rawValue)))
        // Only those in progress at the kill may be handled twice: sixteen handlers, done or not yet settled.
        #expect(runs.count <= 500 + 32)
    }

    /// Two processes receive and handle; what one leaves when it is killed, the other one handles.
    @Test func theOtherProcessHandlesWhatAKilledOneLeaves() async throws {
        let events = Self.drafts(300)
        let (first, firstURL) = try await self.start(handlersTake: 50)
        let (second, secondURL) = try await self.start(handlersTake: 50)
        async let toFirst = self.sendAll(Array(events.prefix(150)), to: firstURL, width: 30)
        async let toSecond = self.sendAll(Array(events.suffix(150)), to: secondURL, width: 30)
        _ = await first.line { $0.hasPrefix("handled ") }
        first.signal(9)
        let start = ContinuousClock.now
        let before = await first.outcome()
        let kept = await (toFirst + toSecond).filter { $0.outcome != nil }
        // Ring sends again what got no response.
        let acknowledged = Set(kept.map(\.draft.requestID))
        let again = await self.sendAll(events.filter { !acknowledged.contains($0.requestID) }, to: secondURL)
        #expect(again.allSatisfy { $0.outcome != nil })

        second.closeInput()
        let after = await second.outcome()
        print("everything was handled \(ContinuousClock.now - start) after the kill")
        #expect(after.outputText.contains("drained 300\n"), "\(after.errorText)")
        let runs = Self.handled(before) + Self.handled(after)
        #expect(Set(runs) == Set(events.map(\.requestID.rawValue)))
        // Only those in progress at the kill may be handled twice.
        #expect(runs.count <= 300 + 32)
    }

    /// The fastest of three tries counts, because other programs keep the processors busy at times.
    @Test func responsesDoNotWaitForHandlersOfAMinute() async throws {
        var longest = try await self.longestResponse()
        for _ in 0..<2 where longest >= .seconds(5) { longest = min(longest, try await self.longestResponse()) }
        // Ring's own limit; how far below it this stays is measured in Benchmarks, not here.
        #expect(longest < .seconds(5))
    }

    private func longestResponse() async throws -> Duration {
        let (child, url) = try await self.start(handlersTake: 60_000)
        let sent = await self.sendAll(Self.drafts(500), to: url)
        #expect(sent.allSatisfy { $0.outcome == "accepted" })
        // All had a response before the first handler could end.
        #expect(!child.outputSoFar.contains("handled "))
        child.signal(9)
        _ = await child.outcome()
        return try #require(sent.map(\.took).max())
    }
}
