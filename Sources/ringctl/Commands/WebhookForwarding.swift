import FoundationEssentials
import RingListener
import RingPartner

/// Passes webhooks on to another server, as they came.
struct WebhookForwarding: Sendable {
    private static let operation = RingOperation(
        "webhook.forward", retry: .never, carriesAccessToken: false, countsAgainstRateLimit: false)
    /// What is not passed on: it belongs to one connection, or names this receiver.
    private static let ownFields: Set<String> = [
        "host", "connection", "content-length", "transfer-encoding", "keep-alive", "te", "trailer", "upgrade", "expect",
    ]
    private let url: URL
    private let context: CommandContext

    /// - Throws: `UsageError` for a URL that cannot be used.
    init(_ text: String, _ context: CommandContext) throws {
        guard let url = URL(string: text, encodingInvalidCharacters: false), url.host()?.isEmpty == false,
            RingURL.isSecure(url)
        else { throw UsageError("--forward-to takes an https URL, or http to loopback") }
        self.url = url
        self.context = context
    }

    /// The other server's response; 502 when there is none.
    func response(to request: RingListenerRequest) async -> RingListenerResponse {
        let fields = RingHTTPFields(
            request.headers.filter { !Self.ownFields.contains($0.name.rawName.lowercased()) })
        let sending = RingRequestContext(
            operation: Self.operation, deadline: RingDeadline(in: .seconds(30), clock: self.context.environment.clock))
        do {
            let response = try await RingPlatformTransport.shared.send(
                RingHTTPRequest(method: .post, url: self.url, headerFields: fields, body: RingHTTPBody(request.body)),
                context: sending)
            let body = try await response.body.collect(upTo: 1 << 20)
            let own = RingHTTPFields(
                response.headerFields.filter { !Self.ownFields.contains($0.name.rawName.lowercased()) })
            return RingListenerResponse(status: response.status, headers: own, body: .bytes(body))
        } catch let error as RingError {
            self.context.output.remark("502 not forwarded: \(error.message)")
        } catch {
            self.context.output.remark("502 not forwarded: the response was too large, or this command ends")
        }
        return RingListenerResponse(status: 502)
    }
}
