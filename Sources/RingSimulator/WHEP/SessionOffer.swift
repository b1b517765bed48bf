/// The parts of an SDP offer that the simulator reads, and its answer.
///
/// It does not use the SDP parser of `RingWHEP` on purpose: a simulator that shares the client's parser shares its errors.
struct SessionOffer {
    struct Section {
        var kind: String
        var proto: String
        var formats: [String]
        var lines: [String] = []
        var direction: String

        func value(_ name: String) -> String? {
            self.lines.first { $0.hasPrefix("a=\(name):") }.map { String($0.dropFirst(name.count + 3)) }
        }

        func format(_ attribute: String, _ payload: String) -> String? {
            self.lines.first { $0.hasPrefix("a=\(attribute):\(payload) ") }
                .map { String($0.dropFirst(attribute.count + payload.count + 4)) }
        }

        /// The payload that repeats lost packets of another one (RFC 4588).
        func retransmission(of payload: String) -> String? {
            self.payloads(of: "rtx/").first { self.format("fmtp", $0) == "apt=\(payload)" }
        }

        func payloads(of codec: String) -> [String] {
            self.formats.filter { (self.format("rtpmap", $0) ?? "").lowercased().hasPrefix(codec) }
        }

        /// The first H.264 payload of the High family – profile_idc 100, 110, 122 or 244 (RFC 6184 section 8.1); browsers
        /// without a licensed encoder offer the last of these alone – packetization-mode 1 preferred.
        var highProfilePayload: String? {
            let high = self.payloads(of: "h264/").filter { payload in
                let parameters = (self.format("fmtp", payload) ?? "").lowercased()
                return ["64", "6e", "7a", "f4"].contains { parameters.contains("profile-level-id=\($0)") }
            }
            return high.first { (self.format("fmtp", $0) ?? "").contains("packetization-mode=1") } ?? high.first
        }

        /// The H.264 payload that a moving picture is sent as: High, then Main, then Baseline. Every decoder reads more than its
        /// payload says, but browsers offer the other profiles of the High family without decoding them.
        var picturePayload: String? {
            let payloads = self.payloads(of: "h264/").map { ($0, (self.format("fmtp", $0) ?? "").lowercased()) }
                .filter { $0.1.contains("packetization-mode=1") }
            return ["64", "4d", "42"].lazy.compactMap { profile in
                payloads.first { $0.1.contains("profile-level-id=\(profile)") }?.0
            }.first
        }

        /// The H.264 payload of an SDP answer.
        var sentPayload: String? { self.highProfilePayload ?? self.payloads(of: "h264/").first }
    }

    var sections: [Section] = []
    private var session: [String] = []

    init?(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        guard lines.first == "v=0", lines.count < 4000 else { return nil }
        for line in lines {
            if line.hasPrefix("m=") {
                let words = line.dropFirst(2).split(separator: " ").map(String.init)
                guard words.count > 3 else { return nil }
                self.sections.append(
                    Section(kind: words[0], proto: words[2], formats: Array(words[3...]), direction: self.direction))
            } else if self.sections.isEmpty {
                self.session.append(line)
            } else {
                self.sections[self.sections.count - 1].lines.append(line)
                if let direction = Self.direction(line) { self.sections[self.sections.count - 1].direction = direction }
            }
        }
        guard !self.sections.isEmpty else { return nil }
    }

    private var direction: String { self.session.lazy.compactMap(Self.direction).first ?? "sendrecv" }

    private static func direction(_ line: String) -> String? {
        ["a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"].contains(line) ? String(line.dropFirst(2)) : nil
    }

    /// What the offer lacks to be connected at all; `nil` when it lacks nothing.
    ///
    /// ICE credentials and the fingerprint stand in the session part or in each section (RFC 8839, RFC 8122).
    var missingTransport: String? {
        for (name, text) in [
            ("ice-ufrag", "ICE user fragment"), ("ice-pwd", "ICE password"), ("fingerprint", "DTLS fingerprint"),
        ] where !self.session.contains(where: { $0.hasPrefix("a=\(name):") }) {
            // A bundled section may leave them to the first one.
            guard self.sections.contains(where: { $0.value(name) != nil }) else { return text }
        }
        return nil
    }

    /// An answer with the same sections in the same order; `nil` when there is no H.264 to send.
    func answer(hasAudio: Bool, hasRetransmission: Bool, random: inout SeededRandom) -> String? {
        let port = 40_000 + Int(random.next() % 20_000)
        let (ufrag, password) = (random.text(4), random.text(24))
        let fingerprint = (0..<32).map { _ in random.text(2, from: "0123456789ABCDEF") }.joined(separator: ":")
        var bodies: [[String]] = []
        var bundle: [String] = []
        for (index, section) in self.sections.enumerated() {
            let payload: String?
            switch section.kind {
            case "video":
                payload = section.sentPayload
                guard payload != nil else { return nil }
            case "audio" where hasAudio && (section.direction == "recvonly" || section.direction == "sendrecv"):
                payload = section.payloads(of: "opus/").first
            default: payload = nil
            }
            let mid = section.value("mid")
            guard let payload else {
                bodies.append(
                    ["m=\(section.kind) 0 \(section.proto) \(section.formats[0])", "c=IN IP4 0.0.0.0", "a=inactive"]
                        + (mid.map { ["a=mid:\($0)"] } ?? []))
                continue
            }
            if let mid { bundle.append(mid) }
            let setup =
                section.value("setup")
                ?? self.session.first { $0.hasPrefix("a=setup:") }.map { String($0.dropFirst(8)) }
            let repair = hasRetransmission ? section.retransmission(of: payload) : nil
            let formats = ([payload] + [repair].compactMap(\.self)).joined(separator: " ")
            var lines = ["m=\(section.kind) \(port) \(section.proto) \(formats)", "c=IN IP4 127.0.0.1", "a=sendonly"]
            if let mid { lines.append("a=mid:\(mid)") }
            lines += ["a=rtcp-mux", "a=rtcp:9 IN IP4 0.0.0.0", "a=msid:ring ring-\(section.kind)"]
            lines.append("a=ssrc:\(1_000_000 + index) cname:ring")
            if let map = section.format("rtpmap", payload) { lines.append("a=rtpmap:\(payload) \(map)") }
            if let fmtp = section.format("fmtp", payload) { lines.append("a=fmtp:\(payload) \(fmtp)") }
            if section.kind == "video" { lines.append("a=rtcp-fb:\(payload) nack pli") }
            if let repair {
                lines += [
                    "a=rtcp-fb:\(payload) nack", "a=rtpmap:\(repair) rtx/90000", "a=fmtp:\(repair) apt=\(payload)",
                ]
            }
            lines += [
                "a=candidate:1 1 udp 2130706431 127.0.0.1 \(port) typ host", "a=end-of-candidates",
                "a=ice-ufrag:\(ufrag)", "a=ice-pwd:\(password)", "a=fingerprint:sha-256 \(fingerprint)",
                "a=setup:\(setup == "passive" ? "active" : "passive")",
            ]
            bodies.append(lines)
        }
        var head = ["v=0", "o=- \(random.next() >> 2) 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        if !bundle.isEmpty { head.append("a=group:BUNDLE \(bundle.joined(separator: " "))") }
        return (head + bodies.flatMap { $0 }).joined(separator: "\r\n") + "\r\n"
    }
}
