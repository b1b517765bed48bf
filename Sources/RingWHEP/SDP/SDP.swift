/// A session description (RFC 8866), parsed without loss: unknown lines are kept byte for byte.
///
/// Lines may end in CR LF or LF, the last line may have no end, and a byte order mark may come first. Blanks after a value do
/// not belong to it, and words may be separated by more than one blank or tab. ``text`` is always written with CR LF, with
/// single spaces, and without a byte order mark.
///
/// Neither this value nor its sections print their contents, because an offer contains addresses and ICE passwords.
public struct SDP: Hashable, Sendable {
    /// All lines in order, including empty ones.
    package let lines: [SDPLine]
    /// Whether the text began with a UTF-8 byte order mark.
    package let hasByteOrderMark: Bool
    /// The lines before the first `m=` line.
    package let sessionLines: ArraySlice<SDPLine>
    /// The media sections in order.
    package let media: [SDPMediaSection]

    /// Parses a description.
    ///
    /// The time is proportional to the number of bytes, for any input.
    ///
    /// - Parameters:
    ///   - bytes: The body as received.
    ///   - maximumBytes: The maximum length of the text.
    /// - Throws: ``SDPError`` when the text is empty or too long, does not begin with `v=0`, or has an invalid line.
    public init(parsing bytes: [UInt8], maximumBytes: Int = .max) throws(SDPError) {
        guard bytes.count <= maximumBytes else {
            throw SDPError(code: .tooLarge, message: "\(bytes.count) bytes, the maximum is \(maximumBytes)")
        }
        try self.init(
            lines: SDPLineReader.lines(of: bytes), hasByteOrderMark: bytes.starts(with: SDPLineReader.byteOrderMark))
    }

    /// Parses a description from a string.
    ///
    /// - Throws: ``SDPError`` as ``init(parsing:maximumBytes:)`` does.
    public init(_ text: String) throws(SDPError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Builds a description from lines.
    ///
    /// - Throws: ``SDPError`` when the first line is not `v=0`, or a line is invalid.
    init(lines: [SDPLine], hasByteOrderMark: Bool = false) throws(SDPError) {
        guard let first = lines.first(where: { !$0.bytes.isEmpty }) else {
            throw SDPError(code: .empty, message: "the text is empty; a description begins with v=0")
        }
        guard first.bytes.elementsEqual("v=0".utf8) else {
            throw SDPError(
                code: .notSDP, line: 1, message: "the first line is not v=0; this may be an error page or a fragment")
        }
        try SDPLineReader.check(lines)
        self.lines = lines
        self.hasByteOrderMark = hasByteOrderMark
        (self.sessionLines, self.media) = try SDPMediaSection.sections(of: lines)
    }

    /// The first video section.
    public var video: SDPMediaSection? { self.media.first { $0.kind == .video } }

    /// The first audio section.
    public var audio: SDPMediaSection? { self.media.first { $0.kind == .audio } }

    /// The text to send or to pass to a WebRTC engine: CR LF after every line, no byte order mark, no empty lines, no blanks
    /// but single spaces between words.
    ///
    /// Bytes that are not UTF-8 are replaced.
    public var text: String { String(decoding: self.encoded(), as: UTF8.self) }

    /// The bytes of ``text``, without replacements.
    package func encoded() -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(self.lines.reduce(0) { $0 + $1.bytes.count + 2 })
        for line in self.lines where !line.bytes.isEmpty {
            result += line.clean
            result += [13, 10]
        }
        return result
    }

    /// The bytes exactly as they were read.
    package func encodedAsReceived() -> [UInt8] {
        var result: [UInt8] = self.hasByteOrderMark ? SDPLineReader.byteOrderMark : []
        result.reserveCapacity(self.lines.reduce(3) { $0 + $1.received.count + 2 })
        for line in self.lines {
            result += line.received
            switch line.ending {
            case .carriageReturnLineFeed: result += [13, 10]
            case .lineFeed: result.append(10)
            case .missing: break
            }
        }
        return result
    }

    /// The groups. Wire: `a=group`.
    package var groups: [SDPGroup] {
        self.sessionLines.values(ofAttribute: "group").compactMap { SDPGroup(attributeValue: $0) }
    }

    /// The sections that share one transport. Wire: `a=group:BUNDLE`; `nil` when there is no bundle.
    package var bundle: SDPGroup? { self.groups.first { $0.semantics == "BUNDLE" } }

    /// The names of all sections that share a transport with others. A description may have several bundles.
    var bundledMids: Set<String> { Set(self.groups.lazy.filter { $0.semantics == "BUNDLE" }.flatMap(\.members)) }

    /// The section whose transport each bundled section uses: the first with a port in its bundle (RFC 9143 section 7.3).
    /// The keys are the line numbers of the bundled sections.
    var carriers: [Int: SDPMediaSection] {
        let named = Dictionary(
            self.media.compactMap { section in section.mid.map { ($0, section) } },
            uniquingKeysWith: { first, _ in first })
        var carriers: [Int: SDPMediaSection] = [:]
        for group in self.groups where group.semantics == "BUNDLE" {
            let members = group.members.compactMap { named[$0] }
            guard let carrier = members.first(where: { $0.port != 0 }) else { continue }
            for member in members where carriers[member.lineNumber] == nil { carriers[member.lineNumber] = carrier }
        }
        return carriers
    }

    /// Whether every line ends in CR LF, no line is empty, and there is no byte order mark.
    package var hasCanonicalLineEnds: Bool {
        !self.hasByteOrderMark
            && self.lines.allSatisfy { $0.ending == .carriageReturnLineFeed && !$0.bytes.isEmpty }
    }
}

extension SDP: CustomStringConvertible, CustomReflectable {
    /// The number of sections and lines, never their contents.
    public var description: String { "SDP(\(self.media.count) media sections, \(self.lines.count) lines)" }

    /// Has no children, so that `dump` cannot print addresses or passwords.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
