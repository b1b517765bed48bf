extension RingHTTPResponse {
    /// This response without the secrets of its request. Error responses are quoted in errors and logs, and some servers
    /// repeat in them what they were sent.
    func withoutEcho(of request: RingHTTPRequest, _ operation: RingOperation) -> RingHTTPResponse {
        guard self.status >= 400 else { return self }
        let secrets = operation.redaction.allSecrets(of: request)
        guard !secrets.isEmpty else { return self }
        let finder = RingSecretFinder(secrets)
        var response = self
        if let bytes = self.body.bytes {
            response.body = RingHTTPBody(finder.redacted(bytes))
        } else {
            response.body = RingHTTPBody(streaming: RedactedBody(body: self.body, finder: finder))
        }
        if let name = self.headerFields[.requestID] {
            response.headerFields[.requestID] = String(decoding: finder.redacted(Array(name.utf8)), as: UTF8.self)
        }
        return response
    }
}

/// The body of an error response, held back until it is complete, since a secret may lie across two chunks.
private struct RedactedBody: AsyncSequence, Sendable {
    /// An error document is smaller; the readers of error responses refuse a larger one, too.
    private static let maximumBytes = 256 * 1024
    let body: RingHTTPBody
    let finder: RingSecretFinder

    func makeAsyncIterator() -> Iterator { Iterator(source: self) }

    struct Iterator: AsyncIteratorProtocol {
        var source: RedactedBody?

        mutating func next() async throws -> [UInt8]? {
            guard let source = self.source else { return nil }
            self.source = nil
            let bytes = try await source.body.bytes(upTo: RedactedBody.maximumBytes)
            return bytes.isEmpty ? nil : source.finder.redacted(bytes)
        }
    }
}
