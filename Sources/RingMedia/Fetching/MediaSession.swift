internal import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The remaining waiting time and attempts of one call.
///
/// Waits for media that is not ready have a limit of time. Failures have a number of attempts, and an attempt is both steps.
struct MediaSession: Sendable {
    let target: MediaTarget
    let options: RingMediaOptions
    let environment: RingEnvironment
    /// When the whole call must have ended.
    let deadline: RingDeadline
    /// When waiting for readiness ends.
    private let waitingEnds: RingDeadline
    /// When "nothing recorded" stops meaning "not yet".
    private let freshnessEnds: RingDeadline
    private let waitsForMissing: Bool
    /// How often a transfer was continued, over all attempts of the call.
    let resumes = MediaResumeCount()
    private var waits = 0
    private var restarts = 0

    init(
        _ target: MediaTarget, options: RingMediaOptions, environment: RingEnvironment, deadline: RingDeadline? = nil,
        waitsForMissing: Bool
    ) {
        self.target = target
        self.options = options
        self.environment = environment
        self.waitsForMissing = waitsForMissing
        let clock = environment.clock
        let sinceEnd = Duration.clamped(seconds: clock.now().timeIntervalSince(target.end))
        let own = Self.deadline(in: options.timeout, clock)
        self.deadline = min(own, deadline ?? own)
        switch options.waiting.limit {
        case .afterRange(let grace): self.waitingEnds = Self.deadline(in: grace - sinceEnd, clock)
        case .fromNow(let time): self.waitingEnds = Self.deadline(in: time, clock)
        }
        self.freshnessEnds = Self.deadline(in: RingMediaWaiting.freshness - sinceEnd, clock)
    }

    private static func deadline(in duration: Duration, _ clock: any RingClock) -> RingDeadline {
        RingDeadline(uptime: clock.uptime() + min(max(duration, .seconds(-1)), .seconds(10_000_000)))
    }

    /// Waits before another attempt when the error allows one; throws it when it does not.
    mutating func recover(from error: RingError) async throws {
        if let wait = self.wait(for: error) {
            self.waits += 1
            self.environment.observer.observe(
                RingMediaWaits(operation: self.target.request, reason: error.code, attempt: self.waits, wait: wait))
            return try await self.environment.clock.sleep(for: wait)
        }
        let budget = self.environment.retryBudget
        let policy = budget?.policy ?? RingRetryPolicy()
        let maximum = min(self.options.maximumRestartCount, policy.attempts - 1)
        // A busy service that was waited for has had its time.
        let isWaitedFor = error.status == 503 && self.waits > 0
        guard error.allowsRestart, !isWaitedFor, self.restarts < maximum else { throw error }
        let wait =
            error.retryAfter ?? policy.backoff(self.restarts, random: self.environment.randomUnit())
        guard wait <= policy.longestWait, self.deadline.remaining(self.environment.clock) > wait,
            budget?.takeRepeat() != false
        else { throw error }
        self.restarts += 1
        self.environment.observer.observe(
            RingMediaRestarts(operation: self.target.request, reason: error.code, attempt: self.restarts))
        // A link that expired was never used; the next one is fetched at once, the first time.
        guard error.code != .mediaLinkExpired || self.restarts > 1 else { return }
        try await self.environment.clock.sleep(for: wait)
    }

    /// How long to wait for readiness; `nil` when the error does not concern readiness or the time is over.
    private func wait(for error: RingError) -> Duration? {
        // The attempt after the last wait needs a part of the call's time.
        var end = min(self.waitingEnds, RingDeadline(uptime: self.deadline.uptime - .seconds(2)))
        var isKey = false
        switch error.code {
        case .mediaNotReady: break
        case .mediaKeyUnavailable: isKey = true
        case .mediaNotFound:
            guard self.waitsForMissing else { return nil }
            end = min(end, self.freshnessEnds)
        case .serverFailure: guard error.status == 503 else { return nil }
        default: return nil
        }
        let left = end.remaining(self.environment.clock)
        guard left > .zero else { return nil }
        if let delay = error.retryAfter {
            return delay <= left ? max(delay, .milliseconds(100)) : nil
        }
        // The last attempt is made at the end of the time.
        return min(self.options.waiting.delay(self.waits, isKey: isKey, random: self.environment.randomUnit()), left)
    }
}

/// Counts how often the transfers of one call were continued. Each reader of the call has the same one.
final class MediaResumeCount: Sendable {
    private let count = Atomic(0)

    var value: Int { self.count.load(ordering: .relaxed) }

    func increment() { self.count.wrappingAdd(1, ordering: .relaxed) }
}
