import Foundation
import RingPartner
import Synchronization

/// The events of all accounts, newest last: kept in a file, and sent to the pages that are open.
final class EventFeed: Sendable {
    /// What open pages are told.
    enum Message: Sendable {
        case event(FeedEvent)
        /// Devices of an account may have changed.
        case changed(RingAccountID)
        /// An account was linked or unlinked.
        case linked(RingAccountID)
        /// The page knows events of another file.
        case reload
        case beat
    }

    private struct State {
        var events: [FeedEvent] = []
        var lastNumber = 0
        var lines = 0
        /// Whether the file has what it should not, because it could not be written: events that were removed, or a part of a
        /// line, to which the next one would be added.
        var needsRewrite = false
        var pages: [Int: AsyncStream<Message>.Continuation] = [:]
        var nextPage = 0
    }

    /// How many are kept.
    static let maximumCount = 500
    /// How many pages may be open.
    static let maximumPages = 200

    private let file: URL
    private let state: Mutex<State>

    /// Reads the file, where there is one. A line that was not written completely is left out.
    init(file: URL) throws {
        self.file = file
        var state = State()
        if FileManager.default.fileExists(atPath: file.path) {
            let text = try Data(contentsOf: file)
            state.needsRewrite = !text.isEmpty && text.last != UInt8(ascii: "\n")
            for line in text.split(separator: UInt8(ascii: "\n")) {
                state.lines += 1
                guard let event = try? JSONDecoder().decode(FeedEvent.self, from: line) else { continue }
                state.events.append(event)
                state.lastNumber = max(state.lastNumber, event.number)
            }
        }
        state.events = state.events.suffix(Self.maximumCount)
        self.state = Mutex(state)
    }

    var lastNumber: Int { self.state.withLock { $0.lastNumber } }

    func event(_ number: Int) -> FeedEvent? {
        self.state.withLock { state in state.events.last { $0.number == number } }
    }

    /// The newest events that a condition holds for, newest first.
    func newest(_ limit: Int, where isWanted: (FeedEvent) -> Bool) -> [FeedEvent] {
        Array(self.state.withLock { $0.events }.reversed().lazy.filter(isWanted).prefix(limit))
    }

    /// Adds an event, and tells the open pages. One with a key that was added before changes nothing.
    ///
    /// - Throws: When it cannot be stored: the webhook is then handled again later.
    func add(_ event: FeedEvent) throws {
        try self.state.withLock { state in
            guard !state.events.contains(where: { $0.key == event.key }) else { return }
            var event = event
            event.number = state.lastNumber + 1
            if state.needsRewrite || state.lines >= 2 * Self.maximumCount { try self.rewrite(&state) }
            let line = try JSONEncoder().encode(event) + [UInt8(ascii: "\n")]
            do { try PrivateFile.append(line, to: self.file) } catch {
                state.needsRewrite = true
                throw error
            }
            state.lines += 1
            state.lastNumber = event.number
            state.events.append(event)
            if state.events.count > Self.maximumCount { state.events.removeFirst() }
            Self.send(.event(event), &state)
        }
    }

    /// Forgets the events of an account.
    ///
    /// - Throws: When they are still in the file. The next event writes it again first.
    func remove(_ account: RingAccountID) throws {
        try self.state.withLock { state in
            state.events.removeAll { $0.account == account }
            state.needsRewrite = true
            try self.rewrite(&state)
        }
    }

    /// Tells the open pages something.
    func tell(_ message: Message) { self.state.withLock { Self.send(message, &$0) } }

    /// What happens from now on, beginning with the events after a number; `nil` when too many pages are open.
    ///
    /// A page that reads too slowly loses its stream, connects again, and resumes.
    func messages(after number: Int) -> AsyncStream<Message>? {
        self.state.withLock { state in
            guard state.pages.count < Self.maximumPages else { return nil }
            let missed = state.events.filter { $0.number > number }
            let (stream, continuation) = AsyncStream.makeStream(
                of: Message.self, bufferingPolicy: .bufferingOldest(missed.count + 100))
            // The numbers of another file: the page begins again.
            if number > state.lastNumber { continuation.yield(.reload) }
            for event in missed { continuation.yield(.event(event)) }
            state.nextPage += 1
            let page = state.nextPage
            state.pages[page] = continuation
            continuation.onTermination = { [weak self] _ in self?.leave(page) }
            return stream
        }
    }

    private func leave(_ page: Int) { self.state.withLock { _ = $0.pages.removeValue(forKey: page) } }

    private static func send(_ message: Message, _ state: inout State) {
        for (page, continuation) in state.pages {
            if case .dropped = continuation.yield(message) {
                state.pages[page] = nil
                // It calls back, which needs the lock.
                Task { continuation.finish() }
            }
        }
    }

    private func rewrite(_ state: inout State) throws {
        var text = Data()
        for event in state.events { text += try JSONEncoder().encode(event) + [UInt8(ascii: "\n")] }
        try PrivateFile.write(text, to: self.file)
        state.lines = state.events.count
        state.needsRewrite = false
    }
}
