public import RingCore
internal import RingJSONAPI
internal import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The time of a simulator in another process, for the service that is tested with it.
///
/// It asks the control origin several times a second for as long as it exists. When the simulator cannot be reached, it goes on
/// by its last speed. A new world of the simulator sets ``now()`` back, and ``uptime()`` goes on.
public final class RingSimulatorClock: RingClock {
    private static let operation = RingOperation(
        "simulator.clock", retry: .never, carriesAccessToken: false, countsAgainstRateLimit: false)
    /// How often the simulator is asked, in real time.
    private static let interval = Duration.milliseconds(200)
    /// A difference that is not the network's.
    private static let tolerance: Int64 = 50

    private let clock: SimulatedClock
    private let task = Mutex<Task<Void, Never>?>(nil)

    private init(_ reading: Reading) {
        self.clock = SimulatedClock(speed: reading.speed, start: reading.now)
    }

    deinit { self.task.withLock { $0 }?.cancel() }

    /// Follows a simulator's clock.
    ///
    /// - Parameters:
    ///   - controlURL: The simulator's control origin.
    ///   - transport: Sends the requests to it, such as `RingPlatformTransport.shared`.
    /// - Throws: `RingError` when no simulator responds there; `CancellationError` when the task is cancelled.
    public static func following(
        _ controlURL: String, over transport: any RingTransport
    ) async throws -> RingSimulatorClock {
        guard let origin = URL(string: controlURL), RingURL.isSecure(origin) else {
            throw RingError(code: .misconfigured, message: "the control URL must be https, or http on loopback")
        }
        let url = try RingURL.url(origin, path: ["clock"])
        let clock = RingSimulatorClock(try await Self.read(url, transport))
        let task = Task { [weak clock] in
            while !Task.isCancelled {
                do { try await Task.sleep(for: Self.interval) } catch { return }
                guard let reading = try? await Self.read(url, transport) else { continue }
                guard let clock else { return }
                clock.follow(reading)
            }
        }
        clock.task.withLock { $0 = task }
        return clock
    }

    /// The simulated date.
    public func now() -> Date { Date(epochMilliseconds: self.clock.now) }

    /// The simulated time that has passed since the clock was created.
    public func uptime() -> Duration { self.clock.uptime }

    /// Waits for simulated time.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        try await self.clock.sleep(until: self.clock.uptime + duration)
    }

    // MARK: Following

    private struct Reading: Sendable {
        var now: Int64
        var speed: Double
    }

    private static func read(_ url: URL, _ transport: any RingTransport) async throws -> Reading {
        let context = RingRequestContext(
            operation: Self.operation, timeouts: RingTimeouts(firstByte: .seconds(5), total: .seconds(10)))
        let response = try await transport.send(RingHTTPRequest(url: url), context: context)
        let body = try await response.body.bytes(upTo: 64 << 10, of: Self.operation)
        let value = try? JSONAPIValue(parsing: body)
        guard response.status == 200, let now = value?["now"]?.int64, let speed = value?["speed"]?.double else {
            throw RingError(
                code: .malformedResponse,
                message: "the response (status \(response.status)) is not a simulator's clock; check the control URL",
                operation: Self.operation, status: response.status, delivery: .responded)
        }
        return Reading(now: now, speed: speed)
    }

    private func follow(_ reading: Reading) {
        if reading.speed != self.clock.speed { self.clock.setSpeed(reading.speed) }
        // At a high speed, the time that the response took is long.
        let tolerance = Self.tolerance + Int64(min(1e12, Double(Self.tolerance) * reading.speed))
        let ahead = reading.now - self.clock.now
        if ahead > tolerance {
            self.clock.advance(milliseconds: ahead)
        } else if ahead < -tolerance {
            self.clock.restart(at: reading.now, speed: reading.speed)
        }
    }
}
