import Foundation
import RingCore
import RingJSONAPI
import RingTesting
import RingWebhooks
import Testing

@Suite(.timeLimit(.minutes(1))) struct RingWebhookDraftTests {
    static let moment = Date(timeIntervalSince1970: 1_795_000_000.5)

    @Test(arguments: RingEventKind.core + RingEventKind.sensors + [RingEventKind(rawValue: "from_the_future")])
    func aSignedDraftVerifiesAndDecodes(kind: RingEventKind) throws {
        let signer = try WebhookSigner()
        let draft = RingWebhookDraft(kind: kind, account: "acct", device: "dev/1", occurredAt: Self.moment)
        let headers = draft.headers(signedWith: signer.key)
        try RingWebhookVerifier(keys: [signer.key]).verify(body: draft.body, signature: headers[.signature])
        let event = try RingWebhookEvent(decoding: draft.body)
        #expect(event.kind == kind)
        #expect(event.requestID == draft.requestID)
        #expect(event.id == draft.eventID)
        #expect(event.accountID == "acct")
        #expect(event.sentAt == Self.moment)
    }

    @Test(arguments: RingWebhookDraft.SubTypePlace.allCases)
    func theSubTypeCanStandInEveryPlace(place: RingWebhookDraft.SubTypePlace) throws {
        var draft = RingWebhookDraft(
            kind: .motionDetected, account: "a", device: "d", subType: .human, occurredAt: Self.moment)
        draft.subTypePlace = place
        draft.componentIDs = ["1"]
        let event = try RingWebhookEvent(decoding: draft.body)
        #expect(event.subType == .human)
        #expect(event.componentIDs == ["1"])
        #expect(event.occurredAt == Self.moment)
    }

    @Test func theOldVersionLeavesOutTheAccount() throws {
        var draft = RingWebhookDraft(kind: .motionDetected, account: "a", device: "d", occurredAt: Self.moment)
        draft.version = "1.0"
        let event = try RingWebhookEvent(decoding: draft.body)
        #expect(event.version == "1.0")
        #expect(event.accountID == nil)
        #expect(event.document["data"]?["relationships"] == nil)
    }

    @Test func aForgedHeaderHasTheRightFormAndIsRefused() throws {
        let signer = try WebhookSigner()
        let body = RingWebhookDraft(kind: .buttonPress, account: "a", device: "d", occurredAt: Self.moment).body
        #expect {
            try RingWebhookVerifier(keys: [signer.key]).verify(
                body: body, signature: signer.forgedHeaders(for: body)[.signature])
        } throws: { ($0 as? RingWebhookError)?.code == .wrongSignature }
    }
}
