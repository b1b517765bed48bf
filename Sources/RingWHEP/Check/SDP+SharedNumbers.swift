extension SDP {
    /// Payload types, header extension numbers and sources with two meanings in sections that share a transport, or in one
    /// section.
    ///
    /// The receiver of a packet has nothing but the number to tell what it is, so browsers refuse such a description (RFC
    /// 9143 sections 9.1.1 and 12).
    func sharedNumberFindings(fix: String) -> [SDPFinding] {
        let carriers = self.carriers
        var codecs: [Number: (kind: SDPMediaKind, map: Substring)] = [:]
        var extensions: [Number: String] = [:]
        var sources: [Number: Int] = [:]
        var findings: [SDPFinding.Code: SDPFinding] = [:]
        func note(_ code: SDPFinding.Code, _ line: Int, _ message: String) {
            guard findings[code] == nil else { return }
            findings[code] = SDPFinding(severity: .warning, code: code, line: line, message: message, fix: fix)
        }
        for section in self.media where section.port != 0 || section.isBundleOnly {
            let transport = (carriers[section.lineNumber] ?? section).lineNumber
            let used = Set(section.formats)
            for (index, line) in zip(section.lines.indices, section.lines) {
                if let value = line.value(ofAttribute: "rtpmap") {
                    let words = value.split(separator: " ", maxSplits: 1)
                    guard words.count == 2, used.contains(String(words[0])) else { continue }
                    let number = Number(transport: transport, text: String(words[0]))
                    guard let other = codecs.updateValue((section.kind, words[1]), forKey: number) else { continue }
                    if other.kind != section.kind || other.map.lowercased() != words[1].lowercased() {
                        note(.payloadType, index + 1, "one payload type stands for two codecs in one transport")
                    }
                } else if let value = line.value(ofAttribute: "extmap"),
                    let mapping = SDPExtensionMapping(attributeValue: value)
                {
                    let number = Number(transport: transport, text: mapping.identifier)
                    if extensions.updateValue(mapping.uri, forKey: number) ?? mapping.uri != mapping.uri {
                        note(.extensionMapping, index + 1, "one a=extmap number stands for two URIs in one transport")
                    }
                } else if let value = line.value(ofAttribute: "ssrc") {
                    let number = Number(transport: transport, text: String(value.prefix { $0 != " " }))
                    if sources.updateValue(section.lineNumber, forKey: number) ?? section.lineNumber
                        != section.lineNumber
                    {
                        note(.source, index + 1, "one a=ssrc number stands for two sections in one transport")
                    }
                }
            }
        }
        return findings.values.sorted { ($0.line ?? 0) < ($1.line ?? 0) }
    }
}

/// A number of a transport, whose first section begins at a line.
private struct Number: Hashable {
    var transport: Int
    var text: String
}
