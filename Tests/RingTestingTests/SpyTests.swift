import RingAccounts
import RingCore
import RingCrypto
import RingTesting
import RingWebhooks
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.timeLimit(.minutes(1))) struct SpyTests {
    private func inbox(
        _ observer: RecordingObserver, failing: Bool = false
    ) throws -> (inbox: RingWebhookInbox, signer: WebhookSigner) {
        let signer = try WebhookSigner()
        let inbox = RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: [signer.key]), storage: RingMemoryStorage(),
            environment: RingEnvironment(observer: observer)
        ) { _ in if failing { throw CancellationError() } }
        return (inbox, signer)
    }

    @Test func waitsUntilAWebhookWasHandled() async throws {
        let observer = RecordingObserver()
        let (inbox, signer) = try self.inbox(observer)
        let work = Task { await inbox.run() }
        var draft = RingWebhookDraft(kind: .motionDetected, account: "a1", device: "d1", occurredAt: Date())
        draft.requestID = "request-1"
        let waiting = Task { try await observer.handled("request-1") }
        #expect(await signer.send(draft, to: inbox).status == 200)
        #expect(try await waiting.value.settlement == .done)
        // Afterwards it is there at once.
        _ = try await observer.handled("request-1", within: .zero)
        let received = try await observer.first(RingWebhookReceived.self) { $0.outcome == .accepted }
        #expect(received.level == .debug)
        work.cancel()
        await work.value
    }

    @Test func aTimeThatIsUpNamesWhatWasSeen() async throws {
        let observer = RecordingObserver()
        let (inbox, signer) = try self.inbox(observer)
        _ = await signer.send(
            RingWebhookDraft(kind: .motionDetected, account: "a1", device: "d1", occurredAt: Date()), to: inbox)
        // Nobody works on it.
        let clock = ManualClock()
        let waiting = Task { try await observer.handled("none", within: .seconds(30), clock: clock) }
        await clock.sleepers(atLeast: 1)
        clock.advance(by: .seconds(30))
        let error = await #expect(throws: RingError.self) { try await waiting.value }
        #expect(error?.code == .timedOut)
        #expect(error?.message.contains("no webhook.handled") == true)
        #expect(error?.message.contains("30000 ms") == true)
        #expect(error?.message.contains("webhook.received") == true)
        let cancelled = Task { try await observer.handled("none", clock: clock) }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
    }

    @Test(arguments: [
        "https://partner.example/link", "https://partner.example/link?a=1", "https://partner.example/link#top",
    ])
    func makesTheRedirectOfAnAccount(link: String) throws {
        let signer = try WebhookSigner()
        let time = Date(timeIntervalSince1970: 1_795_000_000.1239)
        let redirect = signer.redirect(for: "account-1", at: time)
        #expect(redirect.time == "1795000000123")
        #expect(
            redirect.nonce == RingLinkNonce.compute(time: "1795000000123", accountID: "account-1", key: signer.key))
        let url = try signer.redirectURL(to: try #require(URL(string: link)), for: "account-1", at: time)
        #expect(RingLinkRedirect(query: url.query() ?? "") == redirect)
        #expect(url.path() == "/link" && url.fragment() == (link.hasSuffix("#top") ? "top" : nil))
        #expect(link.contains("?") == (url.query()?.contains("a=1") ?? false))
    }
}
