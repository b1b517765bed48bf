/// Rewrites an answer line by line, in one pass over the text.
struct SDPAnswerRepairer {
    let answer: SDP
    let offer: SDP
    let turnsActpassIntoPassive: Bool
    private(set) var repairs: [SDPRepair] = []
    /// The sections that are not rejected, by the names that they have or get.
    private var accepted: [String: SDPMediaSection] = [:]
    /// The names in the bundles of which one section has `a=rtcp-mux`: their transport has it.
    private var multiplexed: Set<String> = []
    private var hasUnusable = false
    private var hasBlanks = false
    /// Whether the session has a `c=` line that is kept.
    private var hasConnection = false
    /// The streams and tracks of the sections so far.
    private var tracks: Set<String> = []

    init(answer: SDP, offer: SDP, turnsActpassIntoPassive: Bool) {
        self.answer = answer
        self.offer = offer
        self.turnsActpassIntoPassive = turnsActpassIntoPassive
    }

    mutating func repaired() throws(SDPCheckError) -> SDP {
        guard self.offer.media.count <= SDP.maximumSections else {
            throw self.failure(.tooManySections, line: nil, "the offer has \(self.offer.media.count) sections")
        }
        guard !self.answer.media.isEmpty else {
            throw self.failure(.sectionCount, line: nil, "the answer has no media section")
        }
        self.noteText()
        let sections = self.sections()
        let accepted = zip(sections, self.offer.media).compactMap { section, offered in
            section.flatMap { $0.port == 0 ? nil : $0.mid ?? offered.mid }
        }
        for (section, offered) in zip(sections, self.offer.media) {
            if let section, section.port != 0, let mid = section.mid ?? offered.mid { self.accepted[mid] = section }
        }
        for group in self.answer.groups where group.semantics == "BUNDLE" {
            guard group.members.contains(where: { self.accepted[$0]?.hasRTCPMux == true }) else { continue }
            self.multiplexed.formUnion(group.members)
        }
        var lines = self.sessionLines(accepted: accepted)
        self.hasConnection = lines.contains(where: \.isConnection)
        for (section, offered) in zip(sections, self.offer.media) {
            if let section {
                lines += self.lines(of: section, offered: offered)
            } else {
                lines += Self.rejection(of: offered)
                self.note(.missingSection, nil, "added the \(offered.kind.word) section as rejected: it is missing")
            }
        }
        do throws(SDPError) {
            return try SDP(lines: lines)
        } catch {
            // Cannot happen: only `v=0` and well-formed lines are kept. The compiler requires it.
            throw self.failure(.lineEnds, line: error.line, error.message)
        }
    }

    private mutating func noteText() {
        if self.answer.hasByteOrderMark { self.note(.byteOrderMark, 1, "removed the byte order mark") }
        if let line = self.answer.lines.firstIndex(where: { $0.ending == .lineFeed }) {
            self.note(.lineEnds, line + 1, "LF became CR LF, here and where it follows")
        }
        if self.answer.lines.last?.ending == .missing {
            self.note(.finalLineEnd, self.answer.lines.count, "added the missing CR LF to the last line")
        }
    }

    /// Notes the first line that is left out because browsers cannot read it, and the first that is written differently.
    ///
    /// - Parameter isUnusable: Whether it is left out.
    /// - Returns: Whether the line stays.
    private mutating func keeps(_ line: SDPLine, number: Int, isUnusable: Bool) -> Bool {
        if isUnusable {
            if !self.hasUnusable {
                self.note(
                    .emptyLines, number,
                    "removed empty lines and lines that browsers cannot read, here and where they follow")
            }
            self.hasUnusable = true
            return false
        }
        if !self.hasBlanks, !line.isClean {
            self.hasBlanks = true
            self.note(
                .blanks, number, "removed blanks, or gave a rejected section a format, here and where the same follows")
        }
        return true
    }

    // MARK: The session

    private mutating func sessionLines(accepted mids: [String]) -> [SDPLine] {
        var result: [SDPLine] = []
        let bundle = SDPBundleRepairer(offered: self.offer.bundledMids, accepted: mids)
        var named: Set<String> = []
        var hasBundle = false
        for (index, line) in zip(self.answer.sessionLines.indices, self.answer.sessionLines)
        where self.keeps(line, number: index + 1, isUnusable: line.isUnusable) {
            guard let value = line.value(ofAttribute: "group"), let group = SDPGroup(attributeValue: value) else {
                result.append(self.repairedLine(line, number: index + 1))
                continue
            }
            let members = self.ordered(bundle.members(of: group, named: &named), of: group)
            if members.count != group.members.count {
                self.note(.bundle, index + 1, "removed names of sections that are missing, rejected or not bundled")
            } else if members != group.members {
                self.note(.bundle, index + 1, "put the names of a bundle into the order of the offer")
            }
            guard !members.isEmpty else { continue }
            hasBundle = hasBundle || group.semantics == "BUNDLE"
            result.append(SDPLine("a=group:" + ([group.semantics] + members).joined(separator: " ")))
        }
        if !hasBundle, let only = bundle.only {
            self.note(
                .bundle, nil, "added a bundle of the only section, because engines that offer a bundle require one")
            result.append(SDPLine("a=group:BUNDLE " + only))
        }
        return self.completed(result)
    }

    /// The members of a bundle in the order of the offer: its first section carries the transport, and browsers with the bundle
    /// policy max-bundle have no other. The transport has to be the one that the answer means.
    private func ordered(_ members: [String], of group: SDPGroup) -> [String] {
        guard group.semantics == "BUNDLE", let bundle = self.offer.bundle else { return members }
        let sorted = bundle.members.filter(members.contains) + members.filter { !bundle.members.contains($0) }
        guard sorted != members, sorted.count == members.count,
            let first = sorted.first.flatMap({ self.accepted[$0] }), first.iceCredentials != nil,
            !first.fingerprints.isEmpty, let meant = members.first.flatMap({ self.accepted[$0] }),
            meant.iceCredentials == nil || meant.iceCredentials == first.iceCredentials,
            meant.fingerprints.isEmpty || meant.fingerprints == first.fingerprints
        else { return members }
        return sorted
    }

    /// The lines that every description begins with, in the order of the grammar (RFC 8866 section 5): browsers read no
    /// other.
    private mutating func completed(_ lines: [SDPLine]) -> [SDPLine] {
        var result = lines
        for line in ["o=- 0 0 IN IP4 0.0.0.0", "s=-", "t=0 0"]
        where !lines.contains(where: { $0.typeByte == line.utf8.first }) {
            result.append(SDPLine(line))
            self.note(.sessionLines, nil, "added \(line)")
        }
        let order = Array("vosiuepcbtzka".utf8)
        var groups = [[SDPLine]](repeating: [], count: order.count)
        for line in result {
            // `r=` belongs to the `t=` before it.
            let type = line.typeByte == UInt8(ascii: "r") ? UInt8(ascii: "t") : line.typeByte
            if let index = order.firstIndex(where: { $0 == type }) { groups[index].append(line) }
        }
        // Only times, bandwidths and attributes occur more than once.
        let sorted = zip(order, groups).flatMap { "tba".utf8.contains($0) ? $1[...] : $1.prefix(1) }
        if result.count == lines.count, sorted != result {
            self.note(.sessionLines, nil, "put the session's lines into their order, each once")
        }
        return sorted
    }

    // MARK: The sections

    /// The answer to each offered section, or `nil` where the answer has none.
    ///
    /// Names decide when the answer leaves out or adds sections; without names it is the media types, where they are clear;
    /// otherwise it is the order (RFC 3264 section 6).
    private mutating func sections() -> [SDPMediaSection?] {
        let (answered, offered) = (self.answer.media, self.offer.media)
        var byName: [String: SDPMediaSection] = [:]
        for section in answered.prefix(2 * SDP.maximumSections) {
            if let mid = section.mid, byName[mid] == nil { byName[mid] = section }
        }
        let named = offered.map { $0.mid.flatMap { byName[$0] } }
        let found = named.compactMap { $0?.lineNumber }
        let isByName = found.count == min(answered.count, offered.count) && Set(found).count == found.count
        let result =
            isByName ? named : self.byKind() ?? offered.indices.map { $0 < answered.count ? answered[$0] : nil }
        let kept = result.compactMap { $0?.lineNumber }
        let surplus = answered.filter { !kept.contains($0.lineNumber) }
        for section in surplus.prefix(SDP.maximumSections) {
            self.note(
                .surplusSection, section.lineNumber, "removed the \(section.kind.word) section, which was not offered")
        }
        if kept != kept.sorted() { self.note(.missingSection, nil, "put the sections into the order of the offer") }
        return result
    }

    /// The answer to each offered section by its media type, when the answer has no names and each type once.
    private func byKind() -> [SDPMediaSection?]? {
        let (answered, offered) = (self.answer.media, self.offer.media)
        let kinds = Set(offered.map(\.kind))
        guard answered.count <= offered.count, kinds.count == offered.count,
            Set(answered.map(\.kind)).count == answered.count,
            answered.allSatisfy({ $0.mid == nil && kinds.contains($0.kind) })
        else { return nil }
        return offered.map { section in answered.first { $0.kind == section.kind } }
    }

    private static func rejection(of offered: SDPMediaSection) -> [SDPLine] {
        let format = offered.formats.first ?? "0"
        let lines = [
            "m=\(offered.kind.rawValue) 0 \(offered.transportProtocol) \(format)", "c=IN IP4 0.0.0.0", "a=inactive",
        ]
        return (lines + (offered.mid.map { ["a=mid:" + $0] } ?? [])).map { SDPLine($0) }
    }

    private mutating func lines(of section: SDPMediaSection, offered: SDPMediaSection) -> [SDPLine] {
        // The only allowed answer to `recvonly` is `sendonly`. Engines reject other directions.
        let directions = Set(section.lines.lazy.compactMap { SDPDirection($0) })
        let mustSendOnly =
            offered.direction == .recvonly && section.kind == offered.kind && section.port != 0
            && (directions.count > 1 || section.direction == .recvonly || section.direction == .sendrecv)
        if mustSendOnly {
            let line = section.ownDirection.flatMap { section.lineNumber(ofAttribute: $0.rawValue) }
            self.note(
                .direction, line ?? section.lineNumber,
                "\(section.direction.rawValue) became sendonly in the \(section.kind.word) section")
        }
        var result: [SDPLine] = []
        var hasDirection = false
        var reader = SDPAnswerSectionReader(section)
        let extensions = Dictionary(
            offered.extensionMappings.map { ($0.identifier, $0.uri) }, uniquingKeysWith: { first, _ in first })
        for (index, line) in zip(section.lines.indices, section.lines)
        where self.keeps(line, number: index + 1, isUnusable: !reader.reads(line, tracks: &self.tracks)) {
            if mustSendOnly, SDPDirection(line) != nil {
                if !hasDirection { result.append(SDPLine("a=sendonly")) }
                hasDirection = true
            } else if let value = line.value(ofAttribute: "candidate"),
                SDPCandidate(attributeValue: value)?.isReadable != true
            {
                self.note(.candidate, index + 1, "removed a candidate that cannot be parsed")
            } else if index == section.lines.startIndex, let media = reader.mediaLine(offered: offered) {
                self.note(.formats, index + 1, "removed what browsers cannot read from the m= line")
                result.append(SDPLine(media))
            } else if let value = line.value(ofAttribute: "extmap"),
                let mapping = SDPExtensionMapping(attributeValue: value),
                let uri = extensions[mapping.identifier], uri != mapping.uri
            {
                self.note(
                    .extensionMapping, index + 1,
                    "removed an a=extmap whose number stands for another extension in the offer")
            } else {
                result.append(self.repairedLine(line, number: index + 1))
            }
        }
        if mustSendOnly, !hasDirection { result.append(SDPLine("a=sendonly")) }
        if section.mid == nil, let mid = offered.mid {
            self.note(.mid, section.lineNumber, "gave the section the name that it has in the offer")
            result.append(SDPLine("a=mid:" + mid))
        }
        if section.port != 0, !section.hasRTCPMux, let mid = section.mid ?? offered.mid, self.multiplexed.contains(mid)
        {
            // It belongs to the first section alone (RFC 9143 section 7.1.3), but Chromium looks for it in all.
            self.note(.bundle, section.lineNumber, "added a=rtcp-mux, which another section of the bundle has")
            result.append(SDPLine("a=rtcp-mux"))
        }
        if !self.hasConnection, !result.contains(where: \.isConnection) {
            self.note(.connection, section.lineNumber, "added the missing c= line")
            let hasTitle = result.dropFirst().first?.typeByte == UInt8(ascii: "i")
            result.insert(SDPLine("c=IN IP4 0.0.0.0"), at: hasTitle ? 2 : 1)
        }
        return result
    }

    /// Makes the repairs that depend on the line alone.
    private mutating func repairedLine(_ line: SDPLine, number: Int) -> SDPLine {
        if let value = line.value(ofAttribute: "extmap"), let mapping = SDPExtensionMapping(attributeValue: value),
            mapping.direction != nil
        {
            self.note(.extensionMapping, number, "removed the direction suffix of a=extmap")
            return SDPLine("a=extmap:" + mapping.withoutDirection)
        }
        if self.turnsActpassIntoPassive, line.value(ofAttribute: "setup") == "actpass" {
            self.note(.setup, number, "a=setup:actpass became passive")
            return SDPLine("a=setup:passive")
        }
        return SDPLine(bytes: line.clean)
    }

    private mutating func note(_ kind: SDPRepair.Kind, _ line: Int?, _ message: String) {
        self.repairs.append(SDPRepair(kind: kind, line: line, message: message))
    }

    private func failure(_ code: SDPFinding.Code, line: Int?, _ message: String) -> SDPCheckError {
        SDPCheckError(findings: [
            SDPFinding(severity: .error, code: code, line: line, message: message, fix: "close the session")
        ])
    }
}

/// Takes names out of the groups of an answer that may not be in them.
private struct SDPBundleRepairer {
    /// The names of all sections that the offer bundles.
    let offered: Set<String>
    /// The names of the answer's sections that are not rejected.
    let accepted: [String]

    /// The name of the only accepted section, when it was offered in a bundle. A bundle of one section changes nothing.
    var only: String? { self.accepted.count == 1 ? self.accepted.first { self.offered.contains($0) } : nil }

    /// The members of a group that may stay.
    ///
    /// An accepted section that the offer does not bundle stays beside others, because the server then uses one transport
    /// for them.
    ///
    /// - Parameter named: The members of the bundles so far; a section is in one bundle only.
    func members(of group: SDPGroup, named: inout Set<String>) -> [String] {
        let isBundle = group.semantics == "BUNDLE"
        let accepted = Set(self.accepted)
        var own: Set<String> = []
        return group.members.filter { name in
            guard accepted.contains(name), own.insert(name).inserted else { return false }
            guard isBundle else { return true }
            guard self.offered.contains(name) || accepted.count > 1 else { return false }
            return named.insert(name).inserted
        }
    }
}
