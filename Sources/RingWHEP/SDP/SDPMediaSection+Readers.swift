extension SDPMediaSection {
    /// The name of the section. Wire: `a=mid`.
    public var mid: String? { self.lines.firstValue(ofAttribute: "mid") }

    /// Which way media flows: the section's own word, else the session's, else `sendrecv` (RFC 8866 section 6.7).
    public var direction: SDPDirection { self.ownDirection ?? self.session.direction ?? .sendrecv }

    var ownDirection: SDPDirection? { self.lines.lazy.compactMap { SDPDirection($0) }.first }

    /// Whether port 0 says that this section is not wanted; a section that is bundled only has port 0 too.
    public var isRejected: Bool { self.port == 0 && !self.isBundleOnly }

    /// Whether the section exists inside the bundle alone. Wire: `a=bundle-only`, in offers.
    public var isBundleOnly: Bool { self.has("bundle-only") }

    /// The ICE credentials, from the section or the session. Wire: `a=ice-ufrag`, `a=ice-pwd`.
    public var iceCredentials: SDPICECredentials? {
        let userFragment = self.lines.firstValue(ofAttribute: "ice-ufrag") ?? self.session.userFragment
        let password = self.lines.firstValue(ofAttribute: "ice-pwd") ?? self.session.password
        guard let userFragment, let password else { return nil }
        return SDPICECredentials(userFragment: userFragment, password: password)
    }

    /// The ICE options, from section and session. Wire: `a=ice-options`, which may stand more than once.
    public var iceOptions: Set<String> {
        let own = self.values(ofAttribute: "ice-options")
            .flatMap { $0.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init) }
        return Set(self.session.options + own)
    }

    /// The candidates that can be read, in order. Wire: `a=candidate`.
    public var candidates: [SDPCandidate] {
        self.values(ofAttribute: "candidate").compactMap { SDPCandidate(attributeValue: $0) }
    }

    /// Whether the writer says that no candidate will follow. Wire: `a=end-of-candidates`.
    public var hasEndOfCandidates: Bool { self.has("end-of-candidates") }

    /// The certificate hashes, the section's own or else the session's. Wire: `a=fingerprint`.
    public var fingerprints: [SDPFingerprint] {
        let own = self.values(ofAttribute: "fingerprint").compactMap { SDPFingerprint(attributeValue: $0) }
        return own.isEmpty ? self.session.fingerprints : own
    }

    /// Who opens the DTLS connection, from the section or the session. Wire: `a=setup`.
    public var setup: SDPSetupRole? {
        self.lines.firstValue(ofAttribute: "setup").map { SDPSetupRole(rawValue: $0) } ?? self.session.setup
    }

    /// The DTLS role of the side that wrote this; same as ``setup``, under the name that engines use.
    public var dtlsRole: SDPSetupRole? { self.setup }

    /// Whether RTP and RTCP share a port. Wire: `a=rtcp-mux`, RFC 5761.
    public var hasRTCPMux: Bool { self.has("rtcp-mux") || self.isRTCPMuxOnly }

    /// Whether they must share it. Wire: `a=rtcp-mux-only`, RFC 8858.
    public var isRTCPMuxOnly: Bool { self.has("rtcp-mux-only") }

    /// Whether RTCP may be of reduced size. Wire: `a=rtcp-rsize`, RFC 5506.
    public var hasReducedSizeRTCP: Bool { self.has("rtcp-rsize") }

    /// The header extensions. Wire: `a=extmap`.
    public var extensionMappings: [SDPExtensionMapping] {
        self.values(ofAttribute: "extmap").compactMap { SDPExtensionMapping(attributeValue: $0) }
    }

    /// Every format in order of preference, with its `rtpmap`, `fmtp` and `rtcp-fb`.
    ///
    /// Formats that no line explains are left out, but for the static payload types of RFC 3551.
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
            var codec: SDPCodec
            if let map = maps[key] {
                let parts = map.split(separator: "/", omittingEmptySubsequences: false)
                codec = SDPCodec(
                    format: format, name: String(parts.first ?? ""), clockRate: parts.count > 1 ? Int(parts[1]) : nil,
                    channels: parts.count > 2 ? Int(parts[2]) : nil)
            } else if let known = SDPCodec.wellKnown[format] {
                codec = SDPCodec(format: format, name: known.name, clockRate: known.clockRate)
            } else {
                return nil
            }
            codec.parameters = parameters[key].map { SDPFormatParameters(rawValue: String($0)) }
            codec.feedback = (feedback[key] ?? []) + feedbackForAll
            return codec
        }
    }

    /// The codec media will use: the first that is not a retransmission, redundancy or error correction.
    public var codec: SDPCodec? { self.codecs.first { !$0.isAuxiliary } }

    private static func formatAndText(_ value: String) -> (Substring, Substring) {
        guard let space = value.firstIndex(of: " ") else { return (value[...], "") }
        return (value[..<space], value[value.index(after: space)...])
    }
}
