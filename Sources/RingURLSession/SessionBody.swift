/// An answer's body while it arrives. When the last copy is gone, the task is cancelled.
struct SessionBody: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    fileprivate final class Holder: Sendable {
        let exchange: SessionExchange
        init(_ exchange: SessionExchange) { self.exchange = exchange }
        deinit { self.exchange.abandon() }
    }

    private let holder: Holder

    init(exchange: SessionExchange) { self.holder = Holder(exchange) }

    func makeAsyncIterator() -> Iterator { Iterator(holder: self.holder) }

    struct Iterator: AsyncIteratorProtocol {
        private let holder: Holder

        fileprivate init(holder: Holder) { self.holder = holder }

        mutating func next() async throws -> [UInt8]? { try await self.holder.exchange.nextChunk() }

        mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> [UInt8]? {
            try await self.holder.exchange.nextChunk()
        }
    }
}
