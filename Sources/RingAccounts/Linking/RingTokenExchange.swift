package import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A request to the Token Exchange URL.
struct RingTokenExchangeRequest: Sendable {
    static let maximumBytes = 64 * 1024

    private var contentType: String?
    private var query: String?
    private var body: [UInt8]

    /// Reads a request.
    ///
    /// - Throws: The response to a request that is refused.
    init(_ request: RingHTTPRequest) async throws(RingTokenExchangeResponse) {
        guard request.method.rawValue.uppercased() == "POST" else {
            throw RingTokenExchangeResponse(405, "method_not_allowed")
        }
        self.contentType = request.headerFields[.contentType]
        self.query = request.url.query(percentEncoded: true)
        guard let body = try? await request.body.bytes(upTo: Self.maximumBytes),
            self.query?.utf8.count ?? 0 <= Self.maximumBytes
        else { throw RingTokenExchangeResponse(413, "too_large") }
        // A byte order mark says nothing about a text in UTF-8.
        self.body = body.starts(with: [0xef, 0xbb, 0xbf]) ? Array(body.dropFirst(3)) : body
    }

    /// The code, from the form, the JSON body or the query; `nil` when there is none.
    var code: String? {
        let isJSON = self.contentType?.lowercased().contains("json") ?? false
        let first = self.body.first { ![0x09, 0x0a, 0x0d, 0x20].contains($0) }
        var found: String?
        if isJSON || first == UInt8(ascii: "{") {
            let root = try? JSONAPIValue(parsing: self.body)
            found = root?["code"]?.string ?? root?["data"]?["attributes"]?["code"]?.string
        } else {
            found = RingHTTPForm(parsing: self.body).only("code")
        }
        found = found ?? self.query.flatMap { RingHTTPForm(parsing: $0.utf8).only("code") }
        guard let found, !found.isEmpty, found.utf8.count <= 8_192 else { return nil }
        return found
    }
}

/// The response to a request to the Token Exchange URL.
struct RingTokenExchangeResponse: Error, Hashable, Sendable {
    /// The HTTP status.
    var status: Int
    /// The result in one word, without secrets.
    var word: String

    init(_ status: Int, _ word: String) {
        self.status = status
        self.word = word
    }

    /// The response with a small JSON body.
    var http: RingHTTPResponse {
        var fields: RingHTTPFields = [.contentType: "application/json"]
        if self.status == 405 { fields["Allow"] = "POST" }
        return RingHTTPResponse(
            status: self.status, headerFields: fields, body: RingHTTPBody(#"{"status":"\#(self.word)"}"#))
    }

    /// The response after a failed exchange.
    init(after error: any Error) {
        switch (error as? RingError)?.code {
        case .invalidCode?: self.init(400, "code_invalid")
        case .storageFailed?: self.init(500, "store_failed")
        case .invalidClient?, .badRequest?: self.init(500, "misconfigured")
        default:
            let error = error as? RingError
            // After a complete response that is not the endpoint's own, or 429 or 5xx, the code was not used either.
            let isFailure =
                error?.delivery == .responded && (error?.code == .rateLimited || error?.code == .serverFailure)
            let isUnused = isFailure || error?.delivery == .notSent
            self = isUnused ? Self(503, "try_again") : Self(502, "outcome_unknown")
        }
    }
}

/// A request to the Token Exchange URL has its response.
package struct RingLinkCodeReceived: RingObservation {
    /// `link.code_received`.
    package static let name = "link.code_received"
    /// The result in one word.
    package var outcome: String
    /// The status of the response.
    package var status: Int

    init(_ response: RingTokenExchangeResponse) {
        self.outcome = response.word
        self.status = response.status
    }

    /// A warning for a refusal, an error when the code was not exchanged because the service or Ring failed.
    package var level: RingObservationLevel {
        self.status < 400 ? .info : self.status < 500 ? .warning : .error
    }
    /// The outcome and the status.
    package var attributes: [(key: String, value: String)] {
        [("outcome", self.outcome), ("status", String(self.status))]
    }
}
