public import RingCore

extension WHEPClient {
    /// Watches longer than one session may last: before a session ends, the next one is opened, and both run for a
    /// moment so that no video is lost.
    ///
    /// When the server allows one session per device, the old one is closed before the next is opened, and there is a gap.
    /// The battery budget and the maximum number of sessions apply to every session. All sessions are closed in every case.
    ///
    /// - Parameters:
    ///   - device: The camera.
    ///   - duration: How long to watch.
    ///   - overlap: How long two sessions run side by side; the first frame takes three to five seconds.
    ///   - options: Optional behaviour of each session.
    ///   - makeEngine: Creates an engine for each session.
    ///   - onSession: Shows the session from now on, for example by switching the view. Return soon.
    /// - Throws: As ``open(_:engine:options:)``, for any of the sessions; the errors of `makeEngine`;
    ///   `RingError` with `liveSessionEnded` or `liveShutDown` when the process closes all its sessions.
    public func withLiveChain(
        _ device: RingDeviceID, duration: Duration, overlap: Duration = .seconds(5),
        options: WHEPSessionOptions = WHEPSessionOptions(), makeEngine: @Sendable () async throws -> any WHEPEngine,
        onSession: @Sendable (WHEPSession) async -> Void
    ) async throws {
        let clock = self.api.environment.clock
        let end = RingDeadline(in: duration, clock: clock)
        var current = try await self.open(device, engine: makeEngine(), options: options)
        var previous: WHEPSession?
        do {
            await onSession(current)
            while true {
                let left = end.remaining(clock)
                let ofSession = current.remaining
                // Never hand over in the first half of a session: a long overlap would open them in a burst.
                let untilHandover = max(ofSession - overlap, ofSession / 2)
                if left <= ofSession {
                    try await Self.wait(left, or: current, clock)
                    if current.endReason == .shutdown { throw RingError.liveSessionEnded(.shutdown) }
                    break
                }
                try await Self.wait(untilHandover, or: current, clock)
                if current.endReason == .shutdown { throw RingError.liveSessionEnded(.shutdown) }
                if let old = previous { await old.close(.replaced) }
                let next = try await self.open(device, engine: makeEngine(), options: options, replacing: current)
                previous = current
                current = next
                await onSession(next)
            }
        } catch {
            let reason = Task.isCancelled ? WHEPEndReason.cancelled : .failed
            await previous?.close(reason)
            await current.close(reason)
            throw error
        }
        await previous?.close(.replaced)
        await current.close()
    }

    /// Waits for a time, or until a session ends, whichever comes first.
    private static func wait(_ duration: Duration, or session: WHEPSession, _ clock: any RingClock) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { if duration > .zero { try await clock.sleep(for: duration) } }
            group.addTask { for await update in session.updates() where update.endReason != nil { break } }
            try await group.next()
            group.cancelAll()
        }
        try Task.checkCancellation()
    }
}
