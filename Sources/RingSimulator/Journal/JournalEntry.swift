internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// One request as the journal keeps it.
struct JournalEntry: Sendable {
    /// The running number.
    var number: Int
    /// The request, without secrets.
    var request: RingSimulatorRequest
    var requestBody: KeptBody
    var responseBody: KeptBody
    /// The header fields with their secrets; show them through ``SecretFilter``.
    private var requestFields: RingHTTPFields
    private var responseFields: RingHTTPFields
    /// The real time from the request to its response.
    var duration: Duration

    init(
        number: Int, request: RingSimulatorRequest, from received: RingListenerRequest, response: RingListenerResponse,
        duration: Duration
    ) {
        self.number = number
        self.request = request
        self.requestBody = KeptBody(received.body, mediaType: request.contentType)
        let mediaType = response.headers["Content-Type"]
        switch response.body {
        case .bytes(let bytes): self.responseBody = KeptBody(bytes, mediaType: mediaType)
        case .stream(let length, _):
            self.responseBody = KeptBody([], totalBytes: Int(clamping: length ?? 0), mediaType: mediaType)
        case .file(_, _, let length):
            self.responseBody = KeptBody([], totalBytes: Int(clamping: length), mediaType: mediaType)
        }
        self.requestFields = received.headers
        self.responseFields = response.headers
        self.duration = duration
    }

    /// An entry of which no more is known than the request.
    init(number: Int, request: RingSimulatorRequest) {
        (self.number, self.request, self.duration) = (number, request, .zero)
        (self.requestBody, self.responseBody) = (.none, .none)
        (self.requestFields, self.responseFields) = ([:], [:])
    }

    /// The approximate memory that it takes.
    var bytes: Int {
        600 + 96 * (self.requestFields.count + self.responseFields.count) + self.requestBody.keptBytes
            + self.responseBody.keptBytes + (self.request.query?.utf8.count ?? 0) + self.request.path.utf8.count
    }

    /// The entry as JSON.
    ///
    /// - Parameter isComplete: Whether header fields and bodies are part of it.
    func literal(isComplete: Bool) -> JSONAPILiteral {
        var members: [(String, JSONAPILiteral)] = [("number", .int(Int64(self.number)))]
        if case .object(let request) = self.request.literal { members += request }
        members += [
            ("duration_ms", .double(self.duration.fractionalMilliseconds)),
            ("request_bytes", .int(Int64(self.requestBody.totalBytes))),
            ("response_bytes", .int(Int64(self.responseBody.totalBytes))),
        ]
        if isComplete {
            members += [
                ("request_headers", Self.literal(self.requestFields)), ("request_body", self.requestBody.literal),
                ("response_headers", Self.literal(self.responseFields)), ("response_body", self.responseBody.literal),
            ]
        }
        return .object(members)
    }

    /// The header fields of the request, without secrets.
    var requestHeaders: [(name: String, value: String)] { SecretFilter.fields(self.requestFields) }
    /// The header fields of the response, without secrets.
    var responseHeaders: [(name: String, value: String)] { SecretFilter.fields(self.responseFields) }

    private static func literal(_ fields: RingHTTPFields) -> JSONAPILiteral {
        .array(SecretFilter.fields(fields).map { ["name": .string($0.name), "value": .string($0.value)] })
    }
}

extension KeptBody {
    /// The body as JSON: its text, and whether that is all of it.
    var literal: JSONAPILiteral {
        [
            "text": self.text.map { .string($0) } ?? nil, "bytes": .int(Int64(self.totalBytes)),
            "truncated": .bool(self.isTruncated), "media_type": self.mediaType.map { .string($0) } ?? nil,
        ]
    }
}

extension Duration {
    /// Milliseconds, to a thousandth.
    var fractionalMilliseconds: Double {
        let (seconds, attoseconds) = self.components
        return (Double(seconds) * 1e6 + (Double(attoseconds) / 1e12).rounded()) / 1000
    }
}

extension RingSimulatorRequest {
    var literal: JSONAPILiteral {
        [
            "origin": .string(self.origin.rawValue), "method": .string(self.method), "path": .string(self.path),
            "query": self.query.map { .string($0) } ?? nil, "authorization": .bool(self.hasAuthorization),
            "content_type": self.contentType.map { .string($0) } ?? nil,
            "grant_type": self.grantType.map { .string($0) } ?? nil,
            "account": self.account.map { .string($0.rawValue) } ?? nil, "status": .int(Int64(self.status)),
            "time": .int(self.time.epochMilliseconds),
        ]
    }
}
