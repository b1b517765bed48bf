public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What the ledger keeps of one session that may be open.
///
/// Holds no token and no SDP. Its description leaves out the session's URL.
public struct WHEPSessionRecord: Hashable, Sendable, Identifiable {
    /// Names the record.
    public var id: String
    /// On whose behalf.
    public var account: RingAccountID?
    /// The device.
    public var device: RingDeviceID
    /// When it was asked for, by the wall clock.
    public var startedAt: Date
    /// When it ends by itself, by the wall clock of the process that wrote it. For information: nothing is decided by it
    /// alone, since a wall clock steps.
    public var mayRunUntil: Date
    /// How long the session runs at worst after this record was written.
    public var longestRun: Duration
    /// Where it can be closed; `nil` until the server has said so, and when it cannot be read.
    public var sessionURL: URL?
    /// Whether the stored URL or the record is unreadable: a sealing key is missing, or the bytes are damaged.
    public var isUnreadable: Bool
    /// Whether a living process runs the session, or is closing it.
    public var isHeld: Bool

    /// Creates a record.
    public init(
        id: String, account: RingAccountID?, device: RingDeviceID, startedAt: Date, mayRunUntil: Date,
        longestRun: Duration, sessionURL: URL? = nil, isUnreadable: Bool = false, isHeld: Bool = false
    ) {
        self.id = id
        self.account = account
        self.device = device
        self.startedAt = startedAt
        self.mayRunUntil = mayRunUntil
        self.longestRun = longestRun
        self.sessionURL = sessionURL
        self.isUnreadable = isUnreadable
        self.isHeld = isHeld
    }
}

extension WHEPSessionRecord: CustomStringConvertible, CustomReflectable {
    /// Id, device and whether the URL is known.
    public var description: String {
        let state = self.isUnreadable ? "unreadable" : self.sessionURL == nil ? "asked for" : "open"
        return "live session \(self.id) on \(self.device) (\(state))"
    }

    /// Shows what ``description`` shows.
    public var customMirror: Mirror { Mirror(self, children: ["record": self.description]) }
}
