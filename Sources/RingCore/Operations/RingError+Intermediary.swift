package import RingJSONAPI

extension RingError {
    /// Reads the body of a 2xx response whose body Ring does not document. One that is empty or no JSON is still a success, unless
    /// it is the page of a proxy, or an `errors` document: Ring has then not done what was requested.
    ///
    /// - Returns: The JSON; `nil` when there is none.
    /// - Throws: `RingError` with ``RingError/Code/malformedResponse`` for a page or an `errors` document.
    package static func undocumentedBody(
        _ body: [UInt8], of response: RingHTTPResponse, during operation: RingOperation
    ) throws -> JSONAPIValue? {
        func refusal(_ problem: String) -> RingError {
            RingError.malformed(
                """
                the response \(problem), although its status is \(response.status); a proxy may have responded: try again later
                """, operation, response)
        }
        let type = response.headerFields[.contentType]?.trimmed.lowercased() ?? ""
        // A page may be longer than what is read of it.
        guard !type.hasPrefix("text/html") else { throw refusal("is not JSON, but a page") }
        guard let value = try? JSONAPIValue(parsing: body) else {
            let blanks: Set<UInt8> = [0xEF, 0xBB, 0xBF, 0x09, 0x0A, 0x0D, 0x20]
            guard body.first(where: { !blanks.contains($0) }) != UInt8(ascii: "<") else {
                throw refusal("is not JSON, but a page")
            }
            return nil
        }
        // An empty list of errors has none.
        guard value["data"] != nil || value["errors"]?.count ?? 0 == 0 else {
            throw refusal("has errors in place of data")
        }
        return value
    }
}
