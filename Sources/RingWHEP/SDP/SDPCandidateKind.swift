public import RingCore

/// Where a candidate's address comes from.
///
/// Wire: the word after `typ`, RFC 8839 section 5.1.
public struct SDPCandidateKind: RingOpenString {
    /// The word as it stands in the line.
    public let rawValue: String
    /// Wraps any word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// An address of the machine itself.
    public static let host = Self(rawValue: "host")
    /// The address a STUN server saw: reachable from outside through most routers.
    public static let serverReflexive = Self(rawValue: "srflx")
    /// The address a peer saw.
    public static let peerReflexive = Self(rawValue: "prflx")
    /// An address at a TURN server.
    public static let relayed = Self(rawValue: "relay")
}
