/// One media section: an `m=` line and the lines that belong to it, with the session's defaults applied.
///
/// Wire: RFC 8866 section 5.14.
public struct SDPMediaSection: Hashable, Sendable {
    /// The lines of the section, the `m=` line first. The indices are those of `SDP.lines`.
    package let lines: ArraySlice<SDPLine>
    /// The media type: `video`, `audio`, `application`.
    package let kind: SDPMediaKind
    /// The port. Zero means that the section is rejected, or exists in the bundle only (see ``isRejected``).
    package let port: Int
    /// The transport protocol: `UDP/TLS/RTP/SAVPF` for WebRTC.
    package let transportProtocol: String
    /// The formats in order of preference: payload types for RTP.
    package let formats: [String]
    let session: SDPSessionDefaults

    /// The number of the `m=` line in the text, counted from 1.
    var lineNumber: Int { self.lines.startIndex + 1 }

    /// The values of every attribute line of that name in this section, in order.
    ///
    /// A property attribute such as `a=rtcp-mux` gives an empty string.
    func values(ofAttribute name: String) -> [String] { self.lines.values(ofAttribute: name) }

    /// The number, counted from 1, of the first line with the attribute.
    func lineNumber(ofAttribute name: String) -> Int? {
        self.lines.firstIndex { $0.isAttribute(name) }.map { $0 + 1 }
    }

    func has(_ name: String) -> Bool { self.lines.contains { $0.isAttribute(name) } }

    static func sections(
        of lines: [SDPLine]
    ) throws(SDPError) -> (session: ArraySlice<SDPLine>, media: [SDPMediaSection]) {
        let starts = lines.indices.filter { lines[$0].typeByte == UInt8(ascii: "m") }
        let session = lines[..<(starts.first ?? lines.endIndex)]
        let defaults = SDPSessionDefaults(session)
        var media: [SDPMediaSection] = []
        media.reserveCapacity(starts.count)
        for (position, start) in starts.enumerated() {
            let end = position + 1 < starts.count ? starts[position + 1] : lines.endIndex
            media.append(try SDPMediaSection(lines: lines[start..<end], session: defaults))
        }
        return (session, media)
    }

    private init(lines: ArraySlice<SDPLine>, session: SDPSessionDefaults) throws(SDPError) {
        let fields = (lines.first?.bytes.dropFirst(2) ?? []).split(whereSeparator: SDPLine.isBlank)
        let portText = fields.dropFirst().first?.prefix { $0 != UInt8(ascii: "/") } ?? []
        let port = UInt16(String(decoding: portText, as: UTF8.self))
        // Servers write rejected sections without a format; one is added when the line is written.
        guard fields.count >= 4 || (fields.count == 3 && port == 0) else {
            throw SDPError(
                code: .malformedMediaLine, line: lines.startIndex + 1,
                message: "an m= line needs media, port, protocol and at least one format")
        }
        guard let port else {
            throw SDPError(
                code: .malformedMediaLine, line: lines.startIndex + 1, message: "the port is not from 0 to 65535")
        }
        self.lines = lines
        self.session = session
        self.kind = SDPMediaKind(rawValue: String(decoding: fields[0], as: UTF8.self))
        self.port = Int(port)
        self.transportProtocol = String(decoding: fields[2], as: UTF8.self)
        self.formats = fields[3...].map { String(decoding: $0, as: UTF8.self) }
    }
}

extension SDPMediaSection: CustomStringConvertible, CustomReflectable {
    /// Media type, port and counts, never addresses or passwords.
    public var description: String {
        "m=\(self.kind.word) (port \(self.port), \(self.formats.count) formats, \(self.lines.count) lines)"
    }

    /// Has no children, so that `dump` cannot print addresses or passwords.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Attributes at session level, which apply to every section without its own (RFC 8866 section 5.13).
///
/// Extracted once, so that a text of a million sections is still read in linear time.
struct SDPSessionDefaults: Hashable, Sendable {
    var direction: SDPDirection?
    var userFragment: String?
    var password: String?
    var setup: SDPSetupRole?
    var fingerprints: [SDPFingerprint] = []
    var hasConnection = false

    init(_ lines: ArraySlice<SDPLine>) {
        self.hasConnection = lines.contains(where: \.isConnection)
        for line in lines where line.isAttribute {
            if let direction = SDPDirection(line) { self.direction = direction }
            if let value = line.value(ofAttribute: "ice-ufrag") { self.userFragment = self.userFragment ?? value }
            if let value = line.value(ofAttribute: "ice-pwd") { self.password = self.password ?? value }
            if let value = line.value(ofAttribute: "setup") { self.setup = SDPSetupRole(rawValue: value) }
            if let value = line.value(ofAttribute: "fingerprint") {
                if let fingerprint = SDPFingerprint(attributeValue: value) { self.fingerprints.append(fingerprint) }
            }
        }
    }
}
