/// Which way media flows in a section, seen from the side that wrote the description.
///
/// Wire: RFC 8866 section 6.7. A closed list: a new word would be a new attribute, kept as an unknown line.
public enum SDPDirection: String, Hashable, Sendable, CaseIterable {
    /// Sends and receives: what holds when a section says nothing.
    case sendrecv
    /// Sends only: what an answer to a viewer says.
    case sendonly
    /// Receives only: what a viewer offers.
    case recvonly
    /// Neither.
    case inactive

    init?(_ line: SDPLine) {
        for direction in Self.allCases where line.isAttribute(direction.rawValue) {
            self = direction
            return
        }
        return nil
    }
}
