internal import RingCore
internal import RingLive
internal import Synchronization

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
    func countPicture(_ session: String) { self.state.withLock { $0.streams[session]?.pictures += 1 } }

    /// Begins to send a picture, as soon as the peer is connected.
    ///
    /// - Returns: The SDP answer.
    /// - Throws: ``RingLiveSenderError`` when there is no picture.
    func begin(
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
