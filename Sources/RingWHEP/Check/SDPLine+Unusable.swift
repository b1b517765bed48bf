extension SDPLine {
    /// Whether browsers fail to parse an answer with this line: an unknown type, no value, a blank before it, or a value of
    /// another form than the attribute has. In `s= ` the blank is the value.
    var isUnusable: Bool {
        guard self.bytes.count > 2, let type = self.typeByte else { return true }
        switch type {
        case UInt8(ascii: "a"): return self.isUnusableAttribute
        case UInt8(ascii: "o"): return self.words.count != 6
        case UInt8(ascii: "b"):
            let parts = self.value.split(separator: ":", omittingEmptySubsequences: false)
            return parts.count != 2 || Self.number(parts[1], upTo: Int64(Int32.max)) == nil
        case UInt8(ascii: "c"):
            // Multicast addresses have a time to live, and WebRTC has no multicast.
            let words = self.words
            guard words.count == 3, words[0] == "IN", !words[2].contains("/") else { return true }
            return words[1] != (words[2].contains(":") ? "IP6" : "IP4")
        default: return !"vsiueptrzkm".utf8.contains(type)
        }
    }

    private var isUnusableAttribute: Bool {
        guard !Self.isBlank(self.bytes[self.bytes.startIndex + 2]) else { return true }
        guard let name = self.attributeName, Self.checkedNames.contains(name) else { return false }
        let words = (self.value(ofAttribute: name) ?? "").split(separator: " ")
        switch name {
        // For offers (RFC 9143 section 6); some engines take a rejected section with it for accepted.
        case "bundle-only": return true
        case "fingerprint":
            return SDPFingerprint(attributeValue: words.joined(separator: " "))?.isComplete != true
        case "msid": return words.isEmpty || words.count > 2
        case "simulcast": return words.first != "send" && words.first != "recv"
        case "group", "ice-options", "mid", "msid-semantic", "setup": return words.isEmpty
        default: break
        }
        guard words.count >= 2 else { return true }
        switch name {
        case "extmap":
            let number = words[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)[0]
            return Self.number(number, upTo: 255) ?? 0 == 0
        case "ssrc": return Self.number(words[0], upTo: Int64(UInt32.max)) == nil || !words[1].contains(":")
        case "ssrc-group": return !words.dropFirst().allSatisfy { Self.number($0, upTo: Int64(UInt32.max)) != nil }
        case "rtcp-fb": return words[0] != "*" && Self.payloadType(words[0]) == nil
        case "rtpmap":
            let parts = words[1].split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            return Self.payloadType(words[0]) == nil || !(1...2).contains(parts.count)
                || !parts.allSatisfy { Self.number($0, upTo: Int64(Int32.max)) != nil }
        default: return Self.payloadType(words[0]) == nil
        }
    }

    private static let checkedNames: Set<String> = [
        "bundle-only", "extmap", "fingerprint", "fmtp", "group", "ice-options", "mid", "msid", "msid-semantic",
        "packetization", "rtcp-fb", "rtpmap", "setup", "simulcast", "ssrc", "ssrc-group",
    ]

    /// The words behind the equals sign.
    var words: [Substring] {
        String(decoding: self.bytes.dropFirst(2), as: UTF8.self).split { $0 == " " || $0 == "\t" }
    }

    /// A payload type of RTP; `nil` for anything else.
    static func payloadType(_ text: some StringProtocol) -> Int64? { Self.number(text, upTo: 127) }

    /// A number of digits alone; `nil` for anything else.
    static func number(_ text: some StringProtocol, upTo maximum: Int64) -> Int64? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int64(text), number <= maximum
        else { return nil }
        return number
    }
}

extension SDPFingerprint {
    /// The length in bytes of the hash functions that RFC 8122 names, but for those that nobody accepts any more.
    private static let lengths = ["sha-1": 20, "sha-224": 28, "sha-256": 32, "sha-384": 48, "sha-512": 64]

    /// Whether the hash has the form and the length of its function.
    var isComplete: Bool {
        let pairs = self.hash.split(separator: ":", omittingEmptySubsequences: false)
        return pairs.count == Self.lengths[self.algorithm]
            && pairs.allSatisfy { $0.utf8.count == 2 && $0.allSatisfy(\.isHexDigit) }
    }
}

extension SDPCandidate {
    /// Whether browsers can read it: they fail to parse a description with a candidate of another transport or kind, or with
    /// an extension that is no number where one belongs.
    var isReadable: Bool {
        guard ["udp", "tcp", "ssltcp"].contains(self.transport.lowercased()),
            [.host, .serverReflexive, .peerReflexive, .relayed].contains(self.kind)
        else { return false }
        let numbers: [String: Int64] = [
            "rport": 65_535, "generation": 0xFFFF_FFFF, "network-id": 65_535, "network-cost": 65_535,
        ]
        return self.extensions.allSatisfy { name, value in
            if name == "tcptype" { return ["active", "passive", "so"].contains(value) }
            return numbers[name].map { SDPLine.number(value, upTo: $0) != nil } ?? true
        }
    }
}
