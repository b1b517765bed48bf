/// Rewrites an answer line by line, in one pass over the text.
struct SDPAnswerRepairer {
    let answer: SDP
    let offer: SDP
    let turnsActpassIntoPassive: Bool
    private(set) var repairs: [SDPRepair] = []

    init(answer: SDP, offer: SDP, turnsActpassIntoPassive: Bool) {
        self.answer = answer
        self.offer = offer
        self.turnsActpassIntoPassive = turnsActpassIntoPassive
    }

    mutating func repaired() throws(SDPCheckError) -> SDP {
        guard self.offer.media.count <= SDP.maximumSections else {
            throw self.failure(.tooManySections, line: nil, "the offer has \(self.offer.media.count) sections")
        }
        self.noteLineEnds()
        let kept = self.answer.media.prefix(self.offer.media.count)
        let dropped = self.answer.media.dropFirst(kept.count)
        for section in dropped.prefix(SDP.maximumSections) {
            self.note(.surplusSection, section.lineNumber, "removed a \(section.kind.rawValue) section not offered")
        }
        var lines = self.sessionLines(dropping: Set(dropped.compactMap(\.mid)).subtracting(kept.compactMap(\.mid)))
        for (section, offered) in zip(kept, self.offer.media) {
            lines += self.lines(of: section, offered: offered)
        }
        do throws(SDPError) {
            return try SDP(lines: lines)
        } catch {
            // Cannot happen: only `v=0` and well-formed lines are kept. The compiler requires it.
            throw self.failure(.lineEnds, line: error.line, error.message)
        }
    }

    private mutating func noteLineEnds() {
        if self.answer.hasByteOrderMark { self.note(.byteOrderMark, 1, "removed the byte order mark") }
        if let line = self.answer.lines.firstIndex(where: { $0.ending == .lineFeed }) {
            self.note(.lineEnds, line + 1, "LF became CR LF, here and where it follows")
        }
        if self.answer.lines.last?.ending == .missing {
            self.note(.finalLineEnd, self.answer.lines.count, "added the missing CR LF to the last line")
        }
        if let line = self.answer.lines.firstIndex(where: { $0.bytes.isEmpty }) {
            self.note(.emptyLines, line + 1, "removed empty lines, here and where they follow")
        }
    }

    private mutating func sessionLines(dropping mids: Set<String>) -> [SDPLine] {
        var result: [SDPLine] = []
        for (index, line) in zip(self.answer.sessionLines.indices, self.answer.sessionLines) {
            guard !line.bytes.isEmpty else { continue }
            if !mids.isEmpty, let value = line.value(ofAttribute: "group"), let group = SDPGroup(attributeValue: value),
                group.members.contains(where: mids.contains)
            {
                let members = group.members.filter { !mids.contains($0) }
                self.note(.bundle, index + 1, "removed the names of removed sections from the group")
                if !members.isEmpty {
                    result.append(SDPLine("a=group:" + ([group.semantics] + members).joined(separator: " ")))
                }
                continue
            }
            result.append(self.repairedLine(line, number: index + 1))
        }
        return result
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
                "\(section.direction.rawValue) became sendonly in the \(section.kind.rawValue) section")
        }
        var result: [SDPLine] = []
        var hasDirection = false
        for (index, line) in zip(section.lines.indices, section.lines) where !line.bytes.isEmpty {
            if mustSendOnly, SDPDirection(line) != nil {
                if !hasDirection { result.append(SDPLine("a=sendonly")) }
                hasDirection = true
            } else {
                result.append(self.repairedLine(line, number: index + 1))
            }
        }
        if mustSendOnly, !hasDirection { result.append(SDPLine("a=sendonly")) }
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
        return SDPLine(bytes: line.bytes)
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
