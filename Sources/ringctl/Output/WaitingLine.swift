import RingCore
import Synchronization

/// Says on a terminal what a command waits for, and how long it has, from the first second on. A command that draws progress
/// of its own is left alone.
final class WaitingLine: Sendable {
    private let output: Output
    private let what: String
    private let clock: any RingClock
    private let start: Duration
    private let reason = Mutex<(text: String, end: Duration)?>(nil)

    init(output: Output, what: String, clock: any RingClock) {
        self.output = output
        self.what = what
        self.clock = clock
        self.start = clock.uptime()
    }

    /// Notes a wait before a request is sent again.
    func note(_ event: any RingObservation) {
        guard self.output.drawsProgress else { return }
        var facts: [String: String] = [:]
        for (key, value) in event.attributes { facts[key] = value }
        guard let text = facts["wait_ms"], let wait = Int64(text), let reason = facts["reason"] else { return }
        let end = self.clock.uptime() + .milliseconds(wait)
        self.reason.withLock { $0 = ("waits \((wait + 999) / 1000) s: \(reason)", end) }
    }

    /// Draws until it is cancelled.
    func draw() async throws {
        while true {
            try await self.clock.sleep(for: .seconds(1))
            let now = self.clock.uptime()
            let reason = self.reason.withLock { $0.flatMap { $0.end > now ? $0.text : nil } }
            let seconds = (now - self.start).components.seconds
            self.output.progress("\(self.what): \(seconds) s" + (reason.map { ", \($0)" } ?? ""), onlyWhenIdle: true)
        }
    }
}
