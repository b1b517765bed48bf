/// A session description (RFC 8866) that loses nothing: unknown lines stay as they came, byte for byte.
///
/// Lines may end in CR LF or LF, the last one in nothing, and a byte order mark may stand in front: all of this is
/// accepted, remembered in ``lines`` and ``hasByteOrderMark``, and written correctly by ``encoded()``.
///
/// Neither this value nor its lines print what they hold: an offer carries addresses and ICE passwords.
public struct SDP: Sendable {
    /// All lines in order, including empty ones.
    public let lines: [SDPLine]
    /// Whether the text began with a UTF-8 byte order mark.
    public let hasByteOrderMark: Bool
    /// The lines in front of the first `m=` line.
    public let sessionLines: ArraySlice<SDPLine>
    /// The media sections in order.
    public let media: [SDPMediaSection]

    /// Reads a description.
    ///
    /// Takes time in proportion to the number of bytes, whatever they are.
    ///
    /// - Parameters:
    ///   - bytes: The body as it arrived.
    ///   - maximumBytes: The longest text to accept.
    /// - Throws: ``SDPError`` when the text is empty, too long, does not begin with `v=0`, or holds a line that is
    ///   no SDP line.
    public init(parsing bytes: [UInt8], maximumBytes: Int = .max) throws(SDPError) {
        guard bytes.count <= maximumBytes else {
            throw SDPError(code: .tooLarge, message: "\(bytes.count) bytes, accepted are \(maximumBytes)")
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let hasMark = bytes.starts(with: mark)
        try self.init(
            lines: SDPLineReader.lines(of: hasMark ? bytes[mark.count...] : bytes[...]), hasByteOrderMark: hasMark)
    }

    /// Reads a description from a string.
    ///
    /// - Throws: ``SDPError`` as ``init(parsing:maximumBytes:)`` does.
    public init(_ text: String) throws(SDPError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Builds a description from lines.
    ///
    /// - Throws: ``SDPError`` when the first line is not `v=0`, or a line is no SDP line.
    public init(lines: [SDPLine], hasByteOrderMark: Bool = false) throws(SDPError) {
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

    /// The text as it should be sent: CR LF after every line, no byte order mark, no empty lines.
    public func encoded() -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(self.lines.reduce(0) { $0 + $1.bytes.count + 2 })
        for line in self.lines where !line.bytes.isEmpty {
            result += line.bytes
            result += [13, 10]
        }
        return result
    }

    /// The text exactly as it was read.
    public func encodedAsReceived() -> [UInt8] {
        var result: [UInt8] = self.hasByteOrderMark ? [0xEF, 0xBB, 0xBF] : []
        result.reserveCapacity(self.lines.reduce(3) { $0 + $1.bytes.count + 2 })
        for line in self.lines {
            result += line.bytes
            switch line.ending {
            case .carriageReturnLineFeed: result += [13, 10]
            case .lineFeed: result.append(10)
            case .missing: break
            }
        }
        return result
    }
}

extension SDP: Hashable {
    /// Equal when every byte is.
    public static func == (left: SDP, right: SDP) -> Bool {
        left.hasByteOrderMark == right.hasByteOrderMark && left.lines == right.lines
    }

    /// Hashes the lines.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.lines)
    }
}

extension SDP: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Counts, never content.
    public var description: String { "SDP(\(self.media.count) media sections, \(self.lines.count) lines)" }

    /// Same as ``description``.
    public var debugDescription: String { self.description }

    /// Shows no children, so that `dump` cannot print addresses or passwords.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
