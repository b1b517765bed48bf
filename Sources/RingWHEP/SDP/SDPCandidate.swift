internal import RingCore

/// One network address of an ICE agent.
///
/// Wire: `a=candidate`, RFC 8839 section 5.1: foundation, component, transport, priority, address, port, `typ` and kind, then pairs
/// of a name and a value. `description` omits the addresses.
package struct SDPCandidate: Hashable, Sendable {
    private let words: [String]

    /// The origin of a candidate's address.
    ///
    /// Wire: the word after `typ`, RFC 8839 section 5.1.
    package struct Kind: RingOpenString {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// An address of the machine itself.
        package static let host = Self(rawValue: "host")
        /// The address that a STUN server saw. Most routers let peers reach it.
        package static let serverReflexive = Self(rawValue: "srflx")
        /// The address that a peer saw.
        package static let peerReflexive = Self(rawValue: "prflx")
        /// An address of a TURN server.
        package static let relayed = Self(rawValue: "relay")
    }

    /// Parses the text after `a=candidate:`. A leading `candidate:`, which browsers write, is accepted too.
    ///
    /// `nil` when a required part is missing or is not a number.
    package init?(attributeValue: String) {
        var text = attributeValue[...]
        while text.hasPrefix("candidate:") { text = text.dropFirst(10) }
        let words = text.split(separator: " ").map(String.init)
        guard words.count >= 8, words[6] == "typ", SDPLine.number(words[1], upTo: Int64(UInt16.max)) != nil,
            SDPLine.number(words[3], upTo: Int64(UInt32.max)) != nil,
            SDPLine.number(words[5], upTo: Int64(UInt16.max)) != nil,
            words.joined().utf8.allSatisfy({ $0 > 32 && $0 != 127 })
        else { return nil }
        self.words = words
    }

    /// The text after `a=candidate:`.
    package var attributeValue: String { self.words.joined(separator: " ") }

    /// `udp` or `tcp`, as written.
    var transport: String { self.words[2] }
    /// An IP address, or a name ending in `.local` that only the same network can resolve.
    package var address: String { self.words[4] }
    /// The origin of the address.
    package var kind: Kind { Kind(rawValue: self.words[7]) }
    /// `active`, `passive` or `so` for TCP. Wire: `tcptype`, RFC 6544.
    package var tcpType: String? {
        let pairs = self.words.dropFirst(8)
        return zip(pairs, pairs.dropFirst()).first { $0.0 == "tcptype" }?.1
    }

    /// The pairs of a name and a value behind the kind. A name without a value is left out.
    var extensions: [(name: String, value: String)] {
        let pairs = self.words.dropFirst(8)
        return stride(from: pairs.startIndex, to: pairs.endIndex - 1, by: 2).map { (pairs[$0], pairs[$0 + 1]) }
    }

    /// Who can reach the address.
    package var reach: SDPAddressReach { SDPAddressReach(of: self.address) }
}

extension SDPCandidate: CustomStringConvertible, CustomReflectable {
    /// Kind, transport and reach, but no address.
    package var description: String { "\(self.kind.rawValue) \(self.transport) (\(self.reach))" }

    /// Has no children, so that `dump` cannot print addresses.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
