import FoundationEssentials
import RingPartner

/// Requests of `doctor`: one at a time, without access token, redirects and repeats.
struct Probe: Sendable {
    struct Response: Sendable {
        var status: Int
        var headers: RingHTTPFields
        var text: String
        var duration: Duration

        var isSuccess: Bool { (200..<300).contains(self.status) }
        var isRedirect: Bool { (300..<400).contains(self.status) }
        /// Whether it is a page for people.
        var isPage: Bool {
            self.headers[.contentType]?.lowercased().contains("html") == true
                || self.text.first { !$0.isWhitespace } == "<"
        }
        /// `200 in 12 ms`
        var summary: String { "\(self.status) in \(Int((self.duration / .milliseconds(1)).rounded())) ms" }
    }

    /// No request of a check is waited for any longer.
    static let longest = Duration.seconds(15)
    /// Ring waits so long for the response to a webhook.
    static let webhookLimit = Duration.seconds(5)
    private static let operation = RingOperation(
        "doctor.probe", retry: .never, carriesAccessToken: false, countsAgainstRateLimit: false)
    let context: CommandContext

    init(_ context: CommandContext) { self.context = context }

    /// - Throws: `RingError` when there was no response; `CancellationError`.
    func send(
        _ method: RingHTTPMethod, _ url: URL, headers: RingHTTPFields = [:], body: [UInt8] = []
    ) async throws -> Response {
        let clock = self.context.environment.clock
        // The limit of the check comes first, and says it better.
        let limit = RingDeadline(in: Self.longest + .seconds(1), clock: clock)
        let sending = RingRequestContext(operation: Self.operation, deadline: limit)
        let request = RingHTTPRequest(
            method: method, url: url, headerFields: headers, body: body.isEmpty ? .empty : RingHTTPBody(body))
        let start = clock.uptime()
        let response = try await RingPlatformTransport.shared.send(request, context: sending)
        let duration = clock.uptime() - start
        // Only for a look at the page: the status is the response, whatever becomes of the body.
        let bytes = (try? await response.body.collect(upTo: 1 << 20)) ?? []
        return Response(
            status: response.status, headers: response.headerFields, text: String(decoding: bytes, as: UTF8.self),
            duration: duration)
    }

    /// The URL of a flag, and what is wrong with it; `nil` when it was not given.
    ///
    /// Ring uses the text of the developer portal as it stands, so nothing is normalised.
    func url(_ flag: String, _ check: String, _ name: String) -> (url: URL?, findings: [Finding])? {
        guard let text = self.context.arguments[flag] else { return nil }
        let fix = "correct the \(name) in the developer portal, in the tab of the environment that you use"
        func refused(_ reason: String) -> (URL?, [Finding]) {
            (nil, [.failure(check, "the \(name) \(reason)", fix: fix, exit: .usage)])
        }
        guard !text.contains(where: \.isWhitespace) else { return refused("contains white space") }
        guard let url = URL(string: text, encodingInvalidCharacters: false), let host = url.host(), !host.isEmpty,
            let scheme = url.scheme
        else { return refused("is not a URL such as https://host/path") }
        guard url.user() == nil, url.password() == nil else { return refused("contains a user or a password") }
        guard url.fragment() == nil else { return refused("has a fragment, which no server receives") }
        guard RingURL.isSecure(url) else { return refused("is not https: Ring calls no other URL") }
        if scheme.lowercased() == "http" {
            return (
                url,
                [
                    .warning(
                        check, "the \(name) is http on this machine: Ring calls only https URLs that it can reach",
                        fix: "put a proxy or a tunnel with a certificate in front of it, and check that URL")
                ]
            )
        }
        if RingURL.isLoopback(url) {
            return (url, [.warning(check, "Ring cannot reach the \(name): it is on this machine", fix: fix)])
        }
        if url.query() != nil {
            return (url, [.warning(check, "the \(name) has a query, which must match exactly", fix: fix)])
        }
        return (url, [.ok(check, "the \(name) is https on \(host)")])
    }
}
