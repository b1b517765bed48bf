#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Whether Ring can reach a device, and since when.
public struct RingReachability: Hashable, Sendable {
    /// What is known about reaching it. The list is closed: online, offline, or neither.
    public enum State: String, Hashable, Sendable {
        /// It can be reached.
        case online
        /// It cannot: live video fails with 503, stored media may still be there. Show the device dimmed.
        case offline
        /// It has never reported to Ring.
        case neverReported
        /// The status was not included, or does not say.
        case unknown
    }

    /// What is known now.
    public var state: State
    /// When the device last reported, however it was then.
    public var lastReport: Date?
    /// When the present state began: the time of the webhook that reported it. `nil` when only a status is known, which has no
    /// such time.
    public var since: Date?

    package init(state: State, lastReport: Date? = nil, since: Date? = nil) {
        self.state = state
        self.lastReport = lastReport
        self.since = since
    }
}

extension RingDevice {
    /// Whether Ring can reach the device, as its status says. ``RingDirectoryEntry/reachability`` also knows since
    /// when.
    public var reachability: RingReachability {
        guard let status = self.status else { return RingReachability(state: .unknown) }
        // Sensors that never reported may be called online: there is nothing to fetch from them yet.
        if status.hasNeverReported { return RingReachability(state: .neverReported) }
        let state: RingReachability.State =
            switch status.isOnline {
            case true: .online
            case false: .offline
            case nil: .unknown
            }
        return RingReachability(state: state, lastReport: status.reportedAt)
    }
}
