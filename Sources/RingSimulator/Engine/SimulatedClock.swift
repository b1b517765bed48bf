internal import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A clock that runs at a speed of its own and can be moved forward.
final class SimulatedClock: Sendable {
    private let base: RingSystemClock
    private let startUptime: Duration
    private let startMilliseconds: Int64
    private let speed: Double
    private let advanced = Mutex<Int64>(0)

    init(speed: Double) {
        self.base = RingSystemClock()
        self.startUptime = self.base.uptime()
        self.startMilliseconds = Int64(self.base.now().timeIntervalSince1970 * 1000)
        self.speed = speed.isFinite && speed > 0 ? speed : 1
    }

    /// Simulated epoch milliseconds.
    var now: Int64 {
        let elapsed = self.base.uptime() - self.startUptime
        let real = Double(elapsed.components.seconds) * 1000 + Double(elapsed.components.attoseconds) / 1e15
        return self.startMilliseconds + Int64(real * self.speed) + self.advanced.withLock { $0 }
    }

    func advance(milliseconds: Int64) {
        self.advanced.withLock { $0 += max(0, min(milliseconds, 1 << 42)) }
    }

    /// Waits in real time for so many simulated milliseconds.
    func sleep(milliseconds: Int64) async throws {
        try await self.base.sleep(for: .milliseconds(max(1, Double(milliseconds) / self.speed)))
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
