/// How an inbox takes webhooks and works on them.
public struct RingWebhookInboxOptions: Hashable, Sendable {
    /// Which webhooks are worked on one after the other; the list is closed.
    public enum Ordering: Hashable, Sendable {
        /// None: each as soon as it can be. Ring promises no order either.
        case none
        /// Those of one device, by the time of the event. One that fails holds up the others of its device.
        case perDevice
        /// Those of one account, by the time of the event.
        case perAccount
    }

    /// The longest body, in bytes; longer ones are answered 413. Real ones have less than 2 KiB.
    public var maximumBodyBytes = 1 << 20
    /// How long after it was sent a webhook is taken for new. Change it while a dead-letter queue is being replayed.
    public var replayWindow = RingReplayWindow.retries
    /// How long a key is kept to recognise repetitions: dead-letter replays come up to 73 hours late. Default: 76 hours.
    public var retention = Duration.seconds(76 * 3_600)
    /// How long what is quarantined is kept. Default: 30 days.
    public var quarantineRetention = Duration.seconds(30 * 86_400)
    /// Which webhooks are worked on one after the other. Default: none.
    public var ordering = Ordering.none
    /// How many handlers run at once in this process.
    public var concurrency = 16
    /// How long one run of a handler may take before it is cancelled and counted as failed.
    public var handlerLimit = Duration.seconds(300)
    /// When a failed handler runs again, and how often.
    public var retries = RingWebhookRetrySchedule.standard
    /// How long after a crash another process takes over what was under way. Renewed while a handler runs.
    public var lease = Duration.seconds(30)
    /// How often to look for what other processes received.
    public var pollInterval = Duration.seconds(1)
    /// How many webhooks may wait before Ring is asked to come later.
    public var maximumWaiting = 100_000
    /// How many webhooks may be on their way to the store at once before Ring is asked to come later.
    public var maximumSaving = 2_000
    /// How long the store may take; Ring gives up after five seconds.
    public var saveLimit = Duration.seconds(4)
    /// What Ring is told to wait after a passing fault.
    public var retryAfter = Duration.seconds(5)
    /// A name for this process that stays over restarts and that no other running process has: with it, what was under way
    /// at a crash is taken up at once instead of after ``lease``.
    public var instanceName: String?
    /// Warn when this many requests in a row were refused with 4xx; Ring may switch an endpoint off at ten.
    public var refusalWarnings: Set<Int> = [3, 5, 8]

    /// The defaults.
    public init() {}
}
