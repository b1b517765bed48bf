internal import RingCore
internal import Synchronization

/// A request's body on its way from its source to libcurl, at most a little of it at a time.
final class CurlUpload: Sendable {
    enum Taken {
        case bytes(Int)
        /// Nothing yet: pause.
        case wait
        case end
        case failed(any Error)
    }

    private let length: Int64?
    private let state: Mutex<State>
    private static let maximumBufferedBytes = 256 * 1024

    private struct State {
        var chunks: [[UInt8]] = []
        /// How much of the first chunk has been taken.
        var offset = 0
        var buffered = 0
        /// Bytes handed over by the source.
        var supplied: Int64 = 0
        var isComplete = false
        var isClosed = false
        var error: (any Error)?
        /// libcurl has paused because there were no bytes.
        var isStarved = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// A buffer for the payloads that need one.
    init?(_ payload: CurlPlan.Payload) {
        switch payload {
        case .none, .small: return nil
        case .large(let bytes):
            self.length = nil
            self.state = Mutex(State(chunks: [bytes], buffered: bytes.count, isComplete: true))
        case .stream(_, let length):
            self.length = length
            self.state = Mutex(State())
        }
    }

    // MARK: For the source

    /// Reads the source to its end, waiting when libcurl is behind.
    ///
    /// - Parameter wake: Tells the loop that a paused transfer can continue.
    func fill(from body: RingHTTPBody, wake: () -> Void) async {
        do {
            for try await chunk in body where !chunk.isEmpty {
                guard await self.append(chunk, wake: wake) else { return }
            }
            self.complete(wake: wake)
        } catch {
            self.end(with: error, wake: wake)
        }
    }

    /// - Returns: `false` when no more is wanted.
    private func append(_ chunk: [UInt8], wake: () -> Void) async -> Bool {
        let (isWanted, isStarved) = self.state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.supplied += Int64(chunk.count)
            if let length = self.length, state.supplied > length {
                state.error = CurlUploadError.tooLong(promised: length)
            } else {
                state.chunks.append(chunk)
                state.buffered += chunk.count
            }
            defer { state.isStarved = false }
            return (state.error == nil, state.isStarved)
        }
        if isStarved { wake() }
        guard isWanted else { return false }
        await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
            let hasSpace = self.state.withLock { state in
                let hasSpace = state.buffered < Self.maximumBufferedBytes || state.isClosed
                if !hasSpace { state.waiter = waiter }
                return hasSpace
            }
            if hasSpace { waiter.resume() }
        }
        return self.state.withLock { !$0.isClosed }
    }

    private func complete(wake: () -> Void) {
        let missing: CurlUploadError? = self.state.withLock { state in
            guard let length = self.length, state.supplied < length else { return nil }
            return .tooShort(promised: length, supplied: state.supplied)
        }
        self.end(with: missing, wake: wake)
    }

    private func end(with error: (any Error)?, wake: () -> Void) {
        let isStarved = self.state.withLock { state in
            state.isComplete = true
            if state.error == nil { state.error = error }
            defer { state.isStarved = false }
            return state.isStarved
        }
        if isStarved { wake() }
    }

    // MARK: For the loop

    /// Fills libcurl's buffer.
    func take(into buffer: UnsafeMutableRawBufferPointer) -> Taken {
        let (taken, waiter): (Taken, CheckedContinuation<Void, Never>?) = self.state.withLock { state in
            if let error = state.error { return (.failed(error), nil) }
            var filled = 0
            while filled < buffer.count, let first = state.chunks.first {
                let count = Swift.min(buffer.count - filled, first.count - state.offset)
                unsafe first.withUnsafeBytes { bytes in
                    let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[state.offset..<(state.offset + count)])
                    unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).copyMemory(from: part)
                }
                filled += count
                state.offset += count
                if state.offset == first.count {
                    state.chunks.removeFirst()
                    state.offset = 0
                }
            }
            state.buffered -= filled
            guard filled > 0 else {
                state.isStarved = !state.isComplete
                return (state.isComplete ? .end : .wait, nil)
            }
            guard state.buffered <= Self.maximumBufferedBytes / 2 else { return (.bytes(filled), nil) }
            defer { state.waiter = nil }
            return (.bytes(filled), state.waiter)
        }
        waiter?.resume()
        return taken
    }

    /// Ends it: the rest is not wanted.
    func close() {
        let waiter = self.state.withLock { state in
            state.isClosed = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}

/// A streamed body that is not as long as it was said to be.
enum CurlUploadError: Error {
    case tooShort(promised: Int64, supplied: Int64)
    case tooLong(promised: Int64)
}
