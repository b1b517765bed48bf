/// Reads an answer as strictly as the strictest of the engines: the lines of Chromium's parser, the `c=` line of Firefox's, and
/// the groups of both. It shares no code with the parser under test.
struct StrictReader {
    private var sections: [[String]] = [[]]

    /// What an engine would refuse; `nil` for a good answer.
    static func problem(in answer: String, to offer: String) -> String? {
        let (answer, offer) = (StrictReader(answer), StrictReader(offer))
        return answer.lines() ?? answer.order() ?? answer.media(offer) ?? answer.groups()
    }

    private init(_ text: String) {
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        for line in lines.dropLast() {
            if line.hasPrefix("m=") { self.sections.append([]) }
            self.sections[self.sections.count - 1].append(line)
        }
        if lines.last?.isEmpty == false { self.sections[0].append("unfinished") }
    }

    private func lines() -> String? {
        for line in self.sections.joined() {
            let bytes = Array(line.utf8)
            guard bytes.count >= 3, bytes[1] == UInt8(ascii: "="), !bytes.contains(0), !bytes.contains(13),
                !bytes.contains(10)
            else { return "a line of no form: \(line)" }
            guard line.hasPrefix("s=") || bytes[2] != 32 else { return "a blank before the value: \(line)" }
            guard "amct".utf8.contains(bytes[0]) else { continue }
            guard bytes.last != 32, bytes.last != 9 else { return "a blank after the value: \(line)" }
            let words = line.split(separator: " ")
            for name in ["rtpmap", "fmtp", "rtcp-fb", "extmap", "fingerprint", "ssrc"]
            where line.hasPrefix("a=\(name):") {
                guard words.count >= 2 else { return "one word: \(line)" }
            }
            if line.hasPrefix("a=candidate:"), words.count < 8 || words[6] != "typ" { return "a candidate: \(line)" }
        }
        return nil
    }

    /// Chromium's reader of the session expects one type after the other.
    private func order() -> String? {
        var rest = self.sections[0].map { $0.prefix(1) }[...]
        for types in ["v", "o", "s"] where rest.popFirst() ?? "" != types { return "no \(types)= in its place" }
        rest = rest.drop { "iuepcb".contains($0) }
        guard rest.first == "t" else { return "no t= in its place" }
        rest = rest.drop { "trzk".contains($0) }
        return rest.allSatisfy { $0 == "a" } ? nil : "\(rest.first ?? "")= out of its place"
    }

    private func media(_ offer: StrictReader) -> String? {
        guard self.sections.count == offer.sections.count else { return "\(self.sections.count - 1) sections" }
        let hasConnection = self.sections[0].contains { $0.hasPrefix("c=") }
        for (section, offered) in zip(self.sections, offer.sections).dropFirst() {
            let (words, expected) = (section[0].split(separator: " "), offered[0].split(separator: " "))
            guard words.count >= 4, words[0] == expected[0] else { return "the line \(section[0])" }
            let formats = words[3...].map(String.init)
            guard words[1].allSatisfy(\.isNumber), formats.allSatisfy({ UInt8($0).map { $0 < 128 } ?? false }) else {
                return "the numbers of \(section[0])"
            }
            for line in section where line.hasPrefix("a=fmtp:") || line.hasPrefix("a=rtcp-fb:") {
                let format = line.drop { $0 != ":" }.dropFirst().prefix { $0 != " " }
                guard format == "*" || formats.contains(String(format)) else { return "no such format: \(line)" }
            }
            guard hasConnection || section.contains(where: { $0.hasPrefix("c=") }) else { return "no c= line" }
            guard Self.value("mid", in: section) == Self.value("mid", in: offered) else { return "another a=mid" }
            guard words[0] == "m=video", words[1] != "0", offered.contains("a=recvonly") else { continue }
            let own = Self.directions(section)
            guard Set(own.isEmpty ? Self.directions(self.sections[0]) : own) == ["a=sendonly"] else {
                return "another direction"
            }
        }
        return nil
    }

    private func groups() -> String? {
        let accepted = self.sections.dropFirst().filter { $0[0].split(separator: " ").dropFirst().first != "0" }
            .compactMap { Self.value("mid", in: $0) }
        for line in self.sections[0] where line.hasPrefix("a=group:") {
            let names = line.split(separator: " ").dropFirst().map(String.init)
            guard Set(names).count == names.count, Set(names).isSubset(of: accepted) else { return "the group \(line)" }
        }
        return nil
    }

    private static func directions(_ lines: [String]) -> [String] {
        lines.filter { ["a=sendonly", "a=recvonly", "a=sendrecv", "a=inactive"].contains($0) }
    }

    private static func value(_ name: String, in section: [String]) -> String? {
        section.first { $0.hasPrefix("a=\(name):") }.map { String($0.dropFirst(name.count + 3)) }
    }
}
