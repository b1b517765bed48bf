public import RingCore
internal import RingWHEP
internal import Synchronization

extension RingLiveClient {
    /// Records a camera, and closes every session in every case: end, failure, cancellation.
    ///
    /// <!-- given: client: WHEPClient, device: RingDeviceID -->
    /// ```swift
    /// let recorder = try RingLiveRecorder(to: .file("door.mp4"))
    /// let recording = try await RingLiveClient(client).record(device, with: recorder, duration: .seconds(20))
    /// print(recording.duration, recording.frameCount, recording.gaps)
    /// ```
    ///
    /// Ring ends a session after 30 or 60 seconds. With `isChained` another one is opened then, within the limits of the
    /// governor and the budget of the battery. One session is open at a time, so each change costs a gap of a few seconds, which
    /// is measured and noted in the recording and in its index. Chaining keeps the camera streaming: it uses up a battery, and
    /// cameras that stream are reported to send no motion or ding events, so the webhooks may be silent meanwhile.
    ///
    /// What happened before the call cannot be recorded: a camera that is always ready for that would have to stream all the
    /// time. Ring's own recordings of events are clips (`RingMedia`).
    ///
    /// - Parameters:
    ///   - device: The camera.
    ///   - recorder: Writes the recording, and is finished by this call.
    ///   - duration: How long to record, from the first picture on; `nil` until the session ends, or a chain is cancelled.
    ///   - isChained: Whether another session follows one that has ended before its time.
    ///   - options: Optional behaviour of the sessions. Sound is requested when the recorder records it.
    /// - Returns: What was recorded. ``RingLiveRecording/failure`` is set when it ended early; a failure of the media has the
    ///   word of its ``RingLiveError/Code``, and is the cause.
    /// - Throws: As ``open(_:options:)`` and ``RingLiveRecorder/finish()``, when nothing was recorded. `CancellationError` when the
    ///   task is cancelled before the first picture; a later cancellation ends the recording, which is returned.
    public func record(
        _ device: RingDeviceID, with recorder: RingLiveRecorder, duration: Duration? = nil, isChained: Bool = false,
        options: RingLiveOptions = RingLiveOptions(mode: .recording)
    ) async throws -> RingLiveRecording {
        var first = options
        first.receivesAudio = first.receivesAudio || recorder.includesAudio
        let shared = SharedOptions(first)
        let chain = RecordingChain(
            duration: duration, isChained: isChained, clock: self.client.api.environment.clock
        ) {
            let session = try await self.open(device, options: shared.value)
            // Ring names its servers in a response: they are known from the second session on.
            if !session.iceServers.isEmpty, options.iceServers.isEmpty { shared.set(session.iceServers) }
            return RecordingSource(
                session.accessUnits, lostPackets: { session.statistics.lostPacketCount },
                failure: { session.failure.map { RingError(recording: $0) } },
                close: {
                    await session.close(Task.isCancelled ? .cancelled : .closed)
                    return (session.endReason ?? .closed).rawValue
                })
        }
        return try await chain.record(to: recorder)
    }
}

/// The options of the next session of a chain.
private final class SharedOptions: Sendable {
    private let options: Mutex<RingLiveOptions>

    init(_ options: RingLiveOptions) { self.options = Mutex(options) }

    var value: RingLiveOptions { self.options.withLock { $0 } }

    func set(_ servers: [WHEPICEServer]) { self.options.withLock { $0.iceServers = servers } }
}
