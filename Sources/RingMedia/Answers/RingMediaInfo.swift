public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What the answer says of the media it carries.
public struct RingMediaInfo: Hashable, Sendable {
    /// The media type: `video/mp4`, `image/jpeg`, `image/png`. Wire: `Content-Type`; what the bytes show when it is absent.
    public var contentType: String
    /// The number of bytes, when it is announced. Wire: `Content-Length`.
    public var length: Int64?
    /// The actual start of a clip, or the moment of a still. Wire: `X-Media-Timestamp`, epoch milliseconds.
    public var mediaTimestamp: Date?
    /// The actual length of a clip. Wire: `X-Media-Length` or `X-Media-Duration`, milliseconds; mostly on partial clips.
    public var mediaLength: Duration?
    /// Whether the clip is shorter than asked for: status 206, or a length header below the duration asked for.
    public var isPartial: Bool
    /// Where a still came from. Wire: `X-Media-Origin`.
    public var origin: RingMediaOrigin?
    /// Ring's name for the answer. Wire: `X-Request-ID`.
    public var requestID: RingRequestID?

    /// Creates a value by hand, for tests and previews.
    public init(
        contentType: String, length: Int64? = nil, mediaTimestamp: Date? = nil, mediaLength: Duration? = nil,
        isPartial: Bool = false, origin: RingMediaOrigin? = nil, requestID: RingRequestID? = nil
    ) {
        self.contentType = contentType
        self.length = length
        self.mediaTimestamp = mediaTimestamp
        self.mediaLength = mediaLength
        self.isPartial = isPartial
        self.origin = origin
        self.requestID = requestID
    }

    init(_ response: RingHTTPResponse, requested: Duration?, contentType: String) {
        let fields = response.headerFields
        // Two names of one thing. Should they differ, nothing is taken for there that one of them lacks.
        let length = [fields[.mediaLength], fields[.mediaDuration]].compactMap(Self.milliseconds).min()
        let isShort = length.flatMap { length in requested.map { length < $0.wholeMilliseconds } } ?? false
        self.init(
            contentType: contentType, length: fields[.contentLength].flatMap(Self.count) ?? response.body.length,
            mediaTimestamp: Self.milliseconds(fields[.mediaTimestamp]).map(Date.init(epochMilliseconds:)),
            mediaLength: length.map { .milliseconds($0) },
            isPartial: requested != nil && (response.status == 206 || isShort),
            origin: fields[.mediaOrigin].map { RingMediaOrigin(rawValue: $0.trimmed.lowercased()) },
            requestID: response.requestID)
    }

    /// A header of milliseconds: digits, perhaps with a fraction; `nil` when absent, negative or anything else.
    private static func milliseconds(_ field: String?) -> Int64? {
        guard let value = field.flatMap({ Double($0.trimmed) }), value >= 0, value < 1e15 else { return nil }
        return Int64(value.rounded())
    }

    private static func count(_ field: String) -> Int64? {
        Int64(field.trimmed).flatMap { $0 >= 0 ? $0 : nil }
    }
}

extension RingHTTPField.Name {
    /// The actual start of a clip or the moment of a still, epoch milliseconds.
    package static let mediaTimestamp = Self("X-Media-Timestamp")
    /// The actual length of a partial clip in milliseconds, as the clips page spells it.
    package static let mediaLength = Self("X-Media-Length")
    /// The actual length of a partial clip in milliseconds, as the image page spells it.
    package static let mediaDuration = Self("X-Media-Duration")
    /// The source of a still: `recording` or `snapshot`.
    package static let mediaOrigin = Self("X-Media-Origin")
}
