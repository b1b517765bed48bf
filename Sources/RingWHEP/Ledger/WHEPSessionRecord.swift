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
    /// Who opened the session.
    public var owner: WHEPSessionOwner
    /// On whose behalf.
    public var account: RingAccountID?
    /// The device.
    public var device: RingDeviceID
    /// When it was asked for.
    public var startedAt: Date
    /// When it has surely ended by itself.
    public var mayRunUntil: Date
    /// Where it can be closed; `nil` until the server has said so.
    public var sessionURL: URL?

    /// Creates a record.
    public init(
        id: String, owner: WHEPSessionOwner, account: RingAccountID?, device: RingDeviceID, startedAt: Date,
        mayRunUntil: Date, sessionURL: URL? = nil
    ) {
        self.id = id
        self.owner = owner
        self.account = account
        self.device = device
        self.startedAt = startedAt
        self.mayRunUntil = mayRunUntil
        self.sessionURL = sessionURL
    }
}

extension WHEPSessionRecord: CustomStringConvertible, CustomReflectable {
    /// Id, device and whether the URL is known.
    public var description: String {
        "live session \(self.id) on \(self.device) (\(self.sessionURL == nil ? "asked for" : "open"))"
    }

    /// Shows what ``description`` shows.
    public var customMirror: Mirror { Mirror(self, children: ["record": self.description]) }
}
