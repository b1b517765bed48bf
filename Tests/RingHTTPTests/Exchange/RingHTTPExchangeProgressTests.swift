import RingHTTP
import Testing

@Suite struct RingHTTPExchangeProgressTests {
    private typealias Limits = RingHTTPExchangeProgress.Limits

    /// One limit for each phase, and none that all share.
    private let limits = Limits(connect: 10, firstByte: 20, silence: 30)

    @Test(
        arguments: [
            (RingHTTPExchangeProgress.Phase.connecting, 110), (.sending, 135), (.waiting, 125), (.receivingHead, 135),
            (.receivingBody, 135),
        ] as [(RingHTTPExchangeProgress.Phase, Int64)])
    func hasOneLimitInEachPhase(_ phase: RingHTTPExchangeProgress.Phase, _ expiry: Int64) {
        var progress = RingHTTPExchangeProgress(limits: self.limits, now: 100)
        let isNew = progress.advance(to: phase, now: 105)
        #expect(isNew == (phase != .connecting))
        #expect(progress.nextExpiry == expiry)
        #expect(progress.overdue(at: expiry - 1) == nil)
        #expect(progress.overdue(at: expiry) != nil)
    }

    @Test func namesTheLimitThatHasPassed() {
        var progress = RingHTTPExchangeProgress(limits: self.limits, now: 0)
        #expect(progress.overdue(at: 10) == .connect)
        _ = progress.advance(to: .waiting, now: 0)
        #expect(progress.overdue(at: 20) == .firstByte)
        _ = progress.advance(to: .receivingBody, now: 0)
        #expect(progress.overdue(at: 30) == .silence)
        progress = RingHTTPExchangeProgress(limits: Limits(silence: 30, total: 5), now: 0)
        #expect(progress.overdue(at: 5) == .total)
        progress = RingHTTPExchangeProgress(limits: Limits(total: 5, deadline: 4), now: 0)
        #expect(progress.overdue(at: 5) == .deadline)
    }

    /// The limits of the whole count from the start, whatever happens.
    @Test func extendsNoLimitOfTheWhole() {
        var progress = RingHTTPExchangeProgress(limits: Limits(silence: 30, total: 50), now: 0)
        for now in stride(from: Int64(0), to: 50, by: 10) {
            _ = progress.advance(to: .receivingBody, now: now)
            progress.noteActivity(now: now)
            #expect(progress.overdue(at: now) == nil)
        }
        #expect(progress.overdue(at: 50) == .total)
    }

    @Test func countsSilenceFromTheLastActivity() {
        var progress = RingHTTPExchangeProgress(limits: self.limits, now: 0)
        let isNew = [1, 2].map { progress.advance(to: .receivingBody, now: $0) }
        #expect(isNew == [true, false])
        progress.noteActivity(now: 3)
        #expect(progress.nextExpiry == 33)
    }

    @Test func countsNoSilenceWhileItIsPaused() {
        var progress = RingHTTPExchangeProgress(limits: self.limits, now: 0)
        _ = progress.advance(to: .receivingBody, now: 0)
        progress.pauseReceiving()
        #expect(progress.isReceivingPaused)
        #expect(progress.nextExpiry == .max)
        var isResumed = progress.resume(now: 100)
        #expect(isResumed)
        #expect(!progress.isReceivingPaused)
        #expect(progress.nextExpiry == 130)
        _ = progress.advance(to: .sending, now: 100)
        progress.pauseSending()
        #expect(progress.isSendingPaused)
        #expect(progress.nextExpiry == .max)
        isResumed = progress.resume(now: 200)
        #expect(isResumed)
        #expect(progress.nextExpiry == 230)
        isResumed = progress.resume(now: 300)
        #expect(!isResumed)
        #expect(progress.nextExpiry == 230)
    }

    /// A pause of one direction is no excuse for the other.
    @Test func countsSilenceInTheDirectionThatIsNotPaused() {
        var progress = RingHTTPExchangeProgress(limits: self.limits, now: 0)
        _ = progress.advance(to: .receivingBody, now: 0)
        progress.pauseSending()
        #expect(progress.nextExpiry == 30)
        _ = progress.advance(to: .receivingHead, now: 0)
        progress.pauseReceiving()
        #expect(progress.nextExpiry == 30)
    }

    @Test func neverEndsWithoutLimitsOrByOnesThatOverflow() {
        #expect(RingHTTPExchangeProgress(limits: Limits(), now: 7).nextExpiry == .max)
        let progress = RingHTTPExchangeProgress(limits: Limits(connect: .max, total: .max), now: 7)
        #expect(progress.nextExpiry == .max)
        #expect(progress.overdue(at: .max - 1) == nil)
    }

    @Test func readsLimitsByName() {
        let limits = Limits(connect: 1, firstByte: 2, silence: 3, total: 4, deadline: 5)
        let all: [RingHTTPExchangeProgress.Limit] = [.connect, .firstByte, .silence, .total, .deadline]
        #expect(all.map { limits[$0] } == [1, 2, 3, 4, 5])
    }

    @Test(
        arguments: [
            (Duration.seconds(2), 2_000_000_000), (.milliseconds(-5), -5_000_000), (.nanoseconds(1), 1),
            (.seconds(Int64.max), .max), (.seconds(Int64.min), .min), (.zero, 0),
        ] as [(Duration, Int64)])
    func clampsDurations(_ duration: Duration, _ nanoseconds: Int64) {
        #expect(duration.clampedNanoseconds == nanoseconds)
    }
}
