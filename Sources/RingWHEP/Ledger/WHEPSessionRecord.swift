package import RingCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The stored record of one session that may be open.
///
/// Holds no token and no SDP. `description` omits the session's URL.
package struct WHEPSessionRecord: Hashable, Sendable, Identifiable {
    package var id: String
    package var account: RingAccountID?
    package var device: RingDeviceID
    /// When its start was requested, by the wall clock.
    var startedAt: Date
    /// When Ring opened it, by Ring's clock; `nil` until it has responded, and when its response had no `Date`.
    package var ringTime: Date?
    /// When it ends by itself, by the wall clock of the process that wrote it. For information: nothing is decided by it
    /// alone, because a wall clock can step.
    var mayRunUntil: Date
    /// The maximum duration of the session, counted from when this record was written.
    var maximumRun: Duration
    /// Where it is closed; `nil` until the server has responded, and when the stored URL cannot be read.
    package var sessionURL: URL?
    /// Whether the stored URL or the record is unreadable: a sealing key is missing, or the bytes are damaged.
    package var isUnreadable = false
    /// Whether a running process runs the session, or is closing it.
    var isHeld = false
}

extension WHEPSessionRecord: CustomStringConvertible, CustomReflectable {
    package var description: String {
        let state = self.isUnreadable ? "unreadable" : self.sessionURL == nil ? "starting" : "open"
        return "live session \(self.id) on \(self.device) (\(state))"
    }

    package var customMirror: Mirror { Mirror(self, children: ["record": self.description]) }
}
