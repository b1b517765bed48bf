/// Finds what browsers cannot read in one section of an answer, line after line.
struct SDPAnswerSectionReader {
    private let section: SDPMediaSection
    /// The formats that stay in the `m=` line.
    private let formats: [String]
    /// The formats of which a browser knows the codec.
    private let known: Set<String>
    /// The numbers that are described.
    private let sources: Set<Substring>
    /// The attributes so far of which a section has one.
    private var seen: Set<String> = []
    private var track: Substring?

    /// Attributes of which a section has one. Browsers use the last, and the first was checked.
    private static let singular: Set<String> = ["ice-pwd", "ice-ufrag", "mid", "setup", "simulcast"]
    /// Attributes of a format, which have to follow its codec.
    private static let ofFormats: Set<String> = ["fmtp", "packetization", "rtcp-fb"]

    init(_ section: SDPMediaSection) {
        self.section = section
        var (maps, repeated): ([String: String], [String: String]) = ([:], [:])
        for line in section.lines {
            let (map, parameters) = (line.value(ofAttribute: "rtpmap"), line.value(ofAttribute: "fmtp"))
            guard let value = map ?? parameters, !line.isUnusable else { continue }
            let format = String(value.prefix { $0 != " " })
            let text = String(value.dropFirst(format.count + 1))
            if map != nil {
                if maps[format] == nil { maps[format] = text.lowercased() }
            } else if repeated[format] == nil {
                let codec = SDPCodec(format: format, name: "rtx", clockRate: nil, channels: nil, parameters: text)
                repeated[format] = codec.associatedFormat
            }
        }
        self.sources = Set(
            section.lines.lazy.filter { !$0.isUnusable }.compactMap { $0.value(ofAttribute: "ssrc") }
                .map { $0.prefix { $0 != " " } })
        let listed = Set(section.formats)
        func isRetransmission(_ format: String) -> Bool { maps[format]?.hasPrefix("rtx/") ?? false }
        func isKnown(_ format: String) -> Bool { maps[format] != nil || SDPCodec.wellKnown[format] != nil }
        // A retransmission of a format that is not there stands for nothing.
        self.formats = section.formats.filter { format in
            guard SDPLine.payloadType(format) != nil else { return false }
            guard isRetransmission(format) else { return true }
            return repeated[format].map { listed.contains($0) && isKnown($0) && !isRetransmission($0) } ?? false
        }
        self.known = Set(self.formats.filter(isKnown))
    }

    /// Whether a browser reads the line.
    ///
    /// - Parameter tracks: The streams and tracks of the sections so far, which no other section may have.
    mutating func reads(_ line: SDPLine, tracks: inout Set<String>) -> Bool {
        guard !line.isUnusable else { return false }
        guard let name = line.attributeName else { return true }
        if Self.singular.contains(name) { return self.seen.insert(name).inserted }
        if Self.ofFormats.contains(name), let value = line.value(ofAttribute: name) {
            let format = String(value.prefix { $0 != " " })
            return self.known.contains(format) || (name == "rtcp-fb" && format == "*")
        }
        guard name == "msid" || name == "ssrc-group", let value = line.value(ofAttribute: name) else { return true }
        let words = value.split(separator: " ")
        if name == "ssrc-group" {
            // Each has to be described (RFC 5576 section 4.2).
            return self.seen.insert(value).inserted && words.dropFirst().allSatisfy(self.sources.contains)
        }
        // One stream may have tracks in several sections; a stream without a track is named once in each.
        guard words.count == 2 else { return self.seen.insert("msid \(value)").inserted }
        guard self.track ?? words[1] == words[1] else { return false }
        self.track = words[1]
        return self.section.port == 0 || tracks.insert(value).inserted
    }

    /// The `m=` line as a browser reads it; `nil` when that is the line as it stands.
    ///
    /// - Parameter offered: The section that it answers.
    func mediaLine(offered: SDPMediaSection) -> String? {
        guard self.section.kind == .video || self.section.kind == .audio, let line = self.section.lines.first else {
            return nil
        }
        // A rejected section has any format, and an accepted one without a format is an error.
        let formats = self.formats.isEmpty ? (self.section.port == 0 ? ["0"] : self.section.formats) : self.formats
        let isProtocol =
            self.section.transportProtocol.lowercased() == offered.transportProtocol.lowercased()
        let transport = isProtocol ? offered.transportProtocol : self.section.transportProtocol
        let text = ([self.section.kind.rawValue, "\(self.section.port)", transport] + formats).joined(separator: " ")
        return text == line.value ? nil : "m=" + text
    }
}
