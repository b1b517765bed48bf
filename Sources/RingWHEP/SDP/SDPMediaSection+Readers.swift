extension SDPMediaSection {
    /// The name of the section. Wire: `a=mid`.
    package var mid: String? { self.lines.firstValue(ofAttribute: "mid").flatMap { $0.isEmpty ? nil : $0 } }

    /// The direction of the media: the section's own, else the session's, else `sendrecv` (RFC 8866 section 6.7).
    package var direction: SDPDirection { self.ownDirection ?? self.session.direction ?? .sendrecv }

    var ownDirection: SDPDirection? { self.lines.lazy.compactMap { SDPDirection($0) }.first }

    /// Whether port 0 rejects this section. A section that exists in the bundle only has port 0 too, and is not rejected.
    public var isRejected: Bool { self.port == 0 && !self.isBundleOnly }

    /// Whether the section exists in the bundle only. Wire: `a=bundle-only`, in offers.
    var isBundleOnly: Bool { self.has("bundle-only") }

    /// The ICE credentials, from the section or the session. Wire: `a=ice-ufrag`, `a=ice-pwd`.
    package var iceCredentials: SDPICECredentials? {
        let userFragment = self.lines.firstValue(ofAttribute: "ice-ufrag") ?? self.session.userFragment
        let password = self.lines.firstValue(ofAttribute: "ice-pwd") ?? self.session.password
        guard let userFragment, let password else { return nil }
        return SDPICECredentials(userFragment: userFragment, password: password)
    }

    /// The candidates that can be read, in order. Wire: `a=candidate`.
    package var candidates: [SDPCandidate] {
        self.values(ofAttribute: "candidate").compactMap { SDPCandidate(attributeValue: $0) }
    }

    /// The certificate hashes, the section's own or else the session's. Wire: `a=fingerprint`.
    package var fingerprints: [SDPFingerprint] {
        let own = self.values(ofAttribute: "fingerprint").compactMap { SDPFingerprint(attributeValue: $0) }
        return own.isEmpty ? self.session.fingerprints : own
    }

    /// Who opens the DTLS connection, from the section or the session. Wire: `a=setup`.
    package var setup: SDPSetupRole? {
        self.lines.firstValue(ofAttribute: "setup").map { SDPSetupRole(rawValue: $0) } ?? self.session.setup
    }

    /// Whether RTP and RTCP share a port. Wire: `a=rtcp-mux` (RFC 5761), `a=rtcp-mux-only` (RFC 8858).
    package var hasRTCPMux: Bool { self.has("rtcp-mux") || self.has("rtcp-mux-only") }

    /// Whether the section or the session has a `c=` line.
    var hasConnection: Bool {
        self.session.hasConnection || self.lines.contains(where: \.isConnection)
    }

    /// The header extensions. Wire: `a=extmap`.
    package var extensionMappings: [SDPExtensionMapping] {
        self.values(ofAttribute: "extmap").compactMap { SDPExtensionMapping(attributeValue: $0) }
    }

    /// Every format in order of preference, with its `rtpmap`, `fmtp` and `rtcp-fb`.
    ///
    /// Formats without an `rtpmap` are omitted, except for the static payload types of RFC 3551.
    public var codecs: [SDPCodec] {
        var maps: [Substring: Substring] = [:]
        var parameters: [Substring: Substring] = [:]
        var feedback: [Substring: [String]] = [:]
        var feedbackForAll: [String] = []
        for line in self.lines {
            if let value = line.value(ofAttribute: "rtpmap") {
                let (format, text) = Self.formatAndText(value)
                if maps[format] == nil { maps[format] = text }
            } else if let value = line.value(ofAttribute: "fmtp") {
                let (format, text) = Self.formatAndText(value)
                if parameters[format] == nil { parameters[format] = text }
            } else if let value = line.value(ofAttribute: "rtcp-fb") {
                let (format, text) = Self.formatAndText(value)
                if format == "*" {
                    // Bounded, because every format gets a copy.
                    if feedbackForAll.count < 32 { feedbackForAll.append(String(text)) }
                } else {
                    feedback[format, default: []].append(String(text))
                }
            }
        }
        var seen: Set<String> = []
        return self.formats.compactMap { format in
            guard seen.insert(format).inserted else { return nil }
            let key = Substring(format)
            let feedback = (feedback[key] ?? []) + feedbackForAll
            if let map = maps[key] {
                let parts = map.split(separator: "/", omittingEmptySubsequences: false)
                return SDPCodec(
                    format: format, name: String(parts.first ?? ""), clockRate: parts.count > 1 ? Int(parts[1]) : nil,
                    channels: parts.count > 2 ? Int(parts[2]) : nil, parameters: parameters[key].map(String.init),
                    feedback: feedback)
            } else if let known = SDPCodec.wellKnown[format] {
                return SDPCodec(
                    format: format, name: known.name, clockRate: known.clockRate, channels: nil,
                    parameters: parameters[key].map(String.init), feedback: feedback)
            }
            return nil
        }
    }

    /// The codec of the media: the first that is not a retransmission, redundancy or error correction.
    public var codec: SDPCodec? { self.codecs.first { !$0.isAuxiliary } }

    private static func formatAndText(_ value: String) -> (Substring, Substring) {
        guard let space = value.firstIndex(of: " ") else { return (value[...], "") }
        return (value[..<space], value[value.index(after: space)...])
    }
}
