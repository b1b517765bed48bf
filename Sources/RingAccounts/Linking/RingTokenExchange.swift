internal import RingCore
internal import RingJSONAPI

/// A request to the Token Exchange URL, as any web framework has it.
public struct RingTokenExchangeRequest: Sendable {
    package var method: String
    package var contentType: String?
    package var query: String?
    package var body: [UInt8]

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - method: The method, upper-case.
    ///   - contentType: The `Content-Type` field, when there is one.
    ///   - query: The part after the question mark, when there is one.
    ///   - body: The raw body.
    public init(method: String = "POST", contentType: String?, query: String? = nil, body: [UInt8]) {
        self.method = method
        self.contentType = contentType
        self.query = query
        self.body = body
    }

    /// The response to a request that is not read; `nil` for one that is.
    var refusal: RingTokenExchangeResponse? {
        guard self.method.uppercased() == "POST" else { return RingTokenExchangeResponse(405, "method_not_allowed") }
        guard self.body.count <= 64 * 1024, (self.query?.utf8.count ?? 0) <= 64 * 1024 else {
            return RingTokenExchangeResponse(413, "too_large")
        }
        return nil
    }

    /// The code, from the form, the JSON body or the query; `nil` when there is none.
    var code: String? {
        let isJSON = self.contentType?.lowercased().contains("json") ?? false
        let first = self.body.first {
            $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r")
        }
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

extension RingTokenExchangeRequest: CustomStringConvertible, CustomReflectable {
    /// The method and the size, without the code.
    public var description: String { "\(self.method) with \(self.body.count) bytes" }
    /// A mirror without query and body.
    public var customMirror: Mirror { Mirror(self, children: ["method": self.method]) }
}

/// The response to a request to the Token Exchange URL.
public struct RingTokenExchangeResponse: Hashable, Sendable {
    /// The HTTP status.
    public var status: Int
    /// A small JSON body without secrets.
    public var body: String
    /// The body's media type.
    public var contentType: String { "application/json" }

    init(_ status: Int, _ word: String) {
        self.status = status
        self.body = #"{"status":"\#(word)"}"#
    }

    /// The response after a failed exchange.
    init(after error: any Error) {
        switch (error as? RingError)?.code {
        case .invalidCode?: self.init(400, "code_invalid")
        case .storageFailed?: self.init(500, "store_failed")
        case .invalidClient?, .misconfigured?: self.init(500, "misconfigured")
        // After a complete 429 or 5xx the code was not used either.
        case .rateLimited?, .serverFailure?: self.init(503, "try_again")
        default:
            let isUnused = (error as? RingError)?.delivery == .notSent
            self = isUnused ? Self(503, "try_again") : Self(502, "outcome_unknown")
        }
    }
}
