extension RingHTTPResponse {
    /// This response without the secrets of its request. Error responses are quoted in errors and logs, and some servers
    /// repeat in them what they were sent. The id of the request is quoted for responses of every status.
    func withoutEcho(of request: RingHTTPRequest, _ operation: RingOperation) -> RingHTTPResponse {
        let id = self.headerFields[.requestID]
        guard self.status >= 400 || id != nil else { return self }
        if self.status < 300, let id, operation.redaction.isClear(id, of: request) { return self }
        let secrets = operation.redaction.allSecrets(of: request)
        var response = self
        // Successful responses are frequent, so the encoded forms of the secrets are not computed for them.
        if let id,
            !RingSecretFinder.isPlainID(id)
                || RingSecretFinder.shares(id, with: secrets, encoded: self.status >= 300)
        {
            response.headerFields[.requestID] = nil
        }
        guard self.status >= 400, !secrets.isEmpty else { return response }
        let finder = RingSecretFinder(secrets)
        if let bytes = self.body.bytes {
            // As with a streamed body, nobody reads a larger one.
            let isQuoted = bytes.count <= RedactedBody.maximumBytes
            response.body = RingHTTPBody(isQuoted ? finder.redacted(bytes) : Array("…".utf8))
        } else {
            response.body = RingHTTPBody(streaming: RedactedBody(body: self.body, finder: finder))
        }
        return response
    }
}

/// The body of an error response, held back until it is complete, since a secret may lie across two chunks.
private struct RedactedBody: AsyncSequence, Sendable {
    /// An error document is smaller; the readers of error responses refuse a larger one, too.
    static let maximumBytes = 256 * 1024
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
