internal import RingCore
internal import RingListener

/// A body that breaks off, stalls or trickles.
struct FaultyBody: AsyncSequence, Sendable {
    fileprivate enum Step: Sendable {
        case bytes([UInt8])
        case pause(Duration)
        case silence
        case end
    }

    private var steps: [Step] = []
    private let clock: any RingClock
    private let limit: Duration?
    private let broken: RingError
    private let silent: RingError

    /// - Parameters:
    ///   - kind: What goes wrong.
    ///   - bytes: The whole body.
    ///   - length: The announced length.
    ///   - limit: How long a reader waits in silence.
    ///   - broken: The error of a body that breaks off.
    ///   - silent: The error of a body that stalls.
    init(
        _ kind: RingListenerResponse.Fault.Kind, _ bytes: [UInt8], length: Int64, clock: any RingClock,
        limit: Duration?,
        broken: RingError, silent: RingError
    ) {
        (self.clock, self.limit, self.broken, self.silent) = (clock, limit, broken, silent)
        switch kind {
        case .closeBeforeHeaders: self.steps = [.end]
        case .cutBody(let count): self.steps = [.bytes(Array(bytes.prefix(Int(clamping: count)))), .end]
        case .stall(let count): self.steps = [.bytes(Array(bytes.prefix(Int(clamping: count)))), .silence]
        case .contentLength:
            self.steps = [.bytes(Array(bytes.prefix(Int(clamping: length))))]
            if length > bytes.count { self.steps.append(.end) }
        case .slowChunks(let size, let pause):
            for start in stride(from: 0, to: bytes.count, by: size) {
                self.steps += [.pause(pause), .bytes(Array(bytes[start...].prefix(size)))]
            }
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(body: self, rest: self.steps[...]) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let body: FaultyBody
        fileprivate var rest: ArraySlice<Step>

        mutating func next() async throws -> [UInt8]? {
            while let step = self.rest.popFirst() {
                switch step {
                case .bytes(let bytes) where !bytes.isEmpty: return bytes
                case .bytes: continue
                case .pause(let pause): try await self.body.clock.sleep(for: pause)
                case .silence:
                    // Without a limit it waits until the reader gives up.
                    try await self.body.clock.sleep(for: self.body.limit ?? .seconds(1 << 30))
                    throw self.body.silent
                case .end: throw self.body.broken
                }
            }
            return nil
        }
    }
}

/// The pieces of a streamed body, whatever their source.
struct AnyPieces: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    private let pieces: any AsyncSequence<[UInt8], any Error> & Sendable

    init(_ pieces: any AsyncSequence<[UInt8], any Error> & Sendable) { self.pieces = pieces }

    func makeAsyncIterator() -> Iterator { Iterator(iterator: self.pieces.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var iterator: any AsyncIteratorProtocol<[UInt8], any Error>

        mutating func next() async throws -> [UInt8]? { try await self.iterator.next(isolation: #isolation) }
    }
}
