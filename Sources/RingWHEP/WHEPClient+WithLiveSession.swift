public import RingCore

extension WHEPClient {
    /// Opens a session for an engine, runs work with it, and closes it in every case: return, throw, cancellation,
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
    ///   - engine: Receives the media; closed at the end.
    ///   - options: Optional behaviour.
    ///   - body: The work. Its task is cancelled when the session ends; a value that it returns then is the result.
    /// - Throws: As ``open(_:engine:options:)``; the errors of `body`; `RingError` with `liveSessionEnded` when the
    ///   session ended and `body` was cancelled for that; its `liveEndReason` says why.
    public func withLiveSession<Value: Sendable>(
        _ device: RingDeviceID, engine: any WHEPEngine, options: WHEPSessionOptions = WHEPSessionOptions(),
        body: @Sendable (WHEPSession) async throws -> Value
    ) async throws -> Value {
        try await Self.use(try await self.open(device, engine: engine, options: options), body)
    }

    /// Opens a session with an offer of an external engine, runs work with it, and closes it in every case.
    ///
    /// - Throws: As ``open(_:offer:options:)``; the errors of `body`; `RingError` with `liveSessionEnded` when the
    ///   session ended and `body` was cancelled for that; its `liveEndReason` says why.
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
                        // The work ended because the session ended.
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
