package import RingJSONAPI

extension RingError {
    /// The one place where a response becomes an error.
    ///
    /// The body is read up to a small cap; a body that is not JSON is ignored, since many failures have none.
    package static func from(
        _ response: RingHTTPResponse, operation: RingOperation, clock: some RingClock
    ) async -> RingError {
        let body = (try? await response.body.collect(upTo: 64 * 1024)) ?? []
        let errors = (try? JSONAPIDocument(parsing: body))?.errors ?? []
        var error = Self.from(
            status: response.status, headerFields: response.headerFields, errors: errors, operation: operation,
            clock: clock)
        error.followsUnknownOutcome = response.followsUnknownOutcome
        return error
    }

    /// A response whose body is already parsed.
    package static func from(
        status: Int, headerFields: RingHTTPFields, errors: [JSONAPIErrorObject], operation: RingOperation,
        clock: some RingClock
    ) -> RingError {
        let codes = errors.compactMap(\.code)
        let code = Self.code(status: status, titles: errors.compactMap(\.title), codes: codes, operation: operation)
        let serverText =
            operation.redaction.quotesResponses
            ? errors.first.flatMap { $0.detail ?? $0.title ?? $0.code }.map(Self.quotable) : nil
        return RingError(
            code: code, message: Self.advice(code, status: status, serverText: serverText), operation: operation,
            status: status,
            requestID: headerFields[.requestID].map(RingRequestID.init(rawValue:)),
            retryAfter: RingRetryAfter.parse(headerFields, now: clock.now()), errors: errors,
            delivery: .responded)
    }

    private static func code(
        status: Int, titles: [String], codes: [String], operation: RingOperation
    ) -> Code {
        if let code = operation.errorCodes[status] { return code }
        switch status {
        case 300..<400: return .redirectRefused
        case 400:
            let isNonce =
                codes.contains("INVALID_NONCE") || titles.contains { $0.lowercased() == "invalid nonce" }
            return isNonce ? .invalidNonce : .badRequest
        case 401: return .unauthorized
        case 403: return .forbidden
        case 404: return .notFound
        case 405, 415: return .badRequest
        case 409: return .conflict
        case 410: return .gone
        case 422: return .unprocessable
        case 429: return .rateLimited
        // A server or gateway that has given up, or has not begun.
        case 408, 425: return .serverFailure
        case 500..<600: return .serverFailure
        default: return .unexpectedStatus
        }
    }

    private static func advice(_ code: Code, status: Int, serverText: String?) -> String {
        let quote = serverText.map { ": “\($0)”" } ?? ""
        switch code {
        case .badRequest: return "Ring refused the request as malformed\(quote)"
        case .invalidNonce:
            return "Ring refused the link nonce\(quote); it is wrong, used, or older than ten minutes: "
                + "have the user start again from Ring"
        case .unauthorized:
            return "Ring refused the access token\(quote); if a refresh did not help, the user must reconnect the app"
        case .forbidden:
            return "Ring does not allow this\(quote); check the app's scopes, the user's plan, and whether the device "
                + "is shared with the app"
        case .deviceNotFound:
            return
                "Ring knows no such device for this account\(quote); it may have been removed: list the devices again"
        case .notFound: return "Ring has no such resource\(quote)"
        case .deviceUnavailable: return "the device is not available\(quote); check its status before trying again"
        case .unprocessable: return "Ring cannot do this for this user or device\(quote)"
        case .rateLimited: return "too many requests for this client id\(quote); slow down"
        case .redirectRefused: return "Ring responded with a redirect (status \(status)) where none is followed"
        case .serverFailure: return "Ring failed\(quote); try again later"
        default: return "Ring responded with status \(status)\(quote)"
        }
    }

    /// Ring's own words as a part of a message, or nothing: `: “no such lens”`.
    package var quote: String {
        guard self.operation?.redaction.quotesResponses == true,
            let text = self.errors.first.flatMap({ $0.detail ?? $0.title ?? $0.code })
        else { return "" }
        return ": “\(Self.quotable(text))”"
    }

    /// A server's words for a log line: short, on one line, and without control characters and anything that looks like a
    /// URL's query.
    private static func quotable(_ text: String) -> String {
        var line = Array(PrintableText.line(String(text.prefix(200))))
        if let query = line.firstIndex(of: "?"), line.contains("=") { line = Array(line[..<query]) + ["…"] }
        return String(line)
    }
}
