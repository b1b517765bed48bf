internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Reports from time to time how many webhooks wait, and for how long.
struct InboxGauge: Sendable {
    let store: RingWebhookStore
    let environment: RingEnvironment
    /// How far they are counted.
    let maximumCount: Int

    /// How often. The reports of several processes say the same.
    private static let interval = Duration.seconds(60)

    /// Reports until the task is cancelled.
    func run() async {
        while (try? await self.environment.clock.sleep(for: Self.interval)) != nil { await self.report() }
    }

    private func report() async {
        await self.store.reportFailure("count") {
            let count = try await self.store.backlog(limit: self.maximumCount)
            let oldest = count == 0 ? nil : try await self.store.oldestWaiting()
            // The clock of the machine that received it may be ahead of this one.
            let age = oldest.map { max(0, self.store.now.timeIntervalSince($0)) } ?? 0
            self.environment.observer.observe(RingWebhooksWaiting(count: count, oldestAge: .seconds(age)))
        }
    }
}
