package import RingHTTP

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// One request as it was received, for servers that care about its raw form: the simulator, and tests.
package struct RingListenerRequest: Sendable {
    /// The method as it was spelled: `GET`.
    package var method: String
    /// The path as it was sent: percent-encoding, doubled slashes and dots untouched; without the query.
    package var path: String
    /// The query as it was sent, without its `?`; `nil` when the target had none.
    package var query: String?
    /// The header fields.
    package var headers: RingHTTPFields
    /// The body's bytes, never more than the listener's limit.
    package var body: [UInt8]
    /// The numeric address of the peer, without its port; empty when it is not known.
    package var remoteAddress: String

    package init(
        method: String, path: String, query: String? = nil, headers: RingHTTPFields = [:], body: [UInt8] = [],
        remoteAddress: String = "127.0.0.1"
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
    }

    /// The path's segments, each percent-decoded on its own: an encoded slash stays inside its segment.
    ///
    /// `/v1/devices/a%2Fb` gives `v1`, `devices`, `a/b`. A segment that is no valid UTF-8 after decoding stays as sent.
    package var pathSegments: [String] {
        // By bytes: characters take several times as long, and a mark behind a slash would hide it.
        self.path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst().map { bytes in
            let text = String(Substring(bytes))
            return bytes.contains(UInt8(ascii: "%")) ? RingPercentCoding.decodeStrictly(bytes) ?? text : text
        }
    }

    /// The query's pairs in order, repeated names kept.
    package var queryItems: [RingHTTPForm.Item] { RingHTTPForm(parsing: (self.query ?? "").utf8).items }

    /// The pairs of a form body, in order, repeated names kept.
    package var formItems: [RingHTTPForm.Item] { RingHTTPForm(parsing: self.body).items }

    /// The body read as UTF-8, with replacement characters where it is not.
    package var bodyText: String { String(decoding: self.body, as: UTF8.self) }

    /// The request with an absolute URL.
    ///
    /// - Returns: `nil` when the target is no path, or contains characters that a URL must encode.
    func httpRequest(origin: String) -> RingHTTPRequest? {
        let target = self.query.map { "\(self.path)?\($0)" } ?? self.path
        guard target.hasPrefix("/"), let url = URL(string: origin + target, encodingInvalidCharacters: false) else {
            return nil
        }
        return RingHTTPRequest(
            method: RingHTTPMethod(rawValue: self.method), url: url, headerFields: self.headers,
            body: RingHTTPBody(self.body))
    }
}
