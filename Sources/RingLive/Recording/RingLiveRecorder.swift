public import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Records access units of live sessions: into files, a descriptor, or a folder for a web page.
///
/// The units of one session come from any sequence; several sessions make one recording, with gaps that are measured. It works
/// on a thread of its own, because a disk can block; the units wait meanwhile in their sequence. Every recording ends with
/// ``finish()``.
///
/// <!-- given: units: AsyncStream<RingLiveAccessUnit> -->
/// ```swift
/// let recorder = try RingLiveRecorder(to: .file("door.mp4"))
/// try await recorder.record(units)
/// let recording = try await recorder.finish()
/// print(recording.frameCount, recording.duration)
/// ```
public actor RingLiveRecorder {
    /// How far the recording is, a few times a second; a slow reader gets the newest value only. Ends with ``finish()``.
    public nonisolated let progress: AsyncStream<RingLiveRecordingProgress>

    private let executor = RingFileExecutor()
    private let continuation: AsyncStream<RingLiveRecordingProgress>.Continuation
    private let output: any RecordingOutput
    private let options: RingLiveRecordingOptions
    /// Whether sound is recorded.
    nonisolated let includesAudio: Bool
    private let environment: RingEnvironment
    private var reader: RecordingReader
    private var recording = RingLiveRecording()
    private var session: RingLiveRecordedSession?
    private var slate: (parameters: H264SequenceParameters, slate: RecordingSlate?)?
    private var lastFrame: RecordedFrame?
    private var lastProgress: Duration?
    private var isFinished = false
    private var lossCount: (@Sendable () -> Int)?
    private var limit: Duration?
    /// The clock at the first picture; `nil` before it.
    package private(set) var firstUptime: Duration?

    /// Runs on the recorder's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe self.executor.asUnownedSerialExecutor()
    }

    /// Prepares a recording. No file is created before the first key frame.
    ///
    /// - Parameters:
    ///   - destination: Where the recording goes. A file of that name is replaced when the recording is complete.
    ///   - options: How it is made.
    ///   - environment: The clock that measures gaps.
    /// - Throws: `RingError` with `invalidArgument`, `storageFailed` or `diskFull` when the destination cannot be written.
    public init(
        to destination: RingLiveDestination, options: RingLiveRecordingOptions = RingLiveRecordingOptions(),
        environment: RingEnvironment = RingEnvironment()
    ) throws(RingError) {
        var options = options
        switch destination.kind {
        case .file(let path, .mp4): self.output = try MP4FileOutput(path, options: options)
        case .file(let path, .h264):
            options.includesAudio = false
            self.output = try H264FileOutput(path, options: options)
        case .segments(let pattern, let length):
            self.output = try SegmentOutput(pattern, every: length, options: options)
        case .rtp(let host, let port, let description):
            self.output = try RTPOutput(host: host, port: port, descriptionPath: description, options: options)
        case .descriptor(let descriptor, let format):
            if format == .h264 { options.includesAudio = false }
            self.output = DescriptorOutput(descriptor, format, options: options)
        case .hls(let folder, let length, let window):
            self.output = try HLSOutput(folder, segmentDuration: length, window: window, options: options)
        }
        self.options = options
        self.includesAudio = options.includesAudio
        self.environment = environment
        self.reader = RecordingReader(includesAudio: options.includesAudio)
        (self.progress, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    deinit { self.continuation.finish() }

    /// Records one session, until its units end or the task is cancelled.
    ///
    /// Call it again for the next session: the time between is a gap of the recording.
    ///
    /// - Parameter units: The units of the session. Those before the first key frame are left out.
    /// - Throws: `RingError` with `diskFull`, `storageFailed` or `outputClosed` when nothing more can be written; what the
    ///   sequence throws. What came before is kept: call ``finish()``.
    public func record<Units: AsyncSequence & Sendable>(_ units: Units) async throws
    where Units.Element == RingLiveAccessUnit {
        try self.begin()
        do {
            for try await unit in units {
                try self.take(unit)
                if Task.isCancelled || self.isFull { break }
            }
        } catch {
            self.end(error is CancellationError ? "cancelled" : RingError(recording: error).code.rawValue)
            throw error
        }
        self.end(Task.isCancelled ? "cancelled" : "closed")
        if let failure = self.recording.failure { throw failure }
    }

    /// Completes the files, and says what is in them.
    ///
    /// Completes them also when the task is cancelled, and after a failure, which is then in ``RingLiveRecording/failure``.
    ///
    /// - Throws: `RingError` with `recordingEmpty` when no picture arrived that can be decoded; the failure, when it left
    ///   no file.
    public func finish() throws(RingError) -> RingLiveRecording {
        guard !self.isFinished else { return self.recording }
        self.isFinished = true
        if self.session != nil { self.end("closed") }
        self.add(self.output.finish())
        self.takeBack(self.output.lostFrameCount)
        self.recording.failure = self.recording.failure ?? self.output.failure
        self.update()
        self.report(isLast: true)
        guard self.recording.frameCount > 0 else {
            throw self.recording.failure
                ?? RingError(
                    code: .recordingEmpty,
                    message: "no key frame with its parameter sets arrived (\(self.recording.skippedUnits) units); "
                        + "nothing was recorded")
        }
        if let failure = self.recording.failure, self.recording.files.isEmpty, self.output.indexPath != nil {
            throw failure
        }
        self.writeIndex(isComplete: true)
        return self.recording
    }

    /// The pictures so far.
    package var frameCount: Int { self.recording.frameCount }

    /// Whether it is as long as it may become.
    package var isFull: Bool { self.limit.map { self.reader.end >= $0 } ?? false }

    /// Ends the recording with the picture that makes it so long.
    package func end(after duration: Duration) { self.limit = duration }

    /// Whether another session can be recorded.
    package var canContinue: Bool { self.recording.failure == nil && !self.isFinished }

    /// Says how to count the lost packets of the next session.
    package func countLosses(_ count: @escaping @Sendable () -> Int) { self.lossCount = count }

    /// Says why the last session ended, when more is known than its units told.
    package func note(endReason reason: String) {
        guard !self.recording.sessions.isEmpty else { return }
        self.recording.sessions[self.recording.sessions.count - 1].endReason = reason
        self.reader.endSession(reason)
    }

    /// Says that the recording ends before its time.
    package func note(failure: RingError) { self.recording.failure = self.recording.failure ?? failure }

    private func begin() throws(RingError) {
        if let failure = self.recording.failure { throw failure }
        guard !self.isFinished, self.session == nil else {
            throw .invalidArgument(
                self.isFinished
                    ? "the recording is finished; use a recorder for one recording"
                    : "a session is being recorded; record one after the other")
        }
        self.session = RingLiveRecordedSession(offset: self.reader.end)
        self.recording.sessionCount += 1
    }

    private func take(_ unit: RingLiveAccessUnit) throws(RingError) {
        let clock = self.environment.clock
        let step = self.reader.read(unit, uptime: clock.uptime(), date: clock.now())
        do throws(RingError) {
            switch step {
            case .skipped: self.recording.skippedUnits += 1
            case .packet(let packet): try self.output.write(packet)
            case .frame(let frame, let gap): try self.write(frame, gap)
            }
        } catch {
            self.note(failure: error)
            throw error
        }
        self.report(isLast: false)
    }

    private func write(_ frame: RecordedFrame, _ gap: RingLiveGap?) throws(RingError) {
        var frame = frame
        if let gap {
            self.recording.gaps.append(gap)
            self.recording.gapCount += 1
            if self.recording.gaps.count > RingLiveRecording.maximumListCount { self.recording.gaps.removeFirst() }
            if frame.followsGap, self.options.fillsGaps, try self.fill(gap, before: frame) { frame.followsGap = false }
        }
        if self.session?.start == nil {
            self.session?.start = frame.date
            self.session?.offset = .ticks(frame.time, MP4Track.videoScale)
        }
        let isFirst = self.recording.frameCount == 0
        if isFirst {
            self.recording.start = frame.date
            self.firstUptime = self.environment.clock.uptime()
        }
        try self.output.write(frame)
        self.lastFrame = frame
        self.session?.frameCount += 1
        self.recording.frameCount += 1
        if isFirst || gap != nil { self.writeIndex(isComplete: false) }
    }

    /// Writes a gray picture for every second of a gap.
    private func fill(_ gap: RingLiveGap, before frame: RecordedFrame) throws(RingError) -> Bool {
        guard let parameters = self.lastFrame?.picture.configuration.parameters else { return false }
        if self.slate?.parameters != parameters { self.slate = (parameters, RecordingSlate(like: parameters)) }
        guard let slate = self.slate?.slate else { return false }
        var time = gap.start.ticks(MP4Track.videoScale)
        var number = 0
        while time < frame.time {
            let length = min(Int64(MP4Track.videoScale), frame.time - time)
            let picture = slate.picture(number)
            try self.output.write(
                RecordedFrame(picture: picture, time: time, duration: length, date: frame.date, isSlate: true))
            time += length
            number += 1
        }
        return number > 0
    }

    private func end(_ reason: String) {
        self.updateLosses()
        guard var session = self.session else { return }
        self.session = nil
        self.lossCount = nil
        do throws(RingError) { try self.output.endSession() } catch { self.note(failure: error) }
        session.endReason = reason
        session.duration = max(self.reader.end - session.offset, .zero)
        self.reader.endSession(reason)
        self.recording.sessions.append(session)
        if self.recording.sessions.count > RingLiveRecording.maximumListCount { self.recording.sessions.removeFirst() }
        if self.recording.frameCount > 0, !self.isFinished { self.writeIndex(isComplete: false) }
    }

    /// The last pictures were counted, and are in no file.
    private func takeBack(_ count: Int) {
        self.recording.frameCount -= count
        var rest = count
        for session in self.recording.sessions.indices.reversed() {
            let own = min(rest, self.recording.sessions[session].frameCount)
            self.recording.sessions[session].frameCount -= own
            rest -= own
        }
    }

    private func add(_ files: [RingLiveRecordedFile]) {
        self.recording.files += files
        let surplus = self.recording.files.count - RingLiveRecording.maximumListCount
        if surplus > 0 { self.recording.files.removeFirst(surplus) }
    }

    private func update() {
        self.recording.duration = self.reader.end
        self.recording.bytes = self.output.bytes
        self.recording.droppedPackets = self.output.droppedPackets
    }

    /// Writes the index. While the recording goes on, it is only a help for whoever looks: a failure is told at the end.
    private func writeIndex(isComplete: Bool) {
        guard self.options.writesIndex, let path = self.output.indexPath else { return }
        self.recording.indexPath = path
        self.update()
        do throws(RingError) {
            try RingOutputFile.replace(
                path, with: self.recording.index(isComplete: isComplete), mode: self.options.fileMode,
                isDurable: self.options.isDurable)
        } catch {
            if isComplete {
                self.recording.indexPath = nil
                self.note(failure: error)
            }
        }
    }

    private func updateLosses() {
        guard let session = self.session, let count = self.lossCount?() else { return }
        self.recording.lostPackets += count - session.lostPackets
        self.session?.lostPackets = count
    }

    private func report(isLast: Bool) {
        let now = self.environment.clock.uptime()
        guard isLast || self.lastProgress.map({ now - $0 >= .milliseconds(200) }) ?? true else { return }
        self.lastProgress = now
        self.updateLosses()
        var progress = RingLiveRecordingProgress()
        progress.duration = self.reader.end
        progress.frameCount = self.recording.frameCount
        progress.bytes = self.output.bytes
        progress.lostPackets = self.recording.lostPackets
        progress.sessionCount = self.recording.sessionCount
        progress.gapCount = self.recording.gapCount
        self.continuation.yield(progress)
        if isLast { self.continuation.finish() }
    }
}
