/// The kind of a file, determined from its first bytes.
enum MediaKind: Hashable, Sendable {
    case mp4, jpeg, png
    /// HTML, JSON or other text.
    case text
    /// A format that Ring does not document, by its media type.
    case foreign(String)
    /// Too few bytes to decide.
    case tooShort
    case unknown

    /// The number of bytes that identify every kind.
    static let headLength = 12

    private static let pngMagic: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    private static let jpegMagic: [UInt8] = [0xFF, 0xD8, 0xFF]
    /// Formats that a server may send in place of the documented ones, each with the bytes that it begins with.
    private static let foreignMagics: [(magic: [UInt8], type: String)] = [
        (Array("II*\0".utf8), "image/tiff"), (Array("MM\0*".utf8), "image/tiff"),
        ([0, 0, 0, 12] + Array("jP  ".utf8), "image/jp2"), ([0, 0, 0, 12] + Array("JXL ".utf8), "image/jxl"),
        (Array("FLV\u{1}".utf8), "video/x-flv"), (Array("OggS".utf8), "application/ogg"),
        (Array("ID3".utf8), "audio/mpeg"), ([0, 0, 0, 1, 0x67], "video/h264"), ([0, 0, 0, 1, 0x09], "video/h264"),
        // A packet of 188 bytes with the table of programs, or of services.
        ([0x47, 0x40, 0x00], "video/mp2t"), ([0x47, 0x40, 0x11], "video/mp2t"),
        (Array("GIF8".utf8), "image/gif"), ([0x1A, 0x45, 0xDF, 0xA3], "video/webm"),
        ([0x1F, 0x8B, 0x08], "application/gzip"),
        ([0x50, 0x4B, 0x03, 0x04], "application/zip"), (Array("%PDF".utf8), "application/pdf"),
    ]
    /// Images that are packed like an MP4, by the brand in their `ftyp` box (ISO/IEC 23008-12).
    private static let imageBrands: [String: String] = [
        "avif": "image/avif", "avis": "image/avif", "heic": "image/heic", "heix": "image/heic", "heim": "image/heic",
        "heis": "image/heic", "hevc": "image/heic", "hevx": "image/heic", "mif1": "image/heif", "msf1": "image/heif",
        "avci": "image/avci", "avcs": "image/avcs",
    ]
    /// Formats of a RIFF file, by the word behind its length.
    private static let riffTypes: [String: String] = [
        "WEBP": "image/webp", "AVI ": "video/x-msvideo", "WAVE": "audio/wav",
    ]

    init(head: [UInt8], contentType: String?) {
        if head.count >= 8, MP4Inspector.leadingTypes.contains(String(decoding: head[4..<8], as: UTF8.self)) {
            let brand = head.count >= 12 ? String(decoding: head[8..<12], as: UTF8.self) : ""
            let isTyped = head[4..<8].elementsEqual("ftyp".utf8)
            self = (isTyped ? Self.imageBrands[brand] : nil).map(Self.foreign) ?? .mp4
        } else if head.starts(with: Self.jpegMagic) {
            self = .jpeg
        } else if head.starts(with: Self.pngMagic) {
            self = .png
        } else if head.count >= 12, head.starts(with: "RIFF".utf8),
            let type = Self.riffTypes[String(decoding: head[8..<12], as: UTF8.self)]
        {
            self = .foreign(type)
        } else if head.count >= 10, head.starts(with: "BM".utf8), head[6..<10].allSatisfy({ $0 == 0 }) {
            self = .foreign("image/bmp")
        } else if let match = Self.foreignMagics.first(where: { head.starts(with: $0.magic) }) {
            self = .foreign(match.type)
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
        case .foreign(let type): return type
        default: return "application/octet-stream"
        }
    }

    /// The media type of a file of this kind that begins with these bytes: the brand tells the relatives of MP4 apart.
    func contentType(head: [UInt8]) -> String {
        guard self == .mp4, head.count >= 12, head[4..<8].elementsEqual("ftyp".utf8) else { return self.contentType }
        let brand = String(decoding: head[8..<12], as: UTF8.self)
        switch brand {
        case "qt  ": return "video/quicktime"
        case "M4A ", "M4B ": return "audio/mp4"
        default: return brand.hasPrefix("3gp") ? "video/3gpp" : self.contentType
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
    /// They have an end, and what is needed to show them is not there.
    case damaged(String)
    /// They cannot be read as media.
    case unreadable(String)
}
