/// One request, complete with its body, as a handler gets it.
public struct RingListenerRequest: Sendable {
    /// One `name=value` pair of the query, percent-decoded, `+` read as a space.
    public struct QueryItem: Hashable, Sendable {
        /// The name.
        public var name: String
        /// The value; empty for a name without `=`.
        public var value: String

        /// Creates a pair.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The method as it was spelled: `GET`.
    public var method: String
    /// The path as it was sent: percent-encoding, doubled slashes and dots untouched; without the query.
    public var path: String
    /// The query as it was sent, without its `?`; `nil` when the target had none.
    public var query: String?
    /// The header fields.
    public var headers: RingListenerHeaders
    /// The body's bytes, never more than the listener's limit.
    public var body: [UInt8]
    /// The numeric address of the peer, without its port; empty when the system did not tell.
    public var remoteAddress: String

    /// Creates a request by hand, for tests of handlers.
    public init(
        method: String, path: String, query: String? = nil, headers: RingListenerHeaders = [:], body: [UInt8] = [],
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
    public var pathSegments: [String] {
        self.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            percentDecoded($0) ?? String($0)
        }
    }

    /// The query's pairs in order, repeated names kept.
    public var queryItems: [QueryItem] {
        parsedForm(self.query ?? "")
    }

    /// The pairs of a body of the type `application/x-www-form-urlencoded`, in order, repeated names kept.
    public var formItems: [QueryItem] {
        parsedForm(String(decoding: self.body, as: UTF8.self))
    }

    /// The body read as UTF-8, with replacement characters where it is not.
    public var bodyText: String { String(decoding: self.body, as: UTF8.self) }
}

/// Splits a query or a form into its pairs.
func parsedForm(_ text: String) -> [RingListenerRequest.QueryItem] {
    text.split(separator: "&").map { pair in
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first ?? ""
        let value = parts.count > 1 ? parts[1] : ""
        return RingListenerRequest.QueryItem(
            name: percentDecoded(name, plusIsSpace: true) ?? String(name),
            value: percentDecoded(value, plusIsSpace: true) ?? String(value))
    }
}
