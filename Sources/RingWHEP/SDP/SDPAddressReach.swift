/// Who can reach an address, determined from its text alone.
package enum SDPAddressReach: String, Hashable, Sendable {
    /// Everyone: a public address, or a name that DNS may know.
    case publicNetwork
    /// Machines of the same private network only.
    case privateNetwork
    /// Machines on the same network link only.
    case linkLocal
    /// The same machine only.
    case loopback
    /// Machines of the local network only: an mDNS name, which browsers use to hide addresses.
    case multicastDNS

    /// Classifies an address.
    package init(of address: String) {
        let text = address.lowercased()
        if text.hasSuffix(".local") {
            self = .multicastDNS
        } else if text.contains(":") {
            self = Self.reach(ofIPv6: text)
        } else {
            self = Self.reach(ofIPv4: text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) })
        }
    }

    private static func reach(ofIPv6 text: String) -> SDPAddressReach {
        if let mapped = text.split(separator: ":").last, text.hasPrefix("::ffff:"), mapped.contains(".") {
            return SDPAddressReach(of: String(mapped))
        }
        if text == "::1" || text == "::" { return .loopback }
        let first = text.split(separator: ":", omittingEmptySubsequences: false).first.flatMap { UInt16($0, radix: 16) }
        switch (first ?? 0) & 0xFFC0 {
        case 0xFE80: return .linkLocal
        case let word where word & 0xFE00 == 0xFC00: return .privateNetwork
        default: return .publicNetwork
        }
    }

    private static func reach(ofIPv4 parts: [UInt8?]) -> SDPAddressReach {
        guard parts.count == 4, let first = parts[0], let second = parts[1] else { return .publicNetwork }
        switch (first, second) {
        case (127, _), (0, _): return .loopback
        case (10, _), (192, 168), (172, 16...31), (100, 64...127): return .privateNetwork
        case (169, 254): return .linkLocal
        default: return .publicNetwork
        }
    }
}
