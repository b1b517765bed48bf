/// Callers that wait for a shared piece of work. Each may leave alone, even before it has begun to wait.
struct RingWaiters: Sendable {
    private var waiting: [UInt64: CheckedContinuation<RingKnownToken, any Error>] = [:]
    private var left: Set<UInt64> = []
    private var next: UInt64 = 0

    mutating func ticket() -> UInt64 {
        self.next += 1
        return self.next
    }

    /// - Returns: Whether the caller waits now; `false` when it has left already and must be told so.
    mutating func add(_ ticket: UInt64, _ continuation: CheckedContinuation<RingKnownToken, any Error>) -> Bool {
        if self.left.remove(ticket) != nil { return false }
        self.waiting[ticket] = continuation
        return true
    }

    /// - Returns: Whom to tell; `nil` when it has been served, or does not wait yet.
    mutating func leave(_ ticket: UInt64) -> CheckedContinuation<RingKnownToken, any Error>? {
        if let continuation = self.waiting.removeValue(forKey: ticket) { return continuation }
        self.left.insert(ticket)
        return nil
    }

    /// Forgets a ticket whose holder has been served.
    mutating func drop(_ ticket: UInt64) { self.left.remove(ticket) }

    mutating func takeAll() -> [CheckedContinuation<RingKnownToken, any Error>] {
        defer { self.waiting = [:] }
        return self.waiting.sorted { $0.key < $1.key }.map(\.value)
    }

    var isEmpty: Bool { self.waiting.isEmpty }
}
