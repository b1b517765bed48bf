internal import RingCore
package import RingWHEP

/// STUN and TURN servers as GStreamer wants them: `stun://host:port`, `turn://user:password@host:port?transport=udp`.
package struct LiveICEServers: Equatable {
    /// GStreamer uses one.
    package var stun: String?
    package var turn: [String] = []

    package init(_ servers: [WHEPICEServer]) {
        for server in servers {
            guard let colon = server.url.firstIndex(of: ":") else { continue }
            let scheme = server.url[..<colon].lowercased()
            let rest = server.url[server.url.index(after: colon)...].drop { $0 == "/" }
            let parts = rest.split(separator: "?", maxSplits: 1)
            guard let host = parts.first.flatMap({ Self.withPort(String($0), scheme == "turns" ? 5349 : 3478) }) else {
                continue
            }
            let query = parts.count > 1 ? "?\(parts[1])" : ""
            switch scheme {
            case "stun": self.stun = self.stun ?? "stun://\(host)"
            case "turn", "turns":
                guard let user = server.username, let password = server.credential?.revealed else { continue }
                self.turn.append(
                    "\(scheme)://\(RingPercentCoding.encode(user)):\(RingPercentCoding.encode(password))@\(host)\(query)"
                )
            default: break
            }
        }
    }

    /// `nil` for text that is no host.
    private static func withPort(_ host: String, _ port: Int) -> String? {
        let allowed = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: ".-_:[]".utf8.contains(byte)
            }
        }
        guard allowed, !host.isEmpty else { return nil }
        let afterAddress = host.lastIndex(of: "]").map { host[$0...] } ?? host[...]
        return afterAddress.contains(":") ? host : "\(host):\(port)"
    }
}
