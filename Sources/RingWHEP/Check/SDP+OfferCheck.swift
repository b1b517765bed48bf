extension SDP {
    /// The maximum number of sections that are checked. A viewer has one or two.
    static let maximumSections = 32

    /// Checks that Ring can answer this offer, before a camera is woken up for it.
    ///
    /// An error means that the POST is pointless, a warning that it works with some peers only. The rules are those of
    /// Ring's live video, WHEP sections 4.2.5 and 4.5, and RFC 9429.
    ///
    /// - Returns: The findings in order of their lines; empty for a perfect offer.
    public func offerFindings() -> [SDPFinding] {
        guard self.media.count <= Self.maximumSections else {
            return [
                SDPFinding(
                    severity: .error, code: .tooManySections, line: self.media[Self.maximumSections].lineNumber,
                    message: "\(self.media.count) media sections", fix: "offer one video and at most one audio section")
            ]
        }
        let carriers = self.carriers
        var findings = self.lineEndFindings() + self.videoFindings(carriers)
        for section in self.media where !section.isRejected {
            let carrier = carriers[section.lineNumber] ?? section
            findings += SDPOfferSectionCheck(section: section, carrier: carrier).findings()
        }
        findings += self.transportFindings() + self.bundleFindings()
        findings += self.sharedNumberFindings(fix: "use a number for one purpose in all bundled sections")
        return findings.sorted { ($0.line ?? .max) < ($1.line ?? .max) }
    }

    /// A camera must not be woken up when there is nothing to show.
    private func videoFindings(_ carriers: [Int: SDPMediaSection]) -> [SDPFinding] {
        let video = self.media.filter { $0.kind == .video }
        let hasPort = video.contains { $0.port != 0 || ($0.isBundleOnly && carriers[$0.lineNumber] != nil) }
        guard !hasPort else { return [] }
        return [
            SDPFinding(
                severity: .error, code: .noVideo, line: video.first?.lineNumber,
                message: video.isEmpty ? "no video section" : "port 0 rejects the video section",
                fix: "add a receive-only video transceiver before creating the offer, and do not stop it")
        ]
    }

    /// Line ends and blanks that are corrected when the offer is sent.
    private func lineEndFindings() -> [SDPFinding] {
        var findings: [SDPFinding] = []
        if let line = self.lines.firstIndex(where: { !$0.bytes.isEmpty && !$0.isClean }) {
            findings.append(
                SDPFinding(
                    severity: .note, code: .blanks, line: line + 1,
                    message: "blanks after a value, several between words, or a rejected section without a format",
                    fix: "nothing: it is sent without them"))
        }
        guard !self.hasCanonicalLineEnds else { return findings }
        let line = self.lines.firstIndex { $0.ending != .carriageReturnLineFeed || $0.bytes.isEmpty }
        return findings + [
            SDPFinding(
                severity: .note, code: .lineEnds, line: line.map { $0 + 1 } ?? 1,
                message: self.hasByteOrderMark
                    ? "a byte order mark at the beginning" : "a line that does not end in CR LF",
                fix: "nothing: it is sent with CR LF; do not use text-mode file functions for descriptions")
        ]
    }

    private func transportFindings() -> [SDPFinding] {
        let active = self.media.filter { !$0.isRejected && $0.kind != .application }
        guard !active.isEmpty else { return [] }
        let candidates = active.flatMap(\.candidates)
        var findings: [SDPFinding] = []
        if candidates.isEmpty {
            findings.append(
                SDPFinding(
                    severity: .error, code: .noCandidates, message: "no ICE candidate in the offer",
                    fix: "wait until gathering is complete: Ring accepts no candidates later"))
        } else if !candidates.contains(where: \.isReachableFromOutside) {
            findings.append(
                SDPFinding(
                    severity: .warning, code: .unreachableCandidates,
                    line: active.lazy.compactMap { $0.lineNumber(ofAttribute: "candidate") }.first,
                    message: "all candidates are \(Self.kinds(of: candidates)), none is public, reflexive or relayed",
                    fix: "configure a STUN server and wait for its candidate"))
        }
        return findings
    }

    private func bundleFindings() -> [SDPFinding] {
        let active = self.media.filter { !$0.isRejected }
        let mids = active.compactMap(\.mid)
        var findings: [SDPFinding] = []
        if Set(mids).count != mids.count {
            findings.append(
                SDPFinding(
                    severity: .error, code: .mid, message: "two sections share one a=mid",
                    fix: "give each section a different name"))
        }
        let bundled = self.bundledMids
        if active.count > 1, !Set(mids).isSubset(of: bundled) {
            findings.append(
                SDPFinding(
                    severity: .warning, code: .bundle, message: "not all sections are in one a=group:BUNDLE",
                    fix: "create the offer with the bundle policy max-bundle"))
        }
        if !bundled.isSubset(of: mids) {
            findings.append(
                SDPFinding(
                    severity: .warning, code: .bundle,
                    message: "a=group:BUNDLE names a section that is missing or rejected",
                    fix: "remove the name; some servers refuse such a bundle"))
        }
        return findings
    }

    private static func kinds(of candidates: [SDPCandidate]) -> String {
        let names: [SDPAddressReach: String] = [
            .multicastDNS: "mDNS names", .loopback: "loopback", .linkLocal: "link-local", .privateNetwork: "private",
        ]
        return Set(candidates.compactMap { names[$0.reach] ?? $0.tcpType.map { "tcp \($0)" } }).sorted()
            .joined(separator: " and ")
    }
}

extension SDPCandidate {
    var isReachableFromOutside: Bool {
        self.kind == .serverReflexive || self.kind == .relayed || self.kind == .peerReflexive
            || (self.reach == .publicNetwork && self.tcpType != "active")
    }
}
