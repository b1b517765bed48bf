internal import RingCore
internal import Synchronization

/// The lifecycle that a client and its copies share.
final class RingPartnerLifecycle: Sendable {
    enum Phase: Comparable {
        case running, stopping, ended
    }

    private struct Weak { weak var inbox: RingWebhookInbox? }

    private struct State {
        var inboxes: [Weak] = []
        var phase = Phase.running
        /// Links that could not be resumed: the number of failures, and when they are tried again.
        var resumes: [RingAccountID: (failures: Int, next: Duration)] = [:]
    }

    private let state = Mutex(State())
    private let signal = RingSignal()

    func add(_ inbox: RingWebhookInbox) {
        self.state.withLock { state in
            state.inboxes.removeAll { $0.inbox == nil }
            state.inboxes.append(Weak(inbox: inbox))
        }
    }

    var inboxes: [RingWebhookInbox] { self.state.withLock { $0.inboxes.compactMap(\.inbox) } }

    var phase: Phase { self.state.withLock { $0.phase } }

    /// Enters a phase, if it is later than the present one.
    func enter(_ phase: Phase) {
        self.state.withLock { $0.phase = max($0.phase, phase) }
        self.signal.signal()
    }

    /// Waits until a phase is reached, or the task is cancelled.
    func wait(for phase: Phase) async {
        await self.signal.wait(until: { self.phase >= phase })
    }

    /// Whether a link that could not be resumed may be tried again.
    func mayResume(_ account: RingAccountID, _ now: Duration) -> Bool {
        self.state.withLock { $0.resumes[account].map { $0.next <= now } ?? true }
    }

    func noteSuccess(_ account: RingAccountID) { self.state.withLock { $0.resumes[account] = nil } }

    /// One minute, doubled at each failure, at most six hours.
    func noteFailure(_ account: RingAccountID, _ now: Duration) {
        self.state.withLock { state in
            let failures = (state.resumes[account]?.failures ?? 0) + 1
            let pause = min(Duration.seconds(60) * (1 << min(failures - 1, 9)), .seconds(21_600))
            state.resumes[account] = (failures, now + pause)
            if state.resumes.count > 10_000 { state.resumes = state.resumes.filter { $0.value.next > now } }
        }
    }
}
