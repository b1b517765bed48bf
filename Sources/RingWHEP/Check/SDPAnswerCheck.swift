/// Finds the errors of a repaired answer, which has as many sections as the offer.
struct SDPAnswerCheck {
    let answer: SDP
    let offer: SDP
    private let carriers: [Int: SDPMediaSection]
    private static let close = "close the session; the server's answer is at fault"

    init(answer: SDP, offer: SDP) {
        self.answer = answer
        self.offer = offer
        self.carriers = answer.carriers
    }

    func findings() -> [SDPFinding] {
        var findings: [SDPFinding] = []
        for (section, offered) in zip(self.answer.media, self.offer.media) {
            guard section.kind == offered.kind else {
                findings.append(
                    self.finding(
                        .error, .sectionKind, section,
                        "the answer has “\(section.kind.word)” in place of the \(offered.kind.word) section"
                    ))
                continue
            }
            findings += self.names(section, offered) + self.media(section, offered)
            guard section.port != 0 else { continue }
            findings += self.transport(section, offered) + self.formats(section, offered)
            if section.kind == .video { findings += self.picture(section, offered) }
        }
        findings += self.bundle() + self.candidates() + self.extensions()
        return findings + self.answer.sharedNumberFindings(fix: "browsers refuse it; the server has to use two numbers")
    }

    private func names(_ section: SDPMediaSection, _ offered: SDPMediaSection) -> [SDPFinding] {
        guard let expected = offered.mid, section.mid != expected else { return [] }
        return [self.finding(.error, .mid, section, "a=mid is not the offer's")]
    }

    private func media(_ section: SDPMediaSection, _ offered: SDPMediaSection) -> [SDPFinding] {
        guard section.kind == .video, !offered.isRejected, offered.direction != .inactive else { return [] }
        // Another video section may still be sent.
        let others = zip(self.answer.media, self.offer.media).contains {
            $0.kind == .video && $0.lineNumber != section.lineNumber && $0.port != 0 && $0.direction != .inactive
                && !$1.isRejected
        }
        let severity: SDPFinding.Severity = others ? .warning : .error
        // Port 0 always means rejected here: `bundle-only` is for offers (RFC 9143 section 6).
        if section.port == 0 {
            return [self.finding(severity, .videoRejected, section, "the video section was rejected (port 0)")]
        }
        if section.direction == .inactive {
            return [self.finding(severity, .inactive, section, "the video section is inactive and sends no video")]
        }
        return []
    }

    private func transport(_ section: SDPMediaSection, _ offered: SDPMediaSection) -> [SDPFinding] {
        var findings: [SDPFinding] = []
        let carrier = self.carriers[section.lineNumber] ?? section
        if let credentials = section.iceCredentials ?? carrier.iceCredentials {
            if !credentials.hasValidLengths {
                findings.append(
                    self.finding(
                        .error, .iceCredentials, section,
                        "ICE credentials of a length that RFC 8839 forbids, or with blanks"))
            }
        } else {
            findings.append(self.finding(.error, .iceCredentials, section, "a=ice-ufrag or a=ice-pwd is missing"))
        }
        if section.fingerprints.isEmpty, carrier.fingerprints.isEmpty {
            findings.append(self.finding(.error, .fingerprint, section, "a=fingerprint is missing or not readable"))
        }
        switch section.setup ?? carrier.setup {
        case .active?, .passive?: break
        case nil:
            findings.append(
                self.finding(.warning, .setup, section, "a=setup is missing", "engines assume active"))
        default:
            findings.append(self.finding(.error, .setup, section, "a=setup has to be active or passive in an answer"))
        }
        if offered.hasRTCPMux, !section.hasRTCPMux, !carrier.hasRTCPMux {
            findings.append(
                self.finding(.warning, .rtcpMux, section, "a=rtcp-mux is missing", "some engines refuse it"))
        }
        if section.transportProtocol != offered.transportProtocol {
            findings.append(
                self.finding(
                    .warning, .transportProtocol, section, "another transport protocol than offered",
                    "some engines refuse it"))
        }
        return findings
    }

    /// Sections that share a transport against the offer, or have one of their own although the offer bundles them.
    private func bundle() -> [SDPFinding] {
        let (offered, bundled) = (self.offer.bundledMids, self.answer.bundledMids)
        let counts = [self.answer, self.offer].map { $0.groups.count { $0.semantics == "BUNDLE" } }
        if counts[0] > counts[1], counts[1] > 0 {
            return [
                SDPFinding(
                    severity: .warning, code: .bundle, message: "more bundles than the offer has",
                    fix: "browsers refuse it; the server has to answer in the bundle of the offer")
            ]
        }
        if let members = self.answer.bundle?.members,
            let first = self.offer.bundle?.members.first(where: members.contains),
            members.first != first
        {
            return [
                SDPFinding(
                    severity: .warning, code: .bundle,
                    message: "the bundle does not begin with the section that the offer's does",
                    fix: "engines with the bundle policy max-bundle refuse it; the server has to keep the order")
            ]
        }
        return self.answer.media.compactMap { section in
            guard section.port != 0, let mid = section.mid, offered.contains(mid) != bundled.contains(mid) else {
                return nil
            }
            return bundled.contains(mid)
                ? self.finding(.warning, .bundle, section, "bundled although the offer does not", "browsers refuse it")
                : self.finding(
                    .warning, .bundle, section, "not bundled although the offer is",
                    "engines with the bundle policy max-bundle refuse it")
        }
    }

    /// What lets the picture suffer although the media flows.
    private func picture(_ section: SDPMediaSection, _ offered: SDPMediaSection) -> [SDPFinding] {
        let codecs = section.codecs
        guard let codec = codecs.first(where: { !$0.isAuxiliary }), codec.isNamed("H264") else { return [] }
        var findings: [SDPFinding] = []
        if codec.h264Profile?.isBaseline == true {
            findings.append(
                self.finding(
                    .warning, .baselineProfile, section, "the answer picks an H.264 Baseline profile",
                    "no frame of some such streams could be decoded; list a High profile (64001f) in the offer"))
        }
        if let missing = codecs.missingRetransmission, offered.codecs.missingRetransmission == nil {
            findings.append(
                self.finding(
                    .warning, .noRetransmission, section, "the answer leaves out \(missing), which was offered",
                    "lost packets may damage the picture for long; request key frames"))
        }
        return findings
    }

    private func formats(_ section: SDPMediaSection, _ offered: SDPMediaSection) -> [SDPFinding] {
        guard section.kind != .video || section.codec != nil else {
            return [self.finding(.error, .formats, section, "no format of the answer has a codec")]
        }
        let codecs = Dictionary(
            offered.codecs.map { ($0.format, $0.name.lowercased()) }, uniquingKeysWith: { first, _ in first })
        if let codec = section.codec, let other = codecs[codec.format], other != codec.name.lowercased() {
            // The server has to send with the numbers of the offer (RFC 3264 section 6.1).
            let isOffered = codecs.values.contains(codec.name.lowercased())
            return [
                self.finding(
                    section.kind == .video && !isOffered ? .error : .warning, .formats, section,
                    "a payload type that stands for another codec in the offer",
                    isOffered ? "engines decode with the codec of the offer" : Self.close)
            ]
        }
        let unknown = Set(section.formats).subtracting(offered.formats)
        guard !unknown.isEmpty else { return [] }
        let names = Set(offered.codecs.map { $0.name.lowercased() })
        if let codec = section.codec, names.contains(codec.name.lowercased()) {
            return [
                self.finding(
                    .warning, .formats, section, "payload types that were not offered", "some engines ignore them")
            ]
        }
        let isVideo = section.kind == .video && unknown.count == Set(section.formats).count
        return [self.finding(isVideo ? .error : .warning, .formats, section, "no format of the answer was offered")]
    }

    /// Header extensions belong to the session or to the sections (RFC 8285 section 6).
    private func extensions() -> [SDPFinding] {
        guard let line = self.answer.sessionLines.firstIndex(where: { $0.isAttribute("extmap") }),
            self.answer.media.contains(where: { $0.has("extmap") })
        else { return [] }
        return [
            SDPFinding(
                severity: .warning, code: .extensionMapping, line: line + 1,
                message: "a=extmap before the sections and in them",
                fix: "browsers refuse it; the server has to write them in one place")
        ]
    }

    private func candidates() -> [SDPFinding] {
        let active = self.answer.media.filter { $0.port != 0 }
        guard !active.isEmpty, !active.contains(where: { $0.has("candidate") }) else { return [] }
        return [
            SDPFinding(
                severity: .warning, code: .noCandidates, line: active.first?.lineNumber,
                message: "the answer has no ICE candidate",
                fix: "media flows only when the server can reach one of the offer's candidates")
        ]
    }

    private func finding(
        _ severity: SDPFinding.Severity, _ code: SDPFinding.Code, _ section: SDPMediaSection, _ message: String,
        _ fix: String = Self.close
    ) -> SDPFinding {
        SDPFinding(severity: severity, code: code, line: section.lineNumber, message: message, fix: fix)
    }
}
