public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The description of the media in a response.
public struct RingMediaInfo: Hashable, Sendable {
    /// The media type as the response claims it. Wire: `Content-Type`; ``detectedType`` when it is absent.
    public var contentType: String
    /// The media type as the bytes show it: `video/mp4`, `image/jpeg`, `image/png`, or a relative of MP4 such as
    /// `video/quicktime`. Choose a file's extension by it.
    public var detectedType: String
    /// The number of bytes, when the response announces it. Wire: `Content-Length`.
    public var length: Int64?
    /// The actual start of a clip, or the moment of a still. Wire: `X-Media-Timestamp`, epoch milliseconds.
    public var mediaTimestamp: Date?
    /// The actual length of a clip. Wire: `X-Media-Length` or `X-Media-Duration`, milliseconds; mostly on partial clips.
    public var mediaLength: Duration?
    /// Whether the clip is shorter than requested: status 206, or a length header below the requested duration.
    public var isPartial: Bool
    /// The origin of a still. Wire: `X-Media-Origin`.
    public var origin: RingMediaOrigin?
    /// Ring's identifier of the response. Wire: `X-Request-ID`.
    public var requestID: RingRequestID?

    package init(_ response: RingHTTPResponse, requested: Duration?, contentType: String) {
        let fields = response.headerFields
        // Two names of one value. When they differ, the shorter one counts.
        let length = [fields[.mediaLength], fields[.mediaDuration]].compactMap(Self.milliseconds).min()
        let isShort = length.flatMap { length in requested.map { length < $0.wholeMilliseconds } } ?? false
        self.contentType = contentType
        self.detectedType = contentType
        self.length = fields[.contentLength]?.trimmed.decimalNumber ?? response.body.length
        self.mediaTimestamp = Self.milliseconds(fields[.mediaTimestamp]).map(Date.init(epochMilliseconds:))
        self.mediaLength = length.map { .milliseconds($0) }
        self.isPartial = requested != nil && (response.status == 206 || isShort)
        self.origin = fields[.mediaOrigin].map { RingMediaOrigin(rawValue: $0.trimmed.lowercased()) }
        self.requestID = response.requestID
    }

    /// Parses a header of milliseconds with an optional fraction; `nil` when it is absent, negative or invalid.
    private static func milliseconds(_ field: String?) -> Int64? {
        guard let text = field?.trimmed, text.utf8.allSatisfy({ $0 &- 0x30 < 10 || $0 == UInt8(ascii: ".") }),
            let value = Double(text), value < 1e15
        else { return nil }
        return Int64(value.rounded())
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

/// The origin of a still.
///
/// Wire: the header `X-Media-Origin`.
public struct RingMediaOrigin: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A frame of a video.
    public static let recording = Self(rawValue: "recording")
    /// A stored still.
    public static let snapshot = Self(rawValue: "snapshot")
}

/// A clip or still that is complete, checked, and has its final name.
public struct RingMediaFile: Hashable, Sendable {
    /// The path of the file, as requested.
    public let path: String
    /// The number of bytes.
    public let bytes: Int64
    /// The digest in lower-case hexadecimal, when one was requested.
    public let digest: String?
    /// The description of the media in the response.
    public let info: RingMediaInfo
}

/// A clip or still that is complete, checked, and in memory.
public struct RingMediaData: Hashable, Sendable {
    /// The bytes.
    public let bytes: [UInt8]
    /// The description of the media in the response.
    public let info: RingMediaInfo
}
