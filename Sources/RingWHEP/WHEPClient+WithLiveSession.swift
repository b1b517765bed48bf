public import RingCore

extension WHEPClient {
    /// Opens a session for an engine, works with it, and closes it on every way out: return, throw, cancellation,
    /// deadline.
    ///
    /// <!-- given: client: WHEPClient, device: RingDeviceID, engine: any WHEPEngine, warn: @escaping @Sendable (Duration) -> Void -->
    /// ```swift
    /// try await client.withLiveSession(device, engine: engine) { session in
    ///     for await update in session.updates() where update.isEndingSoon {
    ///         warn(update.remaining)
    ///     }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - device: The camera.
    ///   - engine: What makes the media flow; closed at the end.
    ///   - options: What is asked for.
    ///   - body: The work. Its task is cancelled when the session's time is up; what it returns then counts.
    /// - Throws: As ``open(_:engine:options:)``; what `body` throws; `RingError` with `liveSessionEnded` when the session
    ///   ended and `body` gave up for that; its `liveEndReason` says why.
    public func withLiveSession<Value: Sendable>(
        _ device: RingDeviceID, engine: any WHEPEngine, options: WHEPSessionOptions = WHEPSessionOptions(),
        body: @Sendable (WHEPSession) async throws -> Value
    ) async throws -> Value {
        try await Self.use(try await self.open(device, engine: engine, options: options), body)
    }

    /// Opens a session with an offer that somebody else's engine made, works with it, and closes it on every way out.
    ///
    /// - Throws: As ``open(_:offer:options:)``; what `body` throws; `RingError` with `liveSessionEnded` when the session
    ///   ended and `body` gave up for that; its `liveEndReason` says why.
    public func withLiveSession<Value: Sendable>(
        _ device: RingDeviceID, offer: SDP, options: WHEPSessionOptions = WHEPSessionOptions(),
        body: @Sendable (WHEPSession) async throws -> Value
    ) async throws -> Value {
        try await Self.use(try await self.open(device, offer: offer, options: options), body)
    }

    private enum Step<Value: Sendable>: Sendable {
        case finished(Value)
        case sessionEnded
    }

    private static func use<Value: Sendable>(
        _ session: WHEPSession, _ body: @Sendable (WHEPSession) async throws -> Value
    ) async throws -> Value {
        do {
            let value = try await withoutActuallyEscaping(body) { body in
                try await withThrowingTaskGroup(of: Step<Value>.self) { group in
                    group.addTask { .finished(try await body(session)) }
                    group.addTask {
                        for await update in session.updates() where update.endReason != nil { break }
                        return .sessionEnded
                    }
                    defer { group.cancelAll() }
                    do {
                        while let step = try await group.next() {
                            if case .finished(let value) = step { return value }
                            group.cancelAll()
                        }
                    } catch is CancellationError where session.endReason != nil && !Task.isCancelled {
                        // The work ended because the session did.
                    }
                    throw session.endReason.map { RingError.liveSessionEnded($0) } ?? CancellationError()
                }
            }
            await session.close()
            return value
        } catch {
            await session.close(Task.isCancelled ? .cancelled : .failed)
            throw error
        }
    }
}
