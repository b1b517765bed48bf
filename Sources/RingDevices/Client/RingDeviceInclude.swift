public import RingCore

/// A part of a device that can come with it.
///
/// Wire: the words of the query parameter `include`.
public struct RingDeviceInclude: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Whether it can be reached, and what its sensors say.
    public static let status = Self(rawValue: "status")
    /// What it can do.
    public static let capabilities = Self(rawValue: "capabilities")
    /// How the user has set it up.
    public static let configurations = Self(rawValue: "configurations")
    /// Where it is.
    public static let location = Self(rawValue: "location")

    fileprivate static let everything: Set<Self> = [.status, .capabilities, .configurations, .location]
}

extension Set<RingDeviceInclude> {
    /// Every part.
    public static var all: Self { RingDeviceInclude.everything }

    /// The parts joined by commas, in a stable order; `nil` for none.
    internal var queryValue: String? {
        self.isEmpty ? nil : self.map(\.rawValue).sorted().joined(separator: ",")
    }
}
