/// How an inbox takes webhooks and works on them.
public struct RingWebhookInboxOptions: Hashable, Sendable {
    /// Which webhooks are worked on one after the other; the list is closed.
    public enum Ordering: Hashable, Sendable {
        /// None: each as soon as possible. Ring promises no order either.
        case none
        /// Those of one device, by the time of the event. One that fails delays the others of its device.
        case perDevice
        /// Those of one account, by the time of the event.
        case perAccount
    }

    /// The longest body, in bytes; longer ones are refused with 413. Real ones have less than 2 KiB.
    public var maximumBodyBytes = 1 << 20
    /// How long after it was sent a webhook is accepted as new. Change it while a dead-letter queue is being replayed.
    public var replayWindow = RingReplayWindow.retries
    /// How long a key is kept to recognise duplicates. Default: 76 hours. Dead-letter replays come up to 75 hours late, and
    /// never less than that, or than ``replayWindow``, is used.
    public var retention = Duration.seconds(76 * 3_600)
    /// How long what is quarantined is kept. Default: 30 days.
    public var quarantineRetention = Duration.seconds(30 * 86_400)
    /// Which webhooks are worked on one after the other. Default: none.
    public var ordering = Ordering.none
    /// How many handlers run at once in this process.
    public var concurrency = 16
    /// How long one run of a handler may take before it is cancelled and counted as failed. A handler that ignores its
    /// cancellation keeps its webhook until it returns or the process ends: it never runs twice at the same time.
    public var handlerTimeout = Duration.seconds(300)
    /// When a failed handler is called again, and how often. Default: twelve runs in about six hours.
    public var retries = RingWebhookRetrySchedule.standard
    /// How long after the end of a process that the storage cannot see, such as one on another machine, others take over
    /// what it was working on. Extended while a handler runs.
    public var lease = Duration.seconds(15)
    /// How often to look for what other processes received.
    package var pollInterval = Duration.seconds(1)
    /// How many webhooks may wait; beyond that the response is 503, and Ring sends a webhook later.
    public var maximumWaiting = 100_000
    /// How many webhooks may be saved at once; beyond that the response is 503, and Ring sends a webhook later.
    package var maximumSaving = 2_000
    /// How long the storage may take; Ring gives up after five seconds.
    package var saveTimeout = Duration.seconds(4)
    /// The `Retry-After` of a response with 503.
    package var retryAfter = Duration.seconds(5)
    /// Warn when this many requests in a row were refused with 4xx; Ring may switch an endpoint off at ten.
    package var refusalWarnings: Set<Int> = [3, 5, 8]

    /// The defaults.
    public init() {}

    /// ``retention``, at least as long as Ring or the replay window may bring a repetition.
    package func retention(for window: RingReplayWindow) -> Duration {
        max(self.retention, RingReplayWindow.deadLetterReplays.maximumAge, window.maximumAge)
    }

    /// The longest time that a webhook is stored to wait.
    package var maximumDelay: Duration { max(self.retries.maximumDelay, RingWebhookStore.keyInterval) }

    /// ``pollInterval``, long enough not to load the storage.
    package var effectivePollInterval: Duration { max(self.pollInterval, .milliseconds(10)) }
}
