package import RingCore

/// A session to record: a live one, or a script in a test.
package struct RecordingSource: Sendable {
    /// Records the units until they end.
    package var record: @Sendable (RingLiveRecorder) async throws -> Void
    /// The RTP packets that are lost so far.
    package var lostPackets: @Sendable () -> Int
    /// Ends the session, and says why it ended. The units end then. Can be called again.
    package var close: @Sendable () async -> String
    /// What became of the media, when they failed.
    package var failure: @Sendable () -> RingError?

    /// Creates a source.
    package init<Units: AsyncSequence & Sendable>(
        _ units: Units, lostPackets: @escaping @Sendable () -> Int = { 0 },
        failure: @escaping @Sendable () -> RingError? = { nil }, close: @escaping @Sendable () async -> String
    ) where Units.Element == RingLiveAccessUnit {
        self.record = { try await $0.record(units) }
        self.lostPackets = lostPackets
        self.failure = failure
        self.close = close
    }
}

/// Records one session after the other into one recording. No two are open at a time.
package struct RecordingChain: Sendable {
    /// How long to record, from the first picture on; `nil` until the task is cancelled.
    package var duration: Duration?
    /// Whether another session follows one that has ended.
    package var isChained: Bool
    /// The source of time.
    package var clock: any RingClock
    /// Opens a session.
    package var open: @Sendable () async throws -> RecordingSource

    /// Consecutive sessions that did not open, or had no picture, after which the recording ends.
    private static let maximumFailures = 6
    /// The longest wait before another session.
    private static let maximumWait = Duration.seconds(30)

    /// Creates a chain.
    package init(
        duration: Duration?, isChained: Bool, clock: any RingClock,
        open: @escaping @Sendable () async throws -> RecordingSource
    ) {
        self.duration = duration
        self.isChained = isChained
        self.clock = clock
        self.open = open
    }

    /// Records, and completes the recording in every case.
    ///
    /// - Throws: What prevented any recording.
    package func record(to recorder: RingLiveRecorder) async throws -> RingLiveRecording {
        if let duration { await recorder.end(after: duration) }
        var failures = 0
        while true {
            let before = await recorder.frameCount
            var failure: RingError?
            do {
                failure = try await self.recordSession(recorder)
            } catch is CancellationError {
                break
            } catch {
                failure = RingError(recording: error)
            }
            let left = await self.remaining(recorder)
            if Task.isCancelled || left.map({ $0 <= .zero }) ?? false { break }
            failures = await recorder.frameCount > before ? 0 : failures + 1
            guard self.isChained, await recorder.canContinue else {
                if let failure { await recorder.note(failure: failure) }
                break
            }
            if let failure, failures >= Self.maximumFailures || !failure.allowsAnotherSession {
                await recorder.note(failure: failure)
                break
            }
            if failures > 0 {
                let wait = failure?.retryAfter ?? min(.seconds(1 << min(failures - 1, 5)), Self.maximumWait)
                if let left, left <= wait {
                    if let failure { await recorder.note(failure: failure) }
                    break
                }
                // The only error is the cancellation, which ends the recording.
                do { try await self.clock.sleep(for: wait) } catch { break }
            }
        }
        do { return try await recorder.finish() } catch {
            if Task.isCancelled, error.code == .recordingEmpty { throw CancellationError() }
            throw error.cause as? RingLiveError ?? error
        }
    }

    /// The time that is left; all of it before the first picture.
    private func remaining(_ recorder: RingLiveRecorder) async -> Duration? {
        guard let duration = self.duration else { return nil }
        guard let begin = await recorder.firstUptime else { return duration }
        guard await !recorder.isFull else { return .zero }
        return begin + duration - self.clock.uptime()
    }

    /// Records one session.
    ///
    /// - Returns: The failure of its media; `nil` when it came to its end.
    private func recordSession(_ recorder: RingLiveRecorder) async throws -> RingError? {
        let source = try await self.open()
        let clock = self.clock
        await recorder.countLosses(source.lostPackets)
        var failure: RingError?
        await withTaskGroup(of: (isRecorder: Bool, failure: RingError?).self) { group in
            group.addTask {
                do { try await source.record(recorder) } catch is CancellationError {} catch {
                    return (true, RingError(recording: error))
                }
                return (true, nil)
            }
            if self.duration != nil {
                group.addTask {
                    while let left = await self.remaining(recorder), left > .zero {
                        // A cancelled wait is not the end of the time: the units have ended before.
                        do { try await clock.sleep(for: left) } catch { return (false, nil) }
                    }
                    // The units end with the session. Those that are here already are recorded: they are late by the
                    // jitter buffer.
                    _ = await source.close()
                    return (false, nil)
                }
            }
            for await result in group {
                failure = failure ?? result.failure
                if result.isRecorder { group.cancelAll() }
            }
        }
        let reason = await source.close()
        failure = failure ?? source.failure()
        await recorder.note(endReason: failure?.code.rawValue ?? reason)
        return failure
    }
}

extension RingError {
    /// The failure of a recording: errors of this package as they are, others by their name.
    init(recording error: any Error) {
        if let error = error as? RingError {
            self = error
        } else if let error = error as? RingLiveError {
            self.init(code: Code(error.code.description), message: error.message, cause: error)
        } else {
            self.init(code: Code("live_failed"), message: "the live session failed: \(type(of: error))", cause: error)
        }
    }

    /// Whether another session may bring what this one did not: what failed passes, or belonged to the one session.
    fileprivate var allowsAnotherSession: Bool {
        let ofOneSession: Set<String> = [
            "live_connection_failed", "live_handshake_failed", "live_idle", "live_peer_stopped",
        ]
        return self.isTransient || ofOneSession.contains(self.code.rawValue)
    }
}
