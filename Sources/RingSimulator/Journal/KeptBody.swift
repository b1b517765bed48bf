internal import RingCore

/// The beginning of a body, as much of it as the journal keeps.
package struct KeptBody: Hashable, Sendable {
    /// The most bytes that are kept of one body.
    static let maximumBytes = 16 << 10

    /// The first bytes; none for media. They hold secrets: show ``text``.
    private let bytes: [UInt8]
    /// The length of the whole body.
    let totalBytes: Int
    /// The media type that the body was sent with.
    let mediaType: String?

    /// Keeps the beginning of a body.
    init(_ body: [UInt8], totalBytes: Int? = nil, mediaType: String?, limit: Int = Self.maximumBytes) {
        self.mediaType = mediaType
        self.totalBytes = totalBytes ?? body.count
        if Self.isMedia(mediaType) {
            self.bytes = []
        } else {
            self.bytes = body.count <= limit ? body : Array(body.prefix(limit))
        }
    }

    static let none = KeptBody([], mediaType: nil)

    /// The bytes that are kept.
    var keptBytes: Int { self.bytes.count }

    /// Whether there was more than is kept.
    var isTruncated: Bool { self.bytes.count < self.totalBytes }

    /// What is kept, without secrets; `nil` for media and for other bytes that are no text.
    package var text: String? {
        guard !self.bytes.isEmpty, !self.bytes.contains(0) else { return nil }
        return SecretFilter.text(self.bytes)
    }

    private static func isMedia(_ type: String?) -> Bool {
        guard let type else { return false }
        return type.hasPrefix("video/") || type.hasPrefix("image/") || type.hasPrefix("audio/")
            || type.hasPrefix("application/octet-stream")
    }
}
