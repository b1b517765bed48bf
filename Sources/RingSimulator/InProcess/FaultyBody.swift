internal import RingCore
internal import RingListener

/// A body that breaks off, stalls or trickles.
struct FaultyBody: AsyncSequence, Sendable {
    private let pieces: AnyPieces
    /// The announced length.
    private let length: Int64?
    /// How many bytes arrive at most.
    private let maximum: Int64
    private let isSilent: Bool
    private let trickle: (size: Int, pause: Duration)?
    private let clock: any RingClock
    private let limit: Duration?
    private let broken: RingError
    private let silent: RingError

    /// - Parameters:
    ///   - kind: What goes wrong.
    ///   - pieces: The whole body.
    ///   - length: The announced length; `nil` for none.
    ///   - limit: How long a reader waits in silence.
    ///   - broken: The error of a body that breaks off.
    ///   - silent: The error of a body that stalls.
    init(
        _ kind: RingListenerResponse.Fault.Kind, _ pieces: AnyPieces, length: Int64?, clock: any RingClock,
        limit: Duration?, broken: RingError, silent: RingError
    ) {
        (self.pieces, self.length, self.clock, self.limit) = (pieces, length, clock, limit)
        (self.broken, self.silent) = (broken, silent)
        var (maximum, isSilent, trickle) = (length ?? .max, false, Optional<(size: Int, pause: Duration)>.none)
        switch kind {
        case .closeBeforeHeaders: maximum = 0
        case .cutBody(let count): maximum = count
        case .stall(let count): (maximum, isSilent) = (count, true)
        case .contentLength: break
        case .slowChunks(let size, let pause): trickle = (size, pause)
        }
        (self.maximum, self.isSilent, self.trickle) = (maximum, isSilent, trickle)
    }

    func makeAsyncIterator() -> Iterator { Iterator(body: self, pieces: self.pieces.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let body: FaultyBody
        fileprivate var pieces: AnyPieces.Iterator
        private var piece: ArraySlice<UInt8> = []
        private var sent: Int64 = 0

        fileprivate init(body: FaultyBody, pieces: AnyPieces.Iterator) { (self.body, self.pieces) = (body, pieces) }

        mutating func next() async throws -> [UInt8]? {
            let rest = self.body.maximum - self.sent
            while rest > 0, self.piece.isEmpty {
                guard let piece = try await self.pieces.next() else { break }
                self.piece = piece[...]
            }
            guard rest > 0, !self.piece.isEmpty else {
                // Without a length only a body that was cut is not whole.
                let isWhole = self.body.length.map { self.sent >= $0 } ?? (rest > 0)
                if !isWhole { try await self.fail() }
                return nil
            }
            if let pause = self.body.trickle?.pause { try await self.body.clock.sleep(for: pause) }
            let next = self.piece.prefix(Swift.min(self.body.trickle?.size ?? .max, Int(clamping: rest)))
            self.piece = self.piece.dropFirst(next.count)
            self.sent += Int64(next.count)
            return Array(next)
        }

        private func fail() async throws {
            guard self.body.isSilent else { throw self.body.broken }
            // Without a limit it waits until the reader gives up.
            try await self.body.clock.sleep(for: self.body.limit ?? .seconds(1 << 30))
            throw self.body.silent
        }
    }
}

/// The pieces of a streamed body, whatever their source.
struct AnyPieces: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    private let pieces: any AsyncSequence<[UInt8], any Error> & Sendable

    /// One piece.
    init(_ bytes: [UInt8]) {
        self.pieces = AsyncThrowingStream<[UInt8], any Error> { stream in
            stream.yield(bytes)
            stream.finish()
        }
    }

    init(_ pieces: any AsyncSequence<[UInt8], any Error> & Sendable) { self.pieces = pieces }

    func makeAsyncIterator() -> Iterator { Iterator(iterator: self.pieces.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var iterator: any AsyncIteratorProtocol<[UInt8], any Error>

        mutating func next() async throws -> [UInt8]? { try await self.iterator.next(isolation: #isolation) }
    }
}
