internal import RingCore

/// An answer's body while it arrives. When the last copy is gone, the transfer ends.
struct CurlBody: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    fileprivate final class Holder: Sendable {
        let exchange: CurlExchange
        init(_ exchange: CurlExchange) { self.exchange = exchange }
        deinit { self.exchange.cancel() }
    }

    private let holder: Holder

    init(exchange: CurlExchange) { self.holder = Holder(exchange) }

    func makeAsyncIterator() -> Iterator { Iterator(holder: self.holder) }

    struct Iterator: AsyncIteratorProtocol {
        private let holder: Holder

        fileprivate init(holder: Holder) { self.holder = holder }

        mutating func next() async throws -> [UInt8]? {
            try await self.holder.exchange.nextChunk(isolation: #isolation)
        }

        mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> [UInt8]? {
            try await self.holder.exchange.nextChunk(isolation: actor)
        }
    }
}
