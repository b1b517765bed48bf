/// One media section: an `m=` line and what belongs to it, with the session's defaults applied.
///
/// Wire: RFC 8866 section 5.14.
public struct SDPMediaSection: Sendable {
    /// The lines of the section, the `m=` line first. The indices are those of ``SDP/lines``.
    public let lines: ArraySlice<SDPLine>
    /// What is sent: `video`, `audio`, `application`.
    public let kind: SDPMediaKind
    /// The port. Zero means that the section is rejected, or bundled only (see ``isRejected``).
    public let port: Int
    /// The transport protocol: `UDP/TLS/RTP/SAVPF` for WebRTC.
    public let transportProtocol: String
    /// The formats in order of preference: payload types for RTP.
    public let formats: [String]
    let session: SDPSessionDefaults

    /// The number of the `m=` line in the text, counted from 1.
    public var lineNumber: Int { self.lines.startIndex + 1 }

    /// The values of every attribute line of that name in this section, in order.
    ///
    /// A property attribute such as `a=rtcp-mux` gives an empty string.
    public func values(ofAttribute name: String) -> [String] { self.lines.values(ofAttribute: name) }

    /// The number, counted from 1, of the first line that carries the attribute.
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
        let fields = (lines.first?.bytes.dropFirst(2) ?? []).split(separator: UInt8(ascii: " "))
        guard fields.count >= 4 else {
            throw SDPError(
                code: .malformedMediaLine, line: lines.startIndex + 1,
                message: "an m= line needs media, port, protocol and at least one format")
        }
        let portText = fields[1].prefix { $0 != UInt8(ascii: "/") }
        guard let port = UInt16(String(decoding: portText, as: UTF8.self)) else {
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

extension SDPMediaSection: Hashable {
    /// Equal when the lines are.
    public static func == (left: Self, right: Self) -> Bool { left.lines == right.lines }

    /// Hashes the lines.
    public func hash(into hasher: inout Hasher) { hasher.combine(self.lines) }
}

extension SDPMediaSection: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Kind, port and counts, never addresses or passwords.
    public var description: String {
        "m=\(self.kind.rawValue) (port \(self.port), \(self.formats.count) formats, \(self.lines.count) lines)"
    }

    /// Same as ``description``.
    public var debugDescription: String { self.description }

    /// Shows no children, so that `dump` cannot print addresses or passwords.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
