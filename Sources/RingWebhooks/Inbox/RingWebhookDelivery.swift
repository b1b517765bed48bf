internal import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// An event handed to a handler, at least once.
public struct RingWebhookDelivery: Hashable, Sendable {
    /// What names the event across repetitions. Keep it with the effect, in one transaction, to have the effect once.
    public var key: RingWebhookKey
    /// The event.
    public var event: RingWebhookEvent
    /// Which attempt this is, from 1. A later one may follow a failure, a crash in the middle, or a lease that ended.
    public var attempt: Int
    /// When it arrived, by this machine's clock. Compare Ring's own times with ``ringTime`` instead.
    public var receivedAt: Date
    /// When it happened, by Ring's clock: the time of the event, else the time it was sent. `nil` when it has neither.
    public var ringTime: Date? { self.event.ringTime }

    private var effects = Effects()

    /// Not a part of what the delivery is.
    private struct Effects: Hashable, Sendable {
        var value: DeliveryEffects?
        static func == (left: Self, right: Self) -> Bool { true }
        func hash(into hasher: inout Hasher) {}
    }

    /// Runs a statement in the transaction that settles this event: its effect is stored together with the note that the event
    /// was handled, or not at all. So it happens once, however often the handler is called.
    ///
    /// The transaction belongs to the storage of the inbox, and has a connection of its own from the first statement to the end
    /// of the handler. Row locks are held as long. The server ends it when no statement is sent for ten minutes.
    ///
    /// - Parameters:
    ///   - statement: One statement of SQL, with `$1`, `$2` … for its parameters.
    ///   - parameters: Their values as the database reads them from text; `nil` for null.
    /// - Returns: The rows that it gives, each value as the database writes it.
    /// - Throws: `RingError` with code `misconfigured` when the storage has no transactions: only `RingPostgres` has; with
    ///   `storageFailed` when the statement failed: throw it on, so that the event is tried again.
    @discardableResult
    public func execute(_ statement: String, parameters: [String?] = []) async throws -> [[String?]] {
        guard let effects = self.effects.value else {
            throw RingError(code: .misconfigured, message: "a delivery that was made by hand has no transaction")
        }
        return try await effects.execute(statement, parameters)
    }

    init(
        key: RingWebhookKey, event: RingWebhookEvent, attempt: Int, receivedAt: Date, effects: DeliveryEffects
    ) {
        self.init(key: key, event: event, attempt: attempt, receivedAt: receivedAt)
        self.effects.value = effects
    }

    /// Creates a delivery by hand, for tests.
    ///
    /// - Parameters:
    ///   - key: What names the event.
    ///   - event: The event.
    ///   - attempt: Which attempt this is, from 1.
    ///   - receivedAt: When it arrived.
    public init(key: RingWebhookKey, event: RingWebhookEvent, attempt: Int, receivedAt: Date) {
        self.key = key
        self.event = event
        self.attempt = attempt
        self.receivedAt = receivedAt
    }
}

/// Works on events. After a thrown error it is called again later, by ``RingWebhookRetrySchedule``; after a `RingWebhookError`
/// with code `handler_refused` it is not, and the event is quarantined; after one with code `handler_postponed` it is called again
/// when the handler said, and no failure is counted.
public typealias RingWebhookHandler = @Sendable (RingWebhookDelivery) async throws -> Void

extension RingWebhookError {
    /// The error that a handler throws to have an event quarantined at once instead of retried.
    ///
    /// - Parameter reason: Why, in a sentence without secrets.
    /// - Returns: An error with code `handler_refused`.
    public static func refused(_ reason: String) -> Self { Self(code: .handlerRefused, message: reason) }

    /// The error that a handler throws to have an event again later: a clip is not recorded yet, a service of its own is busy.
    ///
    /// <!-- given: archive: @escaping @Sendable (RingWebhookEvent) async throws -> Void -->
    /// ```swift
    /// var router = RingWebhookRouter()
    /// router.on(.motionDetected) { delivery in
    ///     do {
    ///         try await archive(delivery.event)
    ///     } catch let error as RingError where error.isTransient {
    ///         throw RingWebhookError.retry(after: error.retryAfter ?? .seconds(10))
    ///     }
    /// }
    /// ```
    ///
    /// The handler is free for other events until then, and no failure is counted, however often it is thrown: compare
    /// ``RingWebhookDelivery/receivedAt`` with the present to give up. Events of the same lane wait
    /// (``RingWebhookInboxOptions/Ordering``). What the handler did in a transaction is undone.
    ///
    /// - Parameter delay: When, from now on; a second at least, and at most the longest delay of
    ///   ``RingWebhookInboxOptions/retries``, or a minute where that is longer.
    /// - Returns: An error with code `handler_postponed`.
    public static func retry(after delay: Duration) -> Self {
        var error = Self(code: .handlerPostponed, message: "the handler wants the event later")
        error.postponement = delay
        return error
    }
}
