internal import Synchronization

/// The units that wait for their reader: bounded in number and bytes. When a reader is too slow, pictures are discarded up to the
/// next key frame, so that what is delivered can always be decoded.
package final class LiveFeed: Sendable {
    private struct State {
        var units: [RingLiveAccessUnit] = []
        var head = 0
        var bytes = 0
        var droppedCount = 0
        var wasRead = false
        /// Whether pictures are discarded until a key frame comes.
        var waitsForKeyFrame = false
        var end: Result<Void, RingLiveError>?
        var readers: [(id: Int, continuation: CheckedContinuation<Result<RingLiveAccessUnit?, RingLiveError>, Never>)] =
            []
        var nextID = 0
        var cancelled: Set<Int> = []

        var count: Int { self.units.count - self.head }

        mutating func pop() -> RingLiveAccessUnit? {
            guard self.head < self.units.count else { return nil }
            let unit = self.units[self.head]
            self.head += 1
            self.bytes -= unit.bytes.count
            if self.head > 64, self.head * 2 > self.units.count {
                self.units.removeFirst(self.head)
                self.head = 0
            }
            return unit
        }

        /// Discards what waits before the last key frame; everything, when that does not help.
        mutating func discard(maximumCount: Int, maximumBytes: Int) {
            let waiting = self.units[self.head...]
            let lastKey = waiting.lastIndex { $0.track == .video && $0.isKeyFrame }
            var kept = lastKey.map { Array(waiting[$0...]) } ?? []
            var bytes = kept.reduce(0) { $0 + $1.bytes.count }
            if kept.count > maximumCount || bytes > maximumBytes { (kept, bytes) = ([], 0) }
            self.droppedCount += waiting.count { $0.track == .video } - kept.count { $0.track == .video }
            self.waitsForKeyFrame = kept.isEmpty
            self.units = kept
            self.head = 0
            self.bytes = bytes
        }
    }

    private let maximumCount: Int
    private let maximumBytes: Int
    private let state = Mutex(State())

    /// - Parameter beginsWithKeyFrame: Whether pictures before the first key frame are discarded.
    package init(maximumCount: Int, maximumBytes: Int, beginsWithKeyFrame: Bool = false) {
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
        self.state.withLock { $0.waitsForKeyFrame = beginsWithKeyFrame }
    }

    /// The number of pictures that were discarded.
    package var droppedCount: Int { self.state.withLock { $0.droppedCount } }

    /// Whether somebody has begun to read.
    package var wasRead: Bool { self.state.withLock { $0.wasRead } }

    /// Adds a unit.
    ///
    /// - Returns: Whether a key frame is needed, because pictures were discarded.
    package func append(_ unit: RingLiveAccessUnit) -> Bool {
        let (reader, needsKeyFrame) = self.state.withLock {
            state -> (CheckedContinuation<Result<RingLiveAccessUnit?, RingLiveError>, Never>?, Bool) in
            guard state.end == nil else { return (nil, false) }
            if state.waitsForKeyFrame, unit.track == .video {
                guard unit.isKeyFrame else {
                    state.droppedCount += 1
                    return (nil, false)
                }
                state.waitsForKeyFrame = false
            }
            if !state.readers.isEmpty {
                return (state.readers.removeFirst().continuation, false)
            }
            state.units.append(unit)
            state.bytes += unit.bytes.count
            guard state.count > self.maximumCount || state.bytes > self.maximumBytes else { return (nil, false) }
            state.discard(maximumCount: self.maximumCount, maximumBytes: self.maximumBytes)
            return (nil, state.waitsForKeyFrame)
        }
        reader?.resume(returning: .success(unit))
        return needsKeyFrame
    }

    /// Ends the feed. Units that wait are still delivered.
    package func finish(_ error: RingLiveError?) {
        let readers = self.state.withLock { state in
            guard state.end == nil else { return state.readers.prefix(0) }
            state.end = error.map { .failure($0) } ?? .success(())
            defer { state.readers = [] }
            return state.readers[...]
        }
        for reader in readers { reader.continuation.resume(returning: Self.result(of: error)) }
    }

    /// The next unit; `nil` at the end, and when the task is cancelled.
    package func next() async throws(RingLiveError) -> RingLiveAccessUnit? {
        let id = self.state.withLock { state in
            state.wasRead = true
            state.nextID += 1
            return state.nextID
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<RingLiveAccessUnit?, RingLiveError>, Never>) in
                let ready = self.state.withLock { state -> Result<RingLiveAccessUnit?, RingLiveError>? in
                    if state.cancelled.remove(id) != nil { return .success(nil) }
                    if let unit = state.pop() { return .success(unit) }
                    if let end = state.end { return end.map { nil } }
                    state.readers.append((id, continuation))
                    return nil
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            let reader = self.state.withLock { state in
                guard let index = state.readers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil as CheckedContinuation<Result<RingLiveAccessUnit?, RingLiveError>, Never>?
                }
                return state.readers.remove(at: index).continuation
            }
            reader?.resume(returning: .success(nil))
        }
        self.state.withLock { _ = $0.cancelled.remove(id) }
        return try result.get()
    }

    private static func result(of error: RingLiveError?) -> Result<RingLiveAccessUnit?, RingLiveError> {
        error.map { .failure($0) } ?? .success(nil)
    }
}
