public import RingCore
internal import Synchronization

/// Measures one transfer. Hand it to a download and read ``updates`` from another task.
///
/// <!-- given: media: RingMediaClient, request: RingClipRequest, path: String, show: (RingMediaProgress) -> Void -->
/// ```swift
/// let meter = RingMediaProgressMeter()
/// async let file = media.download(request, to: path, progress: meter)
/// for await progress in meter.updates { show(progress) }
/// let done = try await file
/// ```
public final class RingMediaProgressMeter: Sendable {
    /// The progress, the newest value alone when the reader is slower. Ends with the transfer, however it ends.
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
    ///   - clock: The source of time.
    public init(interval: Duration = .milliseconds(200), clock: any RingClock = RingSystemClock()) {
        (self.updates, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.clock = clock
        self.interval = interval
        self.state = Mutex(State(lastMeasured: clock.uptime()))
    }

    deinit { self.continuation.finish() }

    /// The newest progress.
    public var latest: RingMediaProgress { self.state.withLock { $0.latest } }

    /// A transfer begins, perhaps again.
    func begin(total: Int64?) {
        let now = self.clock.uptime()
        self.state.withLock { state in
            state = State(latest: RingMediaProgress(bytes: 0, total: total), lastMeasured: now)
            state.lastShown = now
            self.continuation.yield(state.latest)
        }
    }

    /// So many bytes have arrived.
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
