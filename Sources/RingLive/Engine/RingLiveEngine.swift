internal import CRingGStreamer
package import RingCore
package import RingWHEP
internal import Synchronization

/// Receives the media of one session with GStreamer's `webrtcbin`.
package final class RingLiveEngine: WHEPNoticingEngine {
    private struct State {
        var receiver: LiveReceiver?
        var assembler = AccessUnitAssembler()
        var statistics = RingLiveStatistics()
        var rate = LiveRate()
        var acceptedAt: Duration?
        var isPathFound = false
        /// When DTLS was complete, and when the last picture came.
        var securedAt: Duration?
        var lastFrameAt: Duration?
        /// When a stream of the peer ended without another one.
        var streamEndedAt: Duration?
        var failure: RingLiveError?
        /// Why this side ends the session. What the peer does then is no failure.
        var endReason: WHEPEndReason?
        var isClosed = false
        var watchdog: Task<Void, Never>?
        var whenFailed: (@Sendable (RingLiveError) -> Void)?
        /// Further readers of the pictures.
        var feeds: [LiveFeed] = []
        /// Whether there was ever a further reader.
        var hadFeeds = false

        mutating func takeFeeds() -> [LiveFeed] {
            defer { self.feeds = [] }
            return self.feeds
        }
    }

    /// How long gathering may take. Later candidates, of a server that does not respond, are left out.
    private static let gatheringTimeout = Duration.seconds(2)
    /// The same with TURN servers: without their candidates there may be no path.
    private static let relayTimeout = Duration.seconds(3)
    /// How long an offer without any candidate waits for one: the machine is busy.
    private static let candidateTimeout = Duration.seconds(20)
    /// How often it looks for one.
    private static let candidateInterval = Duration.seconds(1)
    /// How long another stream may take, when one has ended.
    private static let streamEndTimeout = Duration.seconds(1)

    package let feed: LiveFeed
    let hub = LiveStateHub()
    private let options: RingLiveOptions
    let environment: RingEnvironment
    private let hasLoopback: Bool
    private let begin: Duration
    private let state = Mutex(State())

    package init(options: RingLiveOptions, environment: RingEnvironment, hasLoopback: Bool) {
        self.options = options
        self.environment = environment
        self.hasLoopback = options.offersLoopback ?? hasLoopback
        self.begin = environment.clock.uptime()
        self.feed = LiveFeed(
            maximumCount: options.maximumWaitingUnitCount, maximumBytes: options.maximumWaitingBytes)
    }

    /// The time since the engine was made.
    private var elapsed: Duration { self.environment.clock.uptime() - self.begin }

    /// Why the media failed; `nil` while they have not.
    var failure: RingLiveError? { self.state.withLock { $0.failure } }

    // MARK: Negotiation

    package func offer() async throws -> SDP {
        try await LiveLoader.load()
        let servers = LiveICEServers(self.options.iceServers)
        let receiver = try LiveReceiver.make(
            latency: self.options.mode.latency, firstLatency: self.options.mode.firstLatency,
            hasAudio: self.options.receivesAudio, hasLoopback: self.hasLoopback,
            servers: servers, handlers: self.handlers())
        let (old, isClosed) = self.state.withLock { state in
            defer { if !state.isClosed { state.receiver = receiver } }
            return (state.receiver, state.isClosed)
        }
        await old?.close()
        if isClosed { await receiver.close() }
        let environment = self.environment
        let hasRelay = !servers.turn.isEmpty
        let timer = environment.detach {
            let end = environment.clock.uptime() + Self.candidateTimeout
            var wait = hasRelay ? Self.relayTimeout : Self.gatheringTimeout
            repeat {
                // A cancelled sleep means that the offer is there.
                guard (try? await environment.clock.sleep(for: wait)) != nil else { return }
                receiver.stopGathering()
                wait = Self.candidateInterval
            } while environment.clock.uptime() < end
            receiver.offered.finish(
                .failure(
                    LiveReceiver.failure(
                        "no offer could be made",
                        "no address of this machine in \(Self.candidateTimeout): no network, or too busy")))
        }
        defer { timer.cancel() }
        return try SDP(await receiver.offered.value())
    }

    package func accept(answer: SDP) async throws {
        guard answer.media.contains(where: { $0.kind == .video && $0.codecs.contains { $0.isNamed("H264") } }) else {
            throw RingLiveError(
                .noVideo, "the answer has no H.264 video; the camera may be busy, off or another model, try again later"
            )
        }
        guard let receiver = self.state.withLock({ $0.receiver }) else {
            throw LiveReceiver.failure("the answer was not accepted", "the session was closed")
        }
        for value in answer.media.lazy.filter({ $0.kind == .video }).flatMap(\.codecs)
            .compactMap({ $0.parameter("sprop-parameter-sets") })
        {
            self.state.withLock { $0.assembler.take(parameterSets: value) }
        }
        receiver.answer(LiveAnswer.text(of: answer))
        let environment = self.environment
        let limit = self.options.connectTimeout
        let timer = environment.detach {
            // A cancelled sleep means that the answer was accepted.
            guard (try? await environment.clock.sleep(for: limit)) != nil else { return }
            receiver.answered.finish(.failure(LiveReceiver.failure("the answer was not accepted", "no response")))
        }
        defer { timer.cancel() }
        do {
            try await receiver.answered.value()
        } catch let error as RingLiveError {
            throw error.without(answer)
        }
        let now = self.elapsed
        self.state.withLock { $0.acceptedAt = now }
        self.startWatchdog()
    }

    package func sessionWillClose(_ reason: WHEPEndReason) {
        self.state.withLock { $0.endReason = $0.endReason ?? reason }
    }

    package func close() async {
        let statistics = self.countedStatistics()
        let (receiver, watchdog, failure, feeds) = self.state.withLock { state in
            state.isClosed = true
            state.statistics = statistics
            state.whenFailed = nil
            defer { state.receiver = nil }
            return (state.receiver, state.watchdog, state.failure, state.takeFeeds())
        }
        watchdog?.cancel()
        await receiver?.close()
        for feed in [self.feed] + feeds { feed.finish(failure) }
        self.hub.send(.ended(failure))
    }

    /// Why this side ends the session; known before the media end.
    var endReason: WHEPEndReason? { self.state.withLock { $0.endReason } }

    /// Calls a function when the media fail, at once when they have failed already.
    func whenFailed(_ function: @escaping @Sendable (RingLiveError) -> Void) {
        let failure = self.state.withLock { state in
            if state.failure == nil { state.whenFailed = function }
            return state.failure
        }
        if let failure { function(failure) }
    }

    func requestKeyFrame() { self.state.withLock { $0.receiver }?.requestKeyFrame() }

    // MARK: Media

    /// How many pictures wait for a further reader.
    private static let maximumWaitingCount = 60

    /// Adds a reader of the pictures, beginning with the next key frame. It is taken away with the engine's end.
    func addFeed() -> LiveFeed {
        let feed = LiveFeed(
            maximumCount: Self.maximumWaitingCount, maximumBytes: self.options.maximumWaitingBytes,
            beginsWithKeyFrame: true)
        let (hasEnded, failure) = self.state.withLock { state in
            let hasEnded = state.isClosed || state.failure != nil
            if !hasEnded { state.feeds.append(feed) }
            state.hadFeeds = true
            return (hasEnded, state.failure)
        }
        if hasEnded { feed.finish(failure) }
        return feed
    }

    func removeFeed(_ feed: LiveFeed) {
        self.state.withLock { state in state.feeds.removeAll { $0 === feed } }
        feed.finish(nil)
    }

    /// Whether the session is read by further readers only. What the first one would miss is missed by nobody then.
    private func isUnread(_ state: State) -> Bool { state.hadFeeds && !self.feed.wasRead }

    private func handlers() -> LiveReceiver.Handlers {
        LiveReceiver.Handlers(
            event: { [weak self] event, text in self?.handle(event, text) },
            unit: { [weak self] isAudio, bytes, time in self?.handle(bytes, time, isAudio: isAudio) })
    }

    private func handle(_ bytes: [UInt8], _ time: Duration?, isAudio: Bool) {
        let arrival = self.elapsed
        let (needsKeyFrame, isFirst) = self.state.withLock { state -> (Bool, Bool) in
            if isAudio {
                state.statistics.audioPacketCount += 1
                state.statistics.byteCount += bytes.count
                return (self.feed.append(state.assembler.audio(bytes, time: time, arrival: arrival)), false)
            }
            // A picture that cannot be shown proves that the peer sends, too.
            state.lastFrameAt = arrival
            state.streamEndedAt = nil
            guard let unit = state.assembler.video(bytes, time: time, arrival: arrival) else {
                return (state.statistics.frameCount == 0, false)
            }
            state.statistics.frameCount += 1
            if unit.isKeyFrame { state.statistics.keyFrameCount += 1 }
            state.statistics.byteCount += unit.bytes.count
            state.statistics.timeToFirstFrame = state.statistics.timeToFirstFrame ?? arrival
            state.rate.add(unit.bytes.count, at: arrival)
            var needsKeyFrame = self.feed.append(unit) && !self.isUnread(state)
            for feed in state.feeds where feed.append(unit) { needsKeyFrame = true }
            return (needsKeyFrame, state.statistics.frameCount == 1)
        }
        if isFirst { self.hub.send(.receiving) }
        if needsKeyFrame { self.requestKeyFrame() }
    }

    private func handle(_ event: ring_gst_receiver_event, _ text: String) {
        switch event {
        case RING_GST_PATH_FOUND: self.state.withLock { $0.isPathFound = true }
        case RING_GST_PATH_LOST: self.fail(Self.noPath)
        case RING_GST_SECURED:
            let now = self.elapsed
            self.state.withLock { $0.securedAt = $0.securedAt ?? now }
            self.hub.send(.connected)
        case RING_GST_SECURITY_FAILED:
            self.fail(
                RingLiveError(
                    .handshakeFailed, "the DTLS handshake with the camera's server failed; open another session"))
        case RING_GST_WRONG_CERTIFICATE:
            self.fail(
                RingLiveError(
                    .handshakeFailed,
                    "the certificate of the camera's server is not the one in its answer; somebody may be in between"))
        case RING_GST_STOPPED: self.fail(Self.stopped)
        case RING_GST_STREAM_ENDED:
            let now = self.elapsed
            self.state.withLock { if $0.streamEndedAt == nil { $0.streamEndedAt = now } }
            self.startWatchdog()
        case RING_GST_OTHER_VIDEO:
            self.fail(
                RingLiveError(.noVideo, "the camera sends \(text.prefix(16)) in place of H.264, which is not supported")
            )
        default: self.fail(LiveReceiver.failure("the media stopped", String(text.prefix(200))))
        }
    }

    private func fail(_ error: RingLiveError) {
        let (isFirst, function, feeds) = self.state.withLock {
            state -> (Bool, (@Sendable (RingLiveError) -> Void)?, [LiveFeed]) in
            guard state.failure == nil, state.endReason == nil, !state.isClosed else { return (false, nil, []) }
            state.failure = error
            defer { state.whenFailed = nil }
            return (true, state.whenFailed, state.takeFeeds())
        }
        guard isFirst else { return }
        for feed in [self.feed] + feeds { feed.finish(error) }
        self.hub.send(.ended(error))
        function?(error)
    }

    // MARK: Watchdog

    /// Starts the watchdog, again when something became due earlier.
    private func startWatchdog() {
        let clock = self.environment.clock
        let task = self.environment.detach { [weak self] in
            while let wait = self?.check() {
                do { try await clock.sleep(for: wait) } catch { return }
            }
        }
        let old = self.state.withLock { state in
            defer { state.watchdog = state.isClosed ? nil : task }
            return state.isClosed ? task : state.watchdog
        }
        old?.cancel()
    }

    /// Fails when something is overdue.
    ///
    /// - Returns: The time until the next check; `nil` when nothing is left to watch.
    private func check() -> Duration? {
        let now = self.elapsed
        let due = self.state.withLock { state -> (time: Duration, error: RingLiveError)? in
            guard state.failure == nil, !state.isClosed, let acceptedAt = state.acceptedAt else { return nil }
            if let endedAt = state.streamEndedAt { return (endedAt + Self.streamEndTimeout, Self.stopped) }
            guard let securedAt = state.securedAt else {
                return (acceptedAt + self.options.connectTimeout, self.notConnected(state.isPathFound))
            }
            return ((state.lastFrameAt ?? securedAt) + self.options.idleTimeout, self.idle)
        }
        guard let due else { return nil }
        guard due.time <= now else { return due.time - now }
        self.fail(due.error)
        return nil
    }

    // MARK: Errors

    private static var stopped: RingLiveError {
        RingLiveError(.peerStopped, "the camera's side ended the video before its time; open another session")
    }

    private static var noPath: RingLiveError {
        RingLiveError(
            .connectionFailed,
            "no network path to the camera's server was found; allow UDP to the internet, or name a TURN server")
    }

    private var idle: RingLiveError {
        RingLiveError(
            .idle,
            "no picture for \(self.options.idleTimeout); the camera or a network may be down, open another session later"
        )
    }

    private func notConnected(_ isPathFound: Bool) -> RingLiveError {
        guard isPathFound else { return Self.noPath }
        return RingLiveError(
            .handshakeFailed,
            "the DTLS handshake with the camera's server was not complete after \(self.options.connectTimeout); "
                + "open another session")
    }

    // MARK: Statistics

    var statistics: RingLiveStatistics { self.countedStatistics() }

    private func countedStatistics() -> RingLiveStatistics {
        let counted = self.state.withLock { $0.receiver }?.count()
        let now = self.elapsed
        return self.state.withLock { state in
            var statistics = state.statistics
            statistics.droppedFrameCount = self.isUnread(state) ? 0 : self.feed.droppedCount
            guard let counted, !state.isClosed else { return statistics }
            statistics.packetCount = Int(clamping: counted.packets)
            statistics.lostPacketCount = Int(clamping: counted.lost_packets)
            statistics.latePacketCount = Int(clamping: counted.late_packets)
            statistics.repairedPacketCount = Int(clamping: counted.repaired_packets)
            statistics.jitter = .nanoseconds(Int64(clamping: counted.jitter_nanoseconds))
            statistics.retransmissionRequestCount = Int(clamping: counted.negative_acknowledgements)
            statistics.keyFrameRequestCount = Int(clamping: counted.picture_requests)
            (statistics.frameRate, statistics.bitRate) = state.rate.perSecond(at: now)
            return statistics
        }
    }
}

extension RingLiveError {
    /// The error without the ICE credentials of an answer, which GStreamer quotes.
    package func without(_ answer: SDP) -> RingLiveError {
        let credentials = answer.media.compactMap(\.iceCredentials)
        // The longest first: one may be part of another.
        let values = Set(credentials.flatMap { [$0.password, $0.userFragment] }).sorted {
            $0.utf8.count > $1.utf8.count
        }
        let message = values.reduce(self.message) { message, value in
            value.isEmpty ? message : message.replacing(value, with: "…")
        }
        return RingLiveError(self.code, message)
    }
}
