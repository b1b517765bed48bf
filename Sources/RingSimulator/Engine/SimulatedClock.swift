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

        func milliseconds(at uptime: Duration) -> Int64 {
            let (seconds, attoseconds) = (uptime - self.uptime).components
            let real = Double(seconds) * 1000 + Double(attoseconds) / 1e15
            return self.milliseconds + Int64(real * self.speed)
        }
    }

    private let base: any RingClock
    private let state: Mutex<State>

    /// - Parameters:
    ///   - start: Simulated epoch milliseconds; `nil` for the present.
    ///   - base: The clock that it follows; `nil` for the machine's.
    init(speed: Double, start: Int64? = nil, base: (any RingClock)? = nil) {
        self.base = base ?? RingSystemClock()
        self.state = Mutex(
            State(
                uptime: self.base.uptime(), milliseconds: start ?? self.base.now().epochMilliseconds,
                speed: speed.isFinite && Self.speeds.contains(speed) ? speed : 1))
    }

    /// Simulated epoch milliseconds.
    var now: Int64 { self.state.withLock { $0.milliseconds(at: self.base.uptime()) } }

    /// How many simulated milliseconds pass in a real one.
    var speed: Double { self.state.withLock { $0.speed } }

    /// Whether time passes by itself.
    var isRunning: Bool { self.speed > 0 }

    func advance(milliseconds: Int64) {
        self.state.withLock { $0.milliseconds += max(0, min(milliseconds, 1 << 42)) }
    }

    /// Goes on at another speed.
    func setSpeed(_ speed: Double) {
        self.state.withLock { state in
            let uptime = self.base.uptime()
            (state.milliseconds, state.uptime) = (state.milliseconds(at: uptime), uptime)
            state.speed = speed
        }
    }

    /// Begins at another time, also an earlier one: for a new world.
    func restart(at milliseconds: Int64, speed: Double) {
        self.state.withLock { $0 = State(uptime: self.base.uptime(), milliseconds: milliseconds, speed: speed) }
    }

    /// Waits in real time for so many simulated milliseconds, at the present speed.
    func sleep(milliseconds: Int64) async throws {
        let speed = self.speed
        try await self.base.sleep(for: .milliseconds(min(1e12, max(1, Double(milliseconds) / max(speed, 1e-9)))))
    }
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
