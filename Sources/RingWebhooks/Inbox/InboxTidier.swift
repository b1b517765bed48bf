internal import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Releases, seals and deletes what is due for it, as far as the wall clock can be trusted.
final class InboxTidier: Sendable {
    private let options: RingWebhookInboxOptions
    private let environment: RingEnvironment
    private let store: RingWebhookStore
    private let identity: Int64
    private let activity: InboxActivity
    private let clockWatch = Mutex(ClockWatch())
    /// The wall clock was set, or the process stops.
    private let clockSet = RingSignal()

    /// - Parameter identity: Distinguishes this inbox from those of other processes and of earlier runs.
    init(
        options: RingWebhookInboxOptions, environment: RingEnvironment, store: RingWebhookStore, identity: Int64,
        activity: InboxActivity
    ) {
        self.options = options
        self.environment = environment
        self.store = store
        self.identity = identity
        self.activity = activity
    }

    /// Wakes what waits for the clock after ``InboxActivity/stop()``.
    func wakeUp() { self.clockSet.signal() }

    private var isStopping: Bool { Task.isCancelled || !self.activity.isWorking }

    /// Notices that the wall clock was set: the stored dates are then checked again at once.
    func watchClock() {
        let offset = self.environment.clock.now().timeIntervalSince1970 - self.environment.clock.uptime().timeInterval
        let uptime = self.environment.clock.uptime()
        guard self.clockWatch.withLock({ $0.note(offset: offset, at: uptime) }) else { return }
        self.activity.noteClockSet()
        self.clockSet.signal()
    }

    /// How long the wall clock must have kept pace with the monotonic one before it decides what is deleted.
    private static let steadyTime = Duration.seconds(3_600)

    /// Releases, seals and deletes what is due for it, at once and every hour, until the inbox stops.
    func run() async {
        repeat {
            let released = await self.store.reportFailure("release") {
                try await self.store.releaseFresh(
                    by: self.activity.replayWindow, inbox: self.identity, limits: self.options.maximumBodyBytes)
            }
            if let released, released > 0 { self.activity.expectWork() }
            await self.store.reportFailure("reseal") { try await self.store.reseal() }
            self.watchClock()
            let now = self.environment.clock.uptime()
            let unsteady = self.clockWatch.withLock { $0.remaining(of: Self.steadyTime, at: now) }
            if unsteady <= .zero {
                let purged = await self.store.reportFailure("purge") {
                    try await self.store.purge(
                        keepingDone: self.options.retention(for: self.activity.replayWindow),
                        quarantined: self.options.quarantineRetention)
                }
                if let purged, purged > 0 { self.environment.observer.observe(RingWebhooksPurged(count: purged)) }
            }
            guard !self.isStopping else { return }
            await self.clockSet.wait(
                atMost: unsteady > .zero ? unsteady : .seconds(3_600), in: self.environment)
        } while !self.isStopping
    }
}

extension RingWebhookStore {
    /// Runs an action of the storage and reports its failure to the observer.
    @discardableResult
    func reportFailure<Value: Sendable>(_ action: String, _ body: () async throws -> Value) async -> Value? {
        do {
            return try await body()
        } catch {
            self.environment.observer.observe(RingWebhookStoreFailed(action: action, failure: error))
            return nil
        }
    }
}
