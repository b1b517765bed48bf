internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// How an interrupted transfer is continued: the same URL, and a strong validator that proves the same bytes.
///
/// A new link is another resource, maybe another rendering of the recording, so a transfer is never continued there.
struct MediaResumption: Sendable {
    let request: RingHTTPRequest
    let context: RingRequestContext
    let eTag: String
    let length: Int64

    /// - Returns: `nil` when the transfer cannot be continued: the POST returned the media, there is no strong validator or
    ///   no length, or the server supports no ranges.
    init?(_ response: RingHTTPResponse, of sent: (RingHTTPRequest, RingRequestContext)?, length: Int64?) {
        guard let (request, context) = sent, let length, length > 0, let eTag = response.headerFields[.eTag]?.trimmed,
            eTag.hasPrefix("\""), eTag.hasSuffix("\""), eTag.count > 2,
            response.headerFields[.acceptRanges]?.lowercased() != "none"
        else { return nil }
        self.request = request
        self.context = context
        self.eTag = eTag
        self.length = length
    }

    func request(from offset: Int64) -> RingHTTPRequest {
        var request = self.request
        request.headerFields[.range] = "bytes=\(offset)-"
        request.headerFields[.ifRange] = self.eTag
        return request
    }

    /// The number of bytes to skip in a response to ``request(from:)``.
    ///
    /// - Returns: `nil` when it is not the rest of the same bytes.
    func skip(_ response: RingHTTPResponse, from offset: Int64) -> Int64? {
        guard response.headerFields[.eTag]?.trimmed == self.eTag else { return nil }
        switch response.status {
        case 206:
            guard let range = response.headerFields[.contentRange].flatMap(ContentRange.init), range.first == offset,
                range.last == self.length - 1, range.total ?? self.length == self.length
            else { return nil }
            return 0
        case 200:
            // The server supports no ranges, but sends the same bytes from the beginning.
            guard response.body.length == nil || response.body.length == self.length else { return nil }
            return offset
        default: return nil
        }
    }
}
