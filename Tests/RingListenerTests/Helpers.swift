import Synchronization

final class Box<Value: Sendable>: Sendable {
    private let state = Mutex<Value?>(nil)
    var value: Value? { self.state.withLock { $0 } }
    func set(_ value: Value) { self.state.withLock { $0 = value } }
}

final class Counter: Sendable {
    private let state = Mutex(0)
    var value: Int { self.state.withLock { $0 } }
    func add(_ count: Int) { self.state.withLock { $0 += count } }
}

/// Counts how many of its kind are alive.
final class Token: Sendable {
    private let counter: Counter
    init(_ counter: Counter) {
        self.counter = counter
        counter.add(1)
    }
    deinit { self.counter.add(-1) }
}

/// Opens when `count` callers stand before it.
actor Gate {
    private let count: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(count: Int) { self.count = count }

    func pass() async {
        await withCheckedContinuation { continuation in
            self.waiting.append(continuation)
            guard self.waiting.count >= self.count else { return }
            for waiter in self.waiting { waiter.resume() }
            self.waiting = []
        }
    }
}

/// Something that happens once, and that can be waited for.
final class Signal: Sendable {
    private struct State {
        var isSet = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    func set() {
        let waiters = self.state.withLock { state in
            state.isSet = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isSet = self.state.withLock { state in
                if !state.isSet { state.waiters.append(continuation) }
                return state.isSet
            }
            if isSet { continuation.resume() }
        }
    }
}

struct Broken: Error {}

/// A body in pieces, which may end in an error and holds a token while it lives.
struct Pieces: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error
    var pieces: [[UInt8]]
    var fails = false
    var token: Token?
    var asked: Counter?

    init(_ texts: [String], fails: Bool = false, token: Token? = nil, asked: Counter? = nil) {
        self.pieces = texts.map { Array($0.utf8) }
        self.fails = fails
        self.token = token
        self.asked = asked
    }

    struct Iterator: AsyncIteratorProtocol {
        var rest: ArraySlice<[UInt8]>
        var fails: Bool
        var asked: Counter?

        mutating func next() async throws -> [UInt8]? {
            self.asked?.add(1)
            if let piece = self.rest.popFirst() { return piece }
            if self.fails { throw Broken() }
            return nil
        }
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(rest: self.pieces[...], fails: self.fails, asked: self.asked)
    }
}
