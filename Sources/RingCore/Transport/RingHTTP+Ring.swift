@_exported public import RingHTTP

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension RingURL {
    /// The API's production origin.
    public static let api = "https://api.amazonvision.com"
    /// The token endpoint's production origin.
    public static let oauth = "https://oauth.ring.com"

    /// As `make(_:path:query:)`, with an error of this package.
    package static func url(
        _ origin: URL, path: [String], query: [(name: String, value: String?)] = []
    ) throws -> URL {
        do throws(RingHTTPError) {
            return try Self.make(origin, path: path, query: query)
        } catch {
            throw RingError(error)
        }
    }

    /// As `resolve(_:against:)`, with an error of this package.
    package static func url(_ link: String, against base: URL, operation: RingOperation?) throws -> URL {
        do throws(RingHTTPError) {
            return try Self.resolve(link, against: base)
        } catch {
            throw RingError(error, operation: operation)
        }
    }
}

extension RingHTTPBody {
    /// As `collect(upTo:)`, with an error of this package.
    package func bytes(upTo limit: Int, of operation: RingOperation? = nil) async throws -> [UInt8] {
        do {
            return try await self.collect(upTo: limit)
        } catch let error as RingHTTPError {
            throw RingError(error, operation: operation)
        }
    }
}

extension RingHTTPField.Name {
    /// Ring's name for one response; its support asks for it.
    package static let requestID = Self("X-Request-Id")
    /// Requests allowed a second.
    package static let rateLimitLimit = Self("X-RateLimit-Limit")
    /// Requests left in this second.
    package static let rateLimitRemaining = Self("X-RateLimit-Remaining")
}

extension RingHTTPResponse {
    /// Ring's name for this response. Wire: `x-request-id`.
    public var requestID: RingRequestID? { self.headerFields[.requestID].map(RingRequestID.init(rawValue:)) }
}
