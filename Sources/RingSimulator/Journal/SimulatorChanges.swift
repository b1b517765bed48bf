internal import RingCore
internal import Synchronization

/// What of the simulator changed.
struct ChangedTopics: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let journal = Self(rawValue: 1)
    static let deliveries = Self(rawValue: 2)
    /// Accounts and devices.
    static let accounts = Self(rawValue: 4)
    static let switches = Self(rawValue: 8)
    static let sessions = Self(rawValue: 16)
    static let clock = Self(rawValue: 32)
    static let held = Self(rawValue: 64)
    /// Tokens, codes and redirects.
    static let tokens = Self(rawValue: 128)

    /// What a state file has.
    static let kept: Self = [.deliveries, .accounts, .switches, .sessions, .clock, .tokens]

    static let all: [(topic: Self, name: String)] = [
        (.journal, "journal"), (.deliveries, "deliveries"), (.accounts, "accounts"), (.switches, "switches"),
        (.sessions, "sessions"), (.clock, "clock"), (.held, "held"), (.tokens, "tokens"),
    ]

    var names: [String] { Self.all.filter { self.contains($0.topic) }.map(\.name) }
}

/// Tells what changed since a version that a reader has seen: for pages that stay current, and for calls that wait.
///
/// ```
/// var version = changes.version
/// while let change = await changes.next(after: version) { version = change.version }
/// ```
final class SimulatorChanges: Sendable {
    private struct State {
        var version: UInt64 = 0
        /// For each topic, the version that changed it last.
        var latest = [UInt64](repeating: 0, count: ChangedTopics.all.count)
        var isStopped = false
    }

    private let state = Mutex(State())
    private let signal = RingSignal()

    /// The number of the last change.
    var version: UInt64 { self.state.withLock { $0.version } }

    /// The version of the last change of some topics.
    func version(of topics: ChangedTopics) -> UInt64 {
        self.state.withLock { state in
            var version: UInt64 = 0
            for (index, latest) in state.latest.enumerated() where topics.rawValue & 1 << index != 0 {
                version = max(version, latest)
            }
            return version
        }
    }

    /// The topics that changed after a version.
    func topics(after version: UInt64) -> ChangedTopics {
        self.state.withLock { Self.topics(after: version, in: $0) }
    }

    private static func topics(after version: UInt64, in state: State) -> ChangedTopics {
        var topics: ChangedTopics = []
        for (index, entry) in ChangedTopics.all.enumerated() where state.latest[index] > version {
            topics.formUnion(entry.topic)
        }
        return topics
    }

    func note(_ topics: ChangedTopics) {
        guard !topics.isEmpty else { return }
        self.state.withLock { state in
            state.version += 1
            for index in state.latest.indices where topics.rawValue & 1 << index != 0 {
                state.latest[index] = state.version
            }
        }
        self.signal.signal()
    }

    /// Waits until something changed after a version.
    ///
    /// - Returns: `nil` when the task was cancelled or the simulator stopped.
    func next(after version: UInt64) async -> (version: UInt64, topics: ChangedTopics)? {
        await self.signal.wait(until: { self.state.withLock { $0.version > version || $0.isStopped } })
        return self.state.withLock { state in
            guard !state.isStopped, state.version > version else { return nil }
            return (state.version, Self.topics(after: version, in: state))
        }
    }

    /// Waits until a condition holds, a time has passed, the task is cancelled or the simulator stops.
    ///
    /// - Returns: Whether the condition held in the end.
    func wait(until condition: () -> Bool, atMost limit: Duration) async -> Bool {
        let environment = RingEnvironment()
        let end = environment.clock.uptime() + limit
        while true {
            let seen = self.version
            let start = environment.clock.uptime()
            if condition() { return true }
            let now = environment.clock.uptime()
            guard now < end, !Task.isCancelled, !self.state.withLock({ $0.isStopped }) else { return false }
            // A condition that takes long is not looked at after each of thousands of changes.
            try? await environment.clock.sleep(for: min(end - now, (now - start) * 4))
            await self.signal.wait(
                until: { self.state.withLock { $0.version > seen || $0.isStopped } },
                atMost: end - environment.clock.uptime(), in: environment)
        }
    }

    /// Wakes everybody who waits, for good.
    func stop() {
        self.state.withLock { $0.isStopped = true }
        self.signal.signal()
    }
}
