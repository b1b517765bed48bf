internal import RingCore

/// One network address of an ICE agent.
///
/// Wire: `a=candidate`, RFC 8839 section 5.1. Unknown extensions are kept in order. `description` omits the addresses.
package struct SDPCandidate: Hashable, Sendable {
    /// Groups candidates of one origin; 1 to 32 characters.
    package var foundation: String
    /// 1 for RTP, 2 for RTCP.
    package var component: Int
    /// `udp` or `tcp`, as written.
    package var transport: String
    /// A higher value is preferred.
    package var priority: UInt32
    /// An IP address, or a name ending in `.local` that only the same network can resolve.
    package var address: String
    /// The port. 9 means "none" in active TCP candidates.
    package var port: Int
    /// The origin of the address.
    package var kind: Kind
    /// The base of a reflexive or relayed address. Wire: `raddr`.
    package var relatedAddress: String?
    /// The port of the base. Wire: `rport`.
    package var relatedPort: Int?
    /// `active`, `passive` or `so` for TCP. Wire: `tcptype`, RFC 6544.
    package var tcpType: String?
    /// The other extensions, in order.
    package var extensions: [Extension] = []

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

    /// The name and value of an extension that this library does not know.
    package struct Extension: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Parses the text after `a=candidate:`. A leading `candidate:`, which browsers write, is accepted too.
    ///
    /// `nil` when a required part is missing or is not a number.
    package init?(attributeValue: String) {
        let text = attributeValue.hasPrefix("candidate:") ? attributeValue.dropFirst(10) : attributeValue[...]
        let words = text.split(separator: " ").map(String.init)
        guard words.count >= 8, words[6] == "typ", let component = UInt16(words[1]), let port = UInt16(words[5]),
            let priority = UInt32(words[3])
        else { return nil }
        self.foundation = words[0]
        self.component = Int(component)
        self.transport = words[2]
        self.priority = priority
        self.address = words[4]
        self.port = Int(port)
        self.kind = Kind(rawValue: words[7])
        for index in stride(from: 8, to: words.count - 1, by: 2) {
            switch words[index] {
            case "raddr" where self.relatedAddress == nil: self.relatedAddress = words[index + 1]
            case "rport" where self.relatedPort == nil: self.relatedPort = UInt16(words[index + 1]).map(Int.init)
            case "tcptype" where self.tcpType == nil: self.tcpType = words[index + 1]
            default: self.extensions.append(Extension(name: words[index], value: words[index + 1]))
            }
        }
    }

    /// The text after `a=candidate:`.
    package var attributeValue: String {
        var words = [
            self.foundation, String(self.component), self.transport, String(self.priority), self.address,
            String(self.port), "typ", self.kind.rawValue,
        ]
        if let relatedAddress = self.relatedAddress { words += ["raddr", relatedAddress] }
        if let relatedPort = self.relatedPort { words += ["rport", String(relatedPort)] }
        if let tcpType = self.tcpType { words += ["tcptype", tcpType] }
        return (words + self.extensions.flatMap { [$0.name, $0.value] }).joined(separator: " ")
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
