#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingHTTPResponse {
    /// An error response is quoted in errors and logs, and some servers repeat in it what they were sent. This one cannot:
    /// the access token, the secrets of a token form, a pre-signed query and an offer's keys are replaced by `…`.
    func withoutEcho(of request: RingHTTPRequest, _ operation: RingOperation) -> RingHTTPResponse {
        guard self.status >= 400 else { return self }
        let secrets = request.sentSecrets(operation)
        guard !secrets.isEmpty else { return self }
        var response = self
        if let bytes = self.body.bytes {
            response.body = RingHTTPBody(Self.redact(secrets, in: bytes))
        } else {
            response.body = RingHTTPBody(streaming: RedactedRefusal(body: self.body, secrets: secrets))
        }
        return response
    }

    fileprivate static func redact(_ secrets: [String], in bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return bytes }
        var text = String(decoding: bytes, as: UTF8.self)
        for secret in secrets {
            let escaped = secret.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "\\/")
            for form in Set([secret, RingPercentCoding.encode(secret), escaped]) { text.replace(form, with: "…") }
        }
        return Array(text.utf8)
    }
}

/// A refusal's body, held back until it is whole, since a secret may lie across two chunks.
private struct RedactedRefusal: AsyncSequence, Sendable {
    /// More than this is no error document; what reads refusals would refuse it, too.
    private static let limit = 256 * 1024
    let body: RingHTTPBody
    let secrets: [String]

    func makeAsyncIterator() -> Iterator { Iterator(refusal: self) }

    struct Iterator: AsyncIteratorProtocol {
        var refusal: RedactedRefusal?

        mutating func next() async throws -> [UInt8]? {
            guard let refusal = self.refusal else { return nil }
            self.refusal = nil
            let bytes = try await refusal.body.bytes(upTo: RedactedRefusal.limit)
            return bytes.isEmpty ? nil : RingHTTPResponse.redact(refusal.secrets, in: bytes)
        }
    }
}

extension RingHTTPRequest {
    /// What this request carries that no text may show. Short values are left out: they would blot out common words.
    fileprivate func sentSecrets(_ operation: RingOperation) -> [String] {
        var secrets: [String] = []
        if let authorization = self.headerFields[.authorization] {
            secrets += authorization.split(separator: " ").dropFirst().map(String.init)
        }
        if operation.kind == .presignedGet, let query = self.url.query(percentEncoded: true) {
            secrets.append(query)
            secrets += Self.querySecrets(query)
        }
        switch operation.kind {
        case .tokenRefresh, .codeExchange: secrets += Self.formSecrets(self.body)
        case .startLive, .updateLive: secrets += Self.sessionSecrets(self.body)
        default: break
        }
        return secrets.filter { $0.utf8.count >= 4 }
    }

    /// The longer values of a query, one by one: a server may repeat the token alone.
    private static func querySecrets(_ query: String) -> [String] {
        let values = query.split(separator: "&").compactMap { pair in
            pair.firstIndex(of: "=").map { String(pair[pair.index(after: $0)...]) }
        }
        let decoded = values.map { RingPercentCoding.decode($0.utf8) }
        return Set(values + decoded).filter { $0.utf8.count >= 12 }.sorted { $0.utf8.count > $1.utf8.count }
    }

    private static func formSecrets(_ body: RingHTTPBody) -> [String] {
        let form = String(decoding: body.bytes ?? [], as: UTF8.self)
        return form.split(separator: "&").compactMap { (pair: Substring) -> String? in
            guard let equals = pair.firstIndex(of: "="), !["grant_type", "client_id"].contains(pair[..<equals]) else {
                return nil
            }
            return RingPercentCoding.decode(pair[equals...].utf8.dropFirst(), plusIsSpace: true)
        }
    }

    /// The password and the fingerprint of an SDP body: who knows both can take the camera's stream.
    private static func sessionSecrets(_ body: RingHTTPBody) -> [String] {
        let text = String(decoding: body.bytes ?? [], as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).compactMap { (line: Substring) -> String? in
            guard line.hasPrefix("a=ice-pwd:") || line.hasPrefix("a=fingerprint:") else { return nil }
            return line.firstIndex(of: ":").map { String(line[line.index(after: $0)...]) }
        }
    }
}
