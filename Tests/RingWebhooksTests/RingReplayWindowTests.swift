import Foundation
import RingWebhooks
import Testing

@Suite(.timeLimit(.minutes(1))) struct RingReplayWindowTests {
    static let now = Date(timeIntervalSince1970: 1_795_000_000)

    @Test(
        arguments: [
            (0, .fresh), (73 * 60, .fresh), (90 * 60, .fresh), (90 * 60 + 1, .stale), (72 * 3_600, .stale),
            (-120, .fresh), (-121, .future),
        ] as [(Double, RingReplayWindow.Verdict)])
    func byDefaultItFitsRingsRetries(age: Double, verdict: RingReplayWindow.Verdict) {
        #expect(RingReplayWindow.retries.verdict(sentAt: Self.now - age, now: Self.now) == verdict)
    }

    @Test(
        arguments: [
            (72 * 3_600, .fresh), (72 * 3_600 + 73 * 60, .fresh), (75 * 3_600 + 1, .stale), (-121, .future),
        ] as [(Double, RingReplayWindow.Verdict)])
    func theOtherModeFitsDeadLetterReplays(age: Double, verdict: RingReplayWindow.Verdict) {
        #expect(RingReplayWindow.deadLetterReplays.verdict(sentAt: Self.now - age, now: Self.now) == verdict)
    }

    @Test func withoutATimeThereIsNoAge() {
        #expect(RingReplayWindow.retries.verdict(sentAt: nil, now: Self.now) == .undated)
        #expect(RingReplayWindow.retries.verdict(sentAt: .distantPast, now: Self.now) == .stale)
        #expect(RingReplayWindow.retries.verdict(sentAt: .distantFuture, now: Self.now) == .future)
    }
}
