package import RingCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// How the ledger closes a session of this process.
package struct WHEPSessionHandle: Sendable {
    package var url: URL
    package var close: @Sendable (WHEPEndReason) async -> WHEPCloseOutcome

    package init(url: URL, close: @escaping @Sendable (WHEPEndReason) async -> WHEPCloseOutcome) {
        self.url = url
        self.close = close
    }
}

/// The sessions that a process starts, runs or closes, and when other sessions have certainly ended.
///
/// A value without a clock and without storage. Times are readings of the clock's uptime.
package struct WHEPLedgerState: Sendable {
    /// A session of this process and its leased record.
    package struct Entry: Sendable {
        package var lease: RingStorageLease
        package var stored: RingStorageRecord
        fileprivate var order: Int
        fileprivate var handle: WHEPSessionHandle?
        fileprivate var isLost = false
    }

    /// Whether no further sessions are admitted.
    package private(set) var isShuttingDown = false
    /// The number of sessions of this process that ended here and may still run.
    package private(set) var notClosedCount = 0
    private var entries: [String: Entry] = [:]
    private var ends: [String: Duration] = [:]
    private var claimed: Set<String> = []
    private var lastOrder = 0

    package init() {}

    // MARK: Sessions of this process

    package var openIDs: Set<String> { Set(self.entries.keys) }
    package var openCount: Int { self.entries.count }

    package func entry(_ id: String) -> Entry? { self.entries[id] }

    /// Adds a session before its start is requested.
    ///
    /// - Returns: Whether it was added. It is not while the process shuts down.
    package mutating func add(_ id: String, _ lease: RingStorageLease, _ stored: RingStorageRecord) -> Bool {
        guard !self.isShuttingDown else { return false }
        self.lastOrder += 1
        self.entries[id] = Entry(lease: lease, stored: stored, order: self.lastOrder)
        return true
    }

    package mutating func replace(_ id: String, with stored: RingStorageRecord) { self.entries[id]?.stored = stored }

    /// Sets how the session is closed.
    ///
    /// - Returns: Why it must be closed at once; `nil` when it may go on.
    package mutating func attach(_ handle: WHEPSessionHandle, to id: String) -> WHEPEndReason? {
        self.entries[id]?.handle = handle
        if self.isShuttingDown { return .shutdown }
        return self.entries[id]?.isLost == false ? nil : .takenOver
    }

    /// How the session with this URL is closed, when this process runs it.
    package func handle(of url: URL) -> WHEPSessionHandle? {
        self.entries.values.compactMap(\.handle).first { $0.url == url }
    }

    /// Records that another process took over the record, or deleted it.
    ///
    /// - Returns: How to close the session; `nil` while its start is under way, which ``attach(_:to:)`` then ends.
    package mutating func lose(_ id: String) -> WHEPSessionHandle? {
        self.entries[id]?.isLost = true
        return self.entries[id]?.handle
    }

    /// Removes a session of this process.
    package mutating func remove(_ id: String, mayStillRun: Bool) {
        guard self.entries.removeValue(forKey: id) != nil else { return }
        if mayStillRun { self.notClosedCount += 1 }
    }

    /// Admits no further sessions.
    ///
    /// - Returns: How to close the present ones, in the order of their starts.
    package mutating func shutDown() -> [WHEPSessionHandle] {
        self.isShuttingDown = true
        return self.entries.values.sorted { $0.order < $1.order }.compactMap(\.handle)
    }

    // MARK: When sessions have certainly ended

    package mutating func setEnd(of id: String, at end: Duration) { self.ends[id] = end }

    /// Sets the end unless one is known.
    package mutating func noteEnd(of id: String, at end: Duration) {
        if self.ends[id] == nil { self.ends[id] = end }
    }

    package mutating func forgetEnd(of id: String) { self.ends[id] = nil }

    // MARK: Recovery

    /// Notes that a recovery found a free record.
    ///
    /// - Returns: When its session has certainly ended; `nil` when this process works on the record itself.
    package mutating func find(_ id: String, maximumRun: Duration, now: Duration) -> Duration? {
        // A process never claims what it works on, even when a lease has ended.
        guard self.entries[id] == nil, !self.claimed.contains(id) else { return nil }
        self.noteEnd(of: id, at: now + maximumRun)
        return self.ends[id]
    }

    /// Removes ends of long ago when there are many.
    package mutating func prune(now: Duration) {
        if self.ends.count > 4_096 { self.ends = self.ends.filter { $0.value > now - .seconds(3600) } }
    }

    /// Claims a record for a recovery of this process.
    ///
    /// - Returns: Whether no other recovery of this process has it.
    package mutating func claim(_ id: String) -> Bool { self.claimed.insert(id).inserted }

    package mutating func unclaim(_ id: String) { self.claimed.remove(id) }
}
