/// The kind of a file, determined from its first bytes.
enum MediaKind: Hashable, Sendable {
    case mp4, jpeg, png
    /// HTML, JSON or other text.
    case text
    /// Too few bytes to decide.
    case tooShort
    case unknown

    /// The number of bytes that identify every kind.
    static let headLength = 12

    private static let pngMagic: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    private static let jpegMagic: [UInt8] = [0xFF, 0xD8, 0xFF]

    init(head: [UInt8], contentType: String?) {
        if head.count >= 8, head[4..<8].elementsEqual("ftyp".utf8) {
            self = .mp4
        } else if head.starts(with: Self.jpegMagic) {
            self = .jpeg
        } else if head.starts(with: Self.pngMagic) {
            self = .png
        } else if Self.isTextual(contentType) || Self.looksLikeText(head) {
            self = .text
        } else if head.count < Self.headLength {
            self = .tooShort
        } else {
            self = .unknown
        }
    }

    /// The media type of a file of this kind.
    var contentType: String {
        switch self {
        case .mp4: return "video/mp4"
        case .jpeg: return "image/jpeg"
        case .png: return "image/png"
        default: return "application/octet-stream"
        }
    }

    static func isTextual(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        return contentType.hasPrefix("text/") || contentType.hasSuffix("json") || contentType.hasSuffix("xml")
            || contentType == "application/javascript"
    }

    private static func looksLikeText(_ head: [UInt8]) -> Bool {
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let rest = head.starts(with: byteOrderMark) ? head.dropFirst(3) : head[...]
        guard let first = rest.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }) else {
            return false
        }
        return first == UInt8(ascii: "<") || first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }
}

/// What is wrong with bytes that should be media.
enum MediaFlaw: Error {
    /// They end too early.
    case truncated(String)
    /// They cannot be read as media.
    case unreadable(String)
}
