/// One way to reach an ICE agent.
///
/// Wire: `a=candidate`, RFC 8839 section 5.1; unknown extensions are kept in order. The description leaves out the
/// addresses.
public struct SDPCandidate: Hashable, Sendable {
    /// Groups candidates of one origin; 1 to 32 characters.
    public var foundation: String
    /// 1 for RTP, 2 for RTCP.
    public var component: Int
    /// `udp` or `tcp`, as written.
    public var transport: String
    /// The higher, the more preferred.
    public var priority: UInt32
    /// An IP address, or a name ending in `.local` that only the same network can resolve.
    public var address: String
    /// The port; 9 stands for "none" in active TCP candidates.
    public var port: Int
    /// Where the address comes from.
    public var kind: SDPCandidateKind
    /// The base of a reflexive or relayed address. Wire: `raddr`.
    public var relatedAddress: String?
    /// Its port. Wire: `rport`.
    public var relatedPort: Int?
    /// `active`, `passive` or `so` for TCP. Wire: `tcptype`, RFC 6544.
    public var tcpType: String?
    /// What else the line says, in order.
    public var extensions: [Extension]

    /// A name and a value that this library does not know.
    public struct Extension: Hashable, Sendable {
        /// The name.
        public var name: String
        /// The value.
        public var value: String

        /// Creates an extension.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Creates a candidate.
    public init(
        foundation: String, component: Int = 1, transport: String = "udp", priority: UInt32, address: String,
        port: Int, kind: SDPCandidateKind, relatedAddress: String? = nil, relatedPort: Int? = nil,
        tcpType: String? = nil, extensions: [Extension] = []
    ) {
        self.foundation = foundation
        self.component = component
        self.transport = transport
        self.priority = priority
        self.address = address
        self.port = port
        self.kind = kind
        self.relatedAddress = relatedAddress
        self.relatedPort = relatedPort
        self.tcpType = tcpType
        self.extensions = extensions
    }

    /// Reads what follows `a=candidate:` (a leading `candidate:`, as browsers hand it out, is accepted too); `nil` when
    /// a required part is missing or is no number.
    public init?(attributeValue: String) {
        let text = attributeValue.hasPrefix("candidate:") ? attributeValue.dropFirst(10) : attributeValue[...]
        let words = text.split(separator: " ").map(String.init)
        guard words.count >= 8, words[6] == "typ", let component = UInt16(words[1]), let port = UInt16(words[5]),
            let priority = UInt32(words[3])
        else { return nil }
        self.init(
            foundation: words[0], component: Int(component), transport: words[2], priority: priority,
            address: words[4], port: Int(port), kind: SDPCandidateKind(rawValue: words[7]))
        for index in stride(from: 8, to: words.count - 1, by: 2) {
            switch words[index] {
            case "raddr" where self.relatedAddress == nil: self.relatedAddress = words[index + 1]
            case "rport" where self.relatedPort == nil: self.relatedPort = UInt16(words[index + 1]).map(Int.init)
            case "tcptype" where self.tcpType == nil: self.tcpType = words[index + 1]
            default: self.extensions.append(Extension(name: words[index], value: words[index + 1]))
            }
        }
    }

    /// What follows `a=candidate:`.
    public var attributeValue: String {
        var words = [
            self.foundation, String(self.component), self.transport, String(self.priority), self.address,
            String(self.port), "typ", self.kind.rawValue,
        ]
        if let relatedAddress = self.relatedAddress { words += ["raddr", relatedAddress] }
        if let relatedPort = self.relatedPort { words += ["rport", String(relatedPort)] }
        if let tcpType = self.tcpType { words += ["tcptype", tcpType] }
        return (words + self.extensions.flatMap { [$0.name, $0.value] }).joined(separator: " ")
    }

    /// Who could reach the address.
    public var reach: SDPAddressReach { SDPAddressReach(of: self.address) }
}

extension SDPCandidate: CustomStringConvertible, CustomReflectable {
    /// Kind, transport and reach; no address.
    public var description: String { "\(self.kind.rawValue) \(self.transport) (\(self.reach))" }

    /// Shows no children, so that `dump` cannot print addresses.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
