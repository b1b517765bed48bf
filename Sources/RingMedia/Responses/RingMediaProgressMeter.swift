public import RingCore
internal import Synchronization

/// The progress of a transfer.
public struct RingMediaProgress: Hashable, Sendable {
    /// The bytes that have arrived. Returns to zero when a transfer starts again.
    public package(set) var bytes: Int64
    /// The total number of bytes, when the response announces it.
    public package(set) var total: Int64?
    /// The present rate, in bytes per second.
    public package(set) var rate: Double
    /// The remaining time at that rate, when the total is known.
    public package(set) var timeLeft: Duration?

    package init(bytes: Int64, total: Int64? = nil, rate: Double = 0, timeLeft: Duration? = nil) {
        self.bytes = bytes
        self.total = total
        self.rate = rate
        self.timeLeft = timeLeft
    }

    /// The part that has arrived, 0 to 1, when the total is known.
    package var fraction: Double? {
        guard let total, total > 0 else { return nil }
        return min(1, Double(self.bytes) / Double(total))
    }
}

/// Measures one transfer. Pass it to a download and read ``updates`` from another task.
///
/// <!-- given: media: RingMediaClient, request: RingClipRequest, path: String, show: (RingMediaProgress) -> Void -->
/// ```swift
/// let meter = RingMediaProgressMeter()
/// async let file = media.download(request, to: path, progress: meter)
/// for await progress in meter.updates { show(progress) }
/// let done = try await file
/// ```
public final class RingMediaProgressMeter: Sendable {
    /// The progress; a slow reader gets the newest value only. Ends with the transfer, however it ends.
    public let updates: AsyncStream<RingMediaProgress>

    private let continuation: AsyncStream<RingMediaProgress>.Continuation
    private let clock: any RingClock
    private let interval: Duration
    private let state: Mutex<State>

    private struct State {
        var latest = RingMediaProgress(bytes: 0)
        var lastShown: Duration?
        var lastMeasured: Duration
        var measuredBytes: Int64 = 0
        var rate: Double?
    }

    /// Creates a meter for one transfer.
    ///
    /// - Parameters:
    ///   - interval: The shortest time between two updates; the first and the last are always given.
    ///   - clock: The source of time; `nil` for the machine's own clocks.
    public init(interval: Duration = .milliseconds(200), clock: (any RingClock)? = nil) {
        let clock = clock ?? RingSystemClock()
        (self.updates, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.clock = clock
        self.interval = interval
        self.state = Mutex(State(lastMeasured: clock.uptime()))
    }

    deinit { self.continuation.finish() }

    /// The newest progress.
    package var latest: RingMediaProgress { self.state.withLock { $0.latest } }

    /// A transfer begins, or starts again.
    func begin(total: Int64?) {
        let now = self.clock.uptime()
        self.state.withLock { state in
            state = State(latest: RingMediaProgress(bytes: 0, total: total), lastMeasured: now)
            state.lastShown = now
            self.continuation.yield(state.latest)
        }
    }

    /// Sets the number of bytes that have arrived.
    func report(_ bytes: Int64) {
        let now = self.clock.uptime()
        self.state.withLock { state in
            state.latest.bytes = bytes
            guard state.lastShown.map({ now - $0 >= self.interval }) ?? true else { return }
            Self.measure(&state, now: now)
            state.lastShown = now
            self.continuation.yield(state.latest)
        }
    }

    /// The transfer ended.
    func finish() {
        let now = self.clock.uptime()
        self.state.withLock { state in
            Self.measure(&state, now: now)
            self.continuation.yield(state.latest)
        }
        self.continuation.finish()
    }

    /// Smooths the rate over about three seconds.
    private static func measure(_ state: inout State, now: Duration) {
        let elapsed = (now - state.lastMeasured).seconds
        guard elapsed > 0.001 else { return }
        let present = Double(state.latest.bytes - state.measuredBytes) / elapsed
        let weight = min(1, elapsed / 3)
        let rate = state.rate.map { $0 + (present - $0) * weight } ?? present
        state.rate = rate
        state.lastMeasured = now
        state.measuredBytes = state.latest.bytes
        state.latest.rate = rate
        state.latest.timeLeft = state.latest.total.flatMap { total in
            rate > 0 ? .clamped(seconds: Double(max(0, total - state.latest.bytes)) / rate) : nil
        }
    }
}
