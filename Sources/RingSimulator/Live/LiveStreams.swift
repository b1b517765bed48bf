internal import RingCore
internal import RingListener
internal import RingLive
internal import Synchronization

/// A live session that may send a moving picture.
struct OpenedSession: Sendable {
    var id: String
    var device: RingDeviceID
    var offer: String
    /// The payload type of the H.264 that is sent.
    var payload: String
    var network: RingLiveSender.Network
}

/// The live sessions that send a moving picture.
final class LiveStreams: Sendable {
    /// The most of them at one time; further sessions have no picture.
    static let maximumCount = 50

    /// What a session has sent.
    struct Report: Sendable {
        var isConnected: Bool
        var numbers: RingLiveSender.Statistics
        var pictures: Int
    }

    private struct Stream: Sendable {
        /// `nil` until the SDP answer is there.
        var sender: RingLiveSender?
        var task: Task<Void, Never>?
        var pictures = 0
    }

    private struct State: Sendable {
        var streams: [String: Stream] = [:]
        var isStopped = false
    }

    private let state = Mutex(State())
    private let changed = RingSignal()

    /// What a session has sent; `nil` when it sends no picture.
    func report(of session: String) -> Report? {
        guard let stream = self.state.withLock({ $0.streams[session] }), let sender = stream.sender else { return nil }
        return Report(isConnected: sender.isConnected, numbers: sender.statistics, pictures: stream.pictures)
    }

    /// Counts one picture that is sent.
    fileprivate func countPicture(_ session: String) { self.state.withLock { $0.streams[session]?.pictures += 1 } }

    /// Begins to send a picture, as soon as the peer is connected.
    ///
    /// - Returns: The SDP answer.
    /// - Throws: ``RingLiveSenderError`` when there is no picture.
    fileprivate func begin(
        _ opened: OpenedSession, playing: @escaping @Sendable (RingLiveSender) async -> Void
    ) async throws(RingLiveSenderError) -> String {
        let isAdmitted = self.state.withLock { state in
            guard !state.isStopped, state.streams.count < Self.maximumCount else { return false }
            state.streams[opened.id] = Stream()
            return true
        }
        guard isAdmitted else {
            throw RingLiveSenderError(
                message: "\(Self.maximumCount) sessions send a picture already, or the simulator stops")
        }
        let sender: RingLiveSender
        do {
            sender = try await RingLiveSender.start(
                offer: opened.offer, payload: opened.payload, network: opened.network)
        } catch {
            self.remove(opened.id)
            throw error
        }
        let task = Task {
            await playing(sender)
            await sender.close()
            self.remove(opened.id)
        }
        let isStopped = self.state.withLock { state in
            // It may have ended already.
            state.streams[opened.id]?.sender = sender
            state.streams[opened.id]?.task = task
            return state.isStopped
        }
        if isStopped { task.cancel() }
        return sender.answer
    }

    private func remove(_ session: String) {
        self.state.withLock { $0.streams[session] = nil }
        self.changed.signal()
    }

    /// Ends all pictures at once.
    func endAll() {
        for stream in self.state.withLock({ Array($0.streams.values) }) { stream.task?.cancel() }
    }

    /// Ends all pictures, and begins none any more.
    func stop() {
        self.state.withLock { $0.isStopped = true }
        self.endAll()
    }

    /// Waits until no session has threads or sockets.
    func waitUntilEnded() async {
        await self.changed.wait(until: { self.state.withLock { $0.streams.isEmpty } })
    }
}

extension SimulatorEngine {
    /// The response to an offer with an SDP answer that leads to a moving picture. When there is none, the response as it was,
    /// and the reason.
    func withMovingPicture(
        _ response: RingListenerResponse, _ opened: OpenedSession
    ) async -> (response: RingListenerResponse, noPicture: String?) {
        var response = response
        do {
            let answer = try await self.liveStreams.begin(opened) { [weak self] sender in
                await self?.play(opened, on: sender)
            }
            response.body = .bytes(Array(answer.utf8))
            return (response, nil)
        } catch {
            return (response, error.message)
        }
    }

    private func play(_ opened: OpenedSession, on sender: RingLiveSender) async {
        let film = self.step { $0.configuration.liveFilm }
        let rate = film?.rate ?? LiveScene.rate
        var scene = LiveScene()
        var place: Int?
        var sent = 0
        await sender.play(
            rate: rate, skipsLate: film == nil,
            isOpen: { self.step { $0.isOpen(session: opened.id) } },
            next: { isKeyFrameWanted in
                let (time, moment, limit) = self.step { state in
                    (state.now, state.liveMoment(of: opened.device), state.switches.limit(.videoSeconds))
                }
                // The video stops without notice.
                if limit > 0, sent >= limit * rate { return nil }
                sent += 1
                let picture: [UInt8]?
                if let film {
                    let next = film.place(after: place, isKeyFrameWanted: isKeyFrameWanted)
                    place = next
                    picture = film.pictures[next]
                } else {
                    picture = scene.picture(at: time, moment, isKeyFrameWanted: isKeyFrameWanted)
                }
                if picture != nil { self.liveStreams.countPicture(opened.id) }
                return picture
            })
    }
}

extension RingSimulator {
    /// Loads GStreamer in the background, which may take seconds, so that the first live session has its picture at once.
    package func prepareLiveVideo() { RingLiveSender.prepare() }
}
