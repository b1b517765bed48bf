/// Checks one section of an offer.
struct SDPOfferSectionCheck {
    let section: SDPMediaSection
    /// The section whose transport it uses: the first of its bundle, or itself.
    let carrier: SDPMediaSection

    func findings() -> [SDPFinding] {
        guard self.section.kind != .application else {
            return [
                self.finding(
                    .error, .dataChannel, message: "a data channel section",
                    fix: "create the offer without a data channel")
            ]
        }
        return self.direction() + self.names() + self.transport() + self.ice() + self.dtls() + self.codecs()
    }

    private func direction() -> [SDPFinding] {
        guard self.section.direction != .recvonly else { return [] }
        let attribute = self.section.ownDirection?.rawValue
        return [
            self.finding(
                // Audio in both directions is undocumented, but Ring's own sample uses it.
                self.section.kind == .audio && self.section.direction == .sendrecv ? .warning : .error, .direction,
                at: attribute,
                message: "the \(self.section.kind.word) section is \(self.section.direction.rawValue)",
                fix: "add the transceiver with direction recvonly")
        ]
    }

    private func names() -> [SDPFinding] {
        guard self.section.mid == nil else { return [] }
        return [
            self.finding(.warning, .mid, message: "the section has no a=mid", fix: "let the engine write a=mid")
        ]
    }

    /// What a section may leave to the first section of its bundle, when it exists in the bundle only (RFC 9429 section 7.3).
    private func transport() -> [SDPFinding] {
        var findings: [SDPFinding] = []
        if !self.section.hasConnection {
            findings.append(
                self.finding(
                    .warning, .connection, message: "no c= line", fix: "write c=IN IP4 0.0.0.0 after the m= line"))
        }
        if self.section.isBundleOnly, self.section.port == 0, self.carrier.port == 0 {
            findings.append(
                self.finding(
                    .error, .bundle, at: "bundle-only", message: "the section exists in a bundle only, and is in none",
                    fix: "name it in a=group:BUNDLE together with a section that has a port"))
        }
        let isInherited =
            self.section.lineNumber != self.carrier.lineNumber
            && (self.section.iceCredentials == nil || self.section.fingerprints.isEmpty || self.section.setup == nil
                || !self.section.hasRTCPMux)
        if isInherited, !self.section.isBundleOnly {
            findings.append(
                self.finding(
                    .warning, .bundle,
                    message: "ICE, DTLS or rtcp-mux attributes stand in the first section of the bundle only",
                    fix: "repeat them, or mark the section with port 0 and a=bundle-only"))
        }
        return findings
    }

    private func ice() -> [SDPFinding] {
        var findings: [SDPFinding] = []
        if let credentials = self.section.iceCredentials ?? self.carrier.iceCredentials {
            if !credentials.hasValidLengths {
                findings.append(
                    self.finding(
                        .error, .iceCredentials, at: "ice-ufrag",
                        message: "ICE credentials of \(credentials.userFragment.utf8.count) and "
                            + "\(credentials.password.utf8.count) characters",
                        fix: "use 4 to 256 and 22 to 256 characters (RFC 8839)"))
            }
        } else {
            findings.append(
                self.finding(
                    .error, .iceCredentials, message: "a=ice-ufrag or a=ice-pwd is missing",
                    fix: "post the local description of the engine, not a template"))
        }
        let unreadable = self.section.lines.firstIndex {
            $0.value(ofAttribute: "candidate").map { SDPCandidate(attributeValue: $0) == nil } ?? false
        }
        if let unreadable {
            findings.append(
                self.finding(
                    .warning, .unreadableCandidate, line: unreadable + 1, message: "a candidate that cannot be parsed",
                    fix: "write candidates as RFC 8839 section 5.1 says"))
        }
        return findings
    }

    private func dtls() -> [SDPFinding] {
        var findings: [SDPFinding] = []
        let fingerprints = self.section.fingerprints.isEmpty ? self.carrier.fingerprints : self.section.fingerprints
        if fingerprints.isEmpty {
            findings.append(
                self.finding(
                    .error, .fingerprint, message: "a=fingerprint is missing",
                    fix: "post the local description of the engine, not a template"))
        } else if !fingerprints.contains(where: \.isStrong) {
            findings.append(
                self.finding(
                    .warning, .fingerprint, at: "fingerprint", message: "no certificate hash of SHA-256 or better",
                    fix: "configure the engine for sha-256"))
        }
        switch self.section.setup ?? self.carrier.setup {
        case .actpass?, .active?: break
        case .passive?, nil:
            findings.append(
                self.finding(
                    .warning, .setup, at: "setup", message: "a=setup is not actpass",
                    fix: "offer a=setup:actpass (RFC 8842 section 5.2)"))
        default:
            findings.append(
                self.finding(
                    .error, .setup, at: "setup", message: "a=setup is not actpass or active",
                    fix: "offer a=setup:actpass (RFC 8842 section 5.2)"))
        }
        if !self.section.hasRTCPMux, !self.carrier.hasRTCPMux {
            findings.append(
                self.finding(
                    .error, .rtcpMux, message: "a=rtcp-mux is missing",
                    fix: "create the offer with the RTCP multiplexing policy require"))
        }
        return findings
    }

    private func codecs() -> [SDPFinding] {
        guard self.section.kind == .video else { return [] }
        let codecs = self.section.codecs
        let video = codecs.filter { !$0.isAuxiliary }
        let h264 = video.filter { $0.isNamed("H264") }
        guard !h264.isEmpty else {
            let hasSuccessor = video.contains { $0.isNamed("H265") }
            return [
                self.finding(
                    hasSuccessor ? .warning : .error, .noH264, message: "no H.264 format is offered",
                    fix: "offer H264/90000, the only codec that Ring is known to answer with")
            ]
        }
        var findings: [SDPFinding] = []
        if !h264.contains(where: { $0.packetizationMode == 1 }) {
            findings.append(
                self.finding(
                    .warning, .packetizationMode, line: self.parametersLine(of: h264.first),
                    message: "no H.264 format has packetization-mode=1",
                    fix: "write packetization-mode=1 in a=fmtp; the default is 0, which forbids fragments"))
        }
        if let odd = h264.first(where: { $0.h264Profile == nil }) {
            findings.append(
                self.finding(
                    .warning, .h264Profile, line: self.parametersLine(of: odd),
                    message: "a profile-level-id is not six hex digits",
                    fix: "write profile, constraints and level as RFC 6184 section 8.1 says"))
        }
        if !h264.contains(where: { $0.h264Profile?.isHigh == true }) {
            findings.append(
                self.finding(
                    .warning, .noHighProfile, message: "no H.264 High profile is offered",
                    fix: "list profile-level-id=64001f beside 42e01f: offers without it got status 500, or a stream "
                        + "that could not be decoded"))
        }
        if let missing = codecs.missingRetransmission {
            findings.append(
                self.finding(
                    .warning, .noRetransmission, message: "no H.264 format is offered with \(missing)",
                    fix: "offer a=rtcp-fb nack and an rtx format: without them lost packets damage the picture for long"
                ))
        }
        return findings
    }

    private func parametersLine(of codec: SDPCodec?) -> Int? {
        guard let codec else { return nil }
        let index = self.section.lines.firstIndex {
            $0.value(ofAttribute: "fmtp")?.hasPrefix(codec.format + " ") ?? false
        }
        return index.map { $0 + 1 }
    }

    private func finding(
        _ severity: SDPFinding.Severity, _ code: SDPFinding.Code, at attribute: String? = nil, line: Int? = nil,
        message: String, fix: String
    ) -> SDPFinding {
        let line = line ?? attribute.flatMap { self.section.lineNumber(ofAttribute: $0) } ?? self.section.lineNumber
        return SDPFinding(severity: severity, code: code, line: line, message: message, fix: fix)
    }
}
