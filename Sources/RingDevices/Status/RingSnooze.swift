@_spi(RingModels) internal import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A chime that is silent for a while.
///
/// Wire: `audio.snooze` of a `device-status` resource.
public struct RingSnooze: Hashable, Sendable, Codable {
    /// Whether the chime is silent now.
    ///
    /// Wire: `active`. `nil` on devices that are no chime.
    public var isActive: Bool?
    /// When it ends.
    ///
    /// Wire: `until`, an ISO 8601 time or epoch milliseconds; no source says which. `nil` when no snooze is active.
    public var until: Date?

    package init(isActive: Bool? = nil, until: Date? = nil) {
        self.isActive = isActive
        self.until = until
    }
}

extension RingSnooze {
    private enum Member: String, CaseIterable { case active, until }
    private static let members = JSONAPINames<Member>()

    internal init?(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        guard !value.isNull else { return nil }
        self.init()
        value.forEachMember(of: Self.members) { member, value in
            switch member {
            case .active: self.isActive = reader.bool(value, "device-status.audio.snooze.active")
            case .until:
                // Both forms are expected here: nothing to note.
                self.until = value.date ?? reader.moment(value, "device-status.audio.snooze.until")
            case nil: reader.unknownMember(value, in: "device-status.audio.snooze")
            }
        }
    }
}
