/// A session description without keys, addresses and identifiers.
enum RecordedSDP {
    private static let attributes: Set<String> = [
        "group", "mid", "rtcp-mux", "rtcp-rsize", "rtcp-fb", "rtpmap", "fmtp", "extmap", "extmap-allow-mixed", "setup",
        "sendrecv", "sendonly", "recvonly", "inactive", "ice-options", "ice-lite", "bundle-only", "end-of-candidates",
        "ptime", "maxptime", "rid", "simulcast", "msid-semantic",
    ]

    /// What a recording keeps.
    static func scrubbed(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).compactMap { self.line(String($0)) }.map { $0 + "\r\n" }.joined()
    }

    private static func line(_ line: String) -> String? {
        switch line.prefix(2) {
        case "o=": return "o=- 1 1 IN IP4 0.0.0.0"
        case "s=": return "s=-"
        case "c=": return line.contains("IP6") ? "c=IN IP6 ::" : "c=IN IP4 0.0.0.0"
        case "v=", "t=", "m=", "b=": return line
        case "a=": break
        default: return nil
        }
        let name = String(line.dropFirst(2).prefix { $0 != ":" })
        switch name {
        case "ice-ufrag": return "a=ice-ufrag:ufrag"
        case "ice-pwd": return "a=ice-pwd:" + String(repeating: "p", count: 24)
        case "fingerprint":
            let parts = line.split(separator: " ")
            guard let first = parts.first, parts.count == 2 else { return nil }
            let zeros = parts[1].map { (character: Character) -> Character in character == ":" ? ":" : "0" }
            return "\(first) \(String(zeros))"
        case "candidate": return "a=candidate:1 1 udp 2122260223 192.0.2.1 9 typ host"
        case "rtcp": return "a=rtcp:9 IN IP4 0.0.0.0"
        case "msid": return "a=msid:- track"
        default: return self.attributes.contains(name) ? line : nil
        }
    }

    /// What must be the same for an offer to be repeated: its sections and their directions. All else is new in every session.
    static func shape(_ text: String) -> String {
        let directions: Set<Substring> = ["a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"]
        return text.split(whereSeparator: \.isNewline).compactMap { line in
            if line.hasPrefix("m=") { return String(line.dropFirst(2).prefix { $0 != " " }) }
            return directions.contains(line) ? String(line.dropFirst(2)) : nil
        }.joined(separator: " ")
    }
}
