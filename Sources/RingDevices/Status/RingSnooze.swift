@_spi(RingModels) internal import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A chime that is silent for a while.
///
/// Wire: `audio.snooze` of a `device-status` resource.
public struct RingSnooze: Hashable, Sendable {
    /// Whether the chime is silent now.
    ///
    /// Wire: `active`. `nil` on devices that are no chime.
    public var isActive: Bool?
    /// When it ends.
    ///
    /// Wire: `until`, an ISO 8601 time or epoch milliseconds; no source says which. `nil` when no snooze is active.
    public var until: Date?

    /// Creates a snooze by hand, for tests and previews.
    public init(isActive: Bool? = nil, until: Date? = nil) {
        self.isActive = isActive
        self.until = until
    }
}

extension RingSnooze {
    private static let names = JSONAPINames(["active", "until"])

    internal init?(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        guard !value.isNull else { return nil }
        self.init()
        value.forEachMember(of: Self.names) { position, member in
            switch position {
            case 0: self.isActive = reader.bool(member.value, "device-status.audio.snooze.active")
            case 1:
                // Both forms are expected here: nothing to note.
                self.until = member.value.date ?? reader.moment(member.value, "device-status.audio.snooze.until")
            default: reader.unknownMember(member, in: "device-status.audio.snooze")
            }
        }
    }
}
