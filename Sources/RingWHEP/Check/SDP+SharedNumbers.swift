extension SDP {
    /// Payload types and header extension numbers with two meanings in sections that share a transport, or in one section.
    ///
    /// The receiver of a packet has nothing but the number to tell what it is, so browsers refuse such a description (RFC
    /// 9143 sections 9.1.1 and 12).
    func sharedNumberFindings(fix: String) -> [SDPFinding] {
        let carriers = self.carriers
        var formats: [String: String] = [:]
        var extensions: [String: String] = [:]
        var findings: [SDPFinding.Code: SDPFinding] = [:]
        func note(_ code: SDPFinding.Code, _ line: Int, _ message: String) {
            guard findings[code] == nil else { return }
            findings[code] = SDPFinding(severity: .warning, code: code, line: line, message: message, fix: fix)
        }
        for section in self.media where section.port != 0 || section.isBundleOnly {
            let transport = "\((carriers[section.lineNumber] ?? section).lineNumber) "
            let used = Set(section.formats)
            for (index, line) in zip(section.lines.indices, section.lines) {
                if let value = line.value(ofAttribute: "rtpmap") {
                    let words = value.split(separator: " ")
                    guard words.count == 2, used.contains(String(words[0])) else { continue }
                    let meaning = "\(section.kind.rawValue) \(words[1].lowercased())"
                    if formats.updateValue(meaning, forKey: "\(transport)\(words[0])") ?? meaning != meaning {
                        note(.payloadType, index + 1, "one payload type stands for two codecs in one transport")
                    }
                } else if let value = line.value(ofAttribute: "extmap"),
                    let mapping = SDPExtensionMapping(attributeValue: value)
                {
                    let key = transport + mapping.identifier
                    if extensions.updateValue(mapping.uri, forKey: key) ?? mapping.uri != mapping.uri {
                        note(.extensionMapping, index + 1, "one a=extmap number stands for two URIs in one transport")
                    }
                }
            }
        }
        return findings.values.sorted { ($0.line ?? 0) < ($1.line ?? 0) }
    }
}
