internal import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A clock that runs at a speed of its own and can be moved forward, never back.
final class SimulatedClock: Sendable {
    /// The speeds that the clock runs at; 0 stands still.
    static let speeds = 0.0...1e6

    private struct State {
        /// The reading of the machine's clock when the time was ``milliseconds``.
        var uptime: Duration
        var milliseconds: Int64
        var speed: Double
        /// What to add to the time for the reading that never goes back.
        var offset: Int64

        func milliseconds(at uptime: Duration) -> Int64 {
            let (seconds, attoseconds) = (uptime - self.uptime).components
            let real = Double(seconds) * 1000 + Double(attoseconds) / 1e15
            return self.milliseconds + Int64(real * self.speed)
        }
    }

    private let base: any RingClock
    private let state: Mutex<State>
    /// Signalled when the clock was moved, or runs at another speed.
    private let moved = RingSignal()

    /// - Parameters:
    ///   - start: Simulated epoch milliseconds; `nil` for the present.
    ///   - base: The clock that it follows; `nil` for the machine's.
    init(speed: Double, start: Int64? = nil, base: (any RingClock)? = nil) {
        self.base = base ?? RingSystemClock()
        let milliseconds = start ?? self.base.now().epochMilliseconds
        self.state = Mutex(
            State(
                uptime: self.base.uptime(), milliseconds: milliseconds,
                speed: speed.isFinite && Self.speeds.contains(speed) ? speed : 1, offset: -milliseconds))
    }

    /// Simulated epoch milliseconds.
    var now: Int64 { self.state.withLock { $0.milliseconds(at: self.base.uptime()) } }

    /// The time of the clock that this one follows, in epoch milliseconds.
    var baseNow: Int64 { self.base.now().epochMilliseconds }

    /// The simulated time that has passed since the first start. A new world does not set it back.
    var uptime: Duration {
        self.state.withLock { .milliseconds($0.milliseconds(at: self.base.uptime()) + $0.offset) }
    }

    /// How many simulated milliseconds pass in a real one.
    var speed: Double { self.state.withLock { $0.speed } }

    /// Whether time passes by itself.
    var isRunning: Bool { self.speed > 0 }

    func advance(milliseconds: Int64) {
        self.state.withLock { $0.milliseconds += max(0, min(milliseconds, 1 << 42)) }
        self.moved.signal()
    }

    /// Goes on at another speed.
    func setSpeed(_ speed: Double) {
        self.state.withLock { state in
            let uptime = self.base.uptime()
            (state.milliseconds, state.uptime) = (state.milliseconds(at: uptime), uptime)
            state.speed = speed
        }
        self.moved.signal()
    }

    /// Begins at another time, also an earlier one: for a new world.
    func restart(at milliseconds: Int64, speed: Double) {
        self.state.withLock { state in
            let uptime = self.base.uptime()
            let passed = state.milliseconds(at: uptime) + state.offset
            state = State(uptime: uptime, milliseconds: milliseconds, speed: speed, offset: passed - milliseconds)
        }
        self.moved.signal()
    }

    /// Waits until ``uptime`` has reached a reading, at whatever speed, and however the clock is moved.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    func sleep(until end: Duration) async throws {
        let environment = RingEnvironment(clock: self.base)
        while true {
            let (rest, speed) = (end - self.uptime, self.speed)
            guard rest > .zero else { return try Task.checkCancellation() }
            let isOver = { self.uptime >= end || self.speed != speed }
            if speed > 0 {
                let real = min(max(.milliseconds(1), rest / speed), .seconds(1 << 30))
                await self.moved.wait(until: isOver, atMost: real, in: environment)
            } else {
                await self.moved.wait(until: isOver)
            }
            try Task.checkCancellation()
        }
    }

    /// Waits until a moment of the present world, in simulated epoch milliseconds.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    func sleep(untilMilliseconds moment: Int64) async throws {
        try await self.sleep(until: .milliseconds(self.state.withLock { moment + $0.offset }))
    }
}

/// The simulated time as a clock.
///
/// A reading of ``uptime()`` counts simulated time too, so that limits and waits run by it.
struct SimulatorClock: RingClock {
    private let clock: SimulatedClock

    init(_ clock: SimulatedClock) { self.clock = clock }

    func now() -> Date { Date(epochMilliseconds: self.clock.now) }

    func uptime() -> Duration { self.clock.uptime }

    func sleep(for duration: Duration) async throws { try await self.clock.sleep(until: self.clock.uptime + duration) }
}

extension Duration {
    /// Whole milliseconds.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = self.components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}

extension Date {
    init(epochMilliseconds: Int64) { self.init(timeIntervalSince1970: Double(epochMilliseconds) / 1000) }

    var epochMilliseconds: Int64 { Int64((self.timeIntervalSince1970 * 1000).rounded()) }
}
