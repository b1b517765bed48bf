internal import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// One attempt that is to be made.
struct PlannedAttempt: Hashable, Sendable {
    var number: Int
    var series: Int
    var world: Int
    var due: Int64
}

/// Deliveries from their creation to their outcome.
extension ServiceState {
    /// Delays before each attempt, in simulated milliseconds: six retries after the first.
    static let schedule: [Int64] = [0, 1000, 5000, 30_000, 120_000, 600_000, 3_600_000]
    /// How long dead letters can be replayed, in simulated milliseconds.
    static let deadLetterLife: Int64 = 72 * 3_600_000

    /// Adds a webhook, and plans its first attempt unless it is withheld.
    mutating func add(_ delivery: RingSimulatorDelivery) {
        var delivery = delivery
        delivery.number = self.deliveries.nextNumber
        delivery.time = Date(epochMilliseconds: self.now)
        self.deliveries.append(delivery, bytes: delivery.bytes, isHeld: delivery.outcome == .pending)
        switch delivery.outcome {
        case .pending: self.outbox.append(delivery.number)
        case .withheld: self.withheld[delivery.account, default: []].append(delivery.number)
        default: break
        }
    }

    /// The first attempts of what this step has put into the outbox.
    mutating func plannedAttempts() -> [PlannedAttempt] {
        guard !self.outbox.isEmpty else { return [] }
        defer { self.outbox = [] }
        let isReordered = self.switches.webhooks.contains(.reordered)
        let world = self.world
        return self.outbox.compactMap { number in
            let due = self.now + (isReordered && number % 2 == 1 ? 2000 : 0)
            return self.deliveries.update(number) { delivery in
                delivery.outcome = .pending
                delivery.nextAttempt = Date(epochMilliseconds: due)
                return PlannedAttempt(number: number, series: delivery.series, world: world, due: due)
            }
        }
    }

    /// What an attempt needs; `nil` when it was replaced, or there is nowhere to send.
    mutating func begin(_ attempt: PlannedAttempt) -> (RingSimulatorDelivery, url: String, milliseconds: Int)? {
        guard attempt.world == self.world, let delivery = self.deliveries[attempt.number],
            delivery.series == attempt.series
        else { return nil }
        guard let url = self.webhookURL, !self.refusals.isOff else {
            let isOff = self.refusals.isOff
            _ = self.deliveries.update(attempt.number) { delivery in
                delivery.nextAttempt = nil
                if isOff { delivery.outcome = .switchedOff }
            }
            self.deliveries.hold(attempt.number, false, bytes: delivery.bytes)
            return nil
        }
        return (delivery, url, self.switches.limit(.webhookResponseMilliseconds))
    }

    /// Writes down what came of an attempt.
    ///
    /// - Returns: The next one, if any.
    mutating func end(_ attempt: PlannedAttempt, _ url: String, _ outcome: WebhookSender.Outcome) -> PlannedAttempt? {
        guard attempt.world == self.world else { return nil }
        let now = self.now
        self.refusals.follow(outcome.status, at: now, limit: self.switches.limit(.webhookRefusals))
        let result = self.deliveries.update(attempt.number) { delivery -> (next: PlannedAttempt?, bytes: Int) in
            let milliseconds = outcome.duration.wholeMilliseconds
            delivery.attempts.append(
                .init(
                    time: Date(epochMilliseconds: max(now - milliseconds, delivery.time.epochMilliseconds)),
                    duration: outcome.duration, url: SecretFilter.address(String(url.prefix { $0 != "?" })),
                    status: outcome.status,
                    response: outcome.response, failure: outcome.failure))
            if delivery.attempts.count > RingSimulatorDelivery.Attempt.maximumCount { delivery.attempts.removeFirst() }
            // Somebody has sent it again meanwhile: that series decides.
            guard delivery.series == attempt.series else { return (nil, delivery.bytes) }
            delivery.attemptsOfSeries += 1
            delivery.nextAttempt = nil
            switch outcome.status {
            case 200..<300: delivery.outcome = .delivered
            case 400..<500: delivery.outcome = .refused
            default:
                guard delivery.attemptsOfSeries < Self.schedule.count else {
                    delivery.outcome = .deadLetter
                    break
                }
                let due = now + Self.schedule[delivery.attemptsOfSeries]
                delivery.nextAttempt = Date(epochMilliseconds: due)
                var next = attempt
                next.due = due
                return (next, delivery.bytes)
            }
            return (nil, delivery.bytes)
        }
        guard let (next, bytes) = result else { return nil }
        let isPlanned = self.deliveries[attempt.number]?.nextAttempt != nil
        self.deliveries.hold(attempt.number, isPlanned, bytes: bytes)
        return next
    }

    /// Sends the withheld webhooks of an account.
    mutating func sendWithheld(of account: RingAccountID) {
        for number in self.withheld.removeValue(forKey: account) ?? []
        where self.deliveries[number]?.outcome == .withheld {
            _ = self.sendAgain(number)
        }
    }

    /// Plans a new series of attempts for a delivery, beginning now.
    ///
    /// - Returns: `false` when there is no such delivery any more.
    mutating func sendAgain(_ number: Int) -> Bool {
        let bytes = self.deliveries.update(number) { delivery -> Int in
            delivery.outcome = .pending
            delivery.series += 1
            delivery.attemptsOfSeries = 0
            return delivery.bytes
        }
        guard let bytes else { return false }
        self.deliveries.hold(number, true, bytes: bytes)
        self.outbox.append(number)
        return true
    }

    /// Plans new attempts for the dead letters of the last 72 hours, as Ring does when a partner asks for it.
    ///
    /// - Returns: The numbers of those deliveries, and how many dead letters are too old.
    mutating func replayDeadLetters(where matches: (RingSimulatorDelivery) -> Bool) -> (sent: [Int], expired: Int) {
        let letters = self.deliveries.ascending().map(\.element).filter { $0.outcome == .deadLetter && matches($0) }
        let fresh = letters.filter {
            ($0.attempts.last?.time ?? $0.time).epochMilliseconds > self.now - Self.deadLetterLife
        }
        for letter in fresh { _ = self.sendAgain(letter.number) }
        return (fresh.map(\.number), letters.count - fresh.count)
    }
}
