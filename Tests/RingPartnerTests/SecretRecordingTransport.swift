import Foundation
import RingPartner
import Synchronization

/// Sends over the network, and records every secret: access tokens, form secrets, issued tokens, pre-signed queries, SDP.
final class SecretRecordingTransport: RingTransport {
    private struct State {
        var secrets: Set<String> = []
        var operations: Set<RingOperation> = []
        var refusal: Int?
    }
    private let state = Mutex(State())

    var secrets: Set<String> { self.state.withLock { $0.secrets } }
    /// The operations of the requests that were sent.
    var operations: Set<RingOperation> { self.state.withLock { $0.operations } }

    /// From now on nothing is sent: every request is refused with a text that repeats the request's secrets.
    func refuseAndEcho(with status: Int) { self.state.withLock { $0.refusal = status } }

    func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        var found: [String] = []
        if let header = request.headerFields[.authorization] { found.append(String(header.dropFirst(7))) }
        if let query = request.url.query(), !context.operation.countsAgainstRateLimit { found.append(query) }
        let sent = String(decoding: request.body.bytes ?? [], as: UTF8.self)
        if context.operation == .tokenRefresh || context.operation == .codeExchange {
            for pair in sent.split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0] != "grant_type", parts[0] != "client_id" {
                    found.append(String(parts[1]).removingPercentEncoding ?? String(parts[1]))
                }
            }
        }
        if context.operation == .startLive { found += Self.secrets(ofSDP: sent) }
        let refusal = self.state.withLock { state in
            state.operations.insert(context.operation)
            state.secrets.formUnion(found.filter { $0.count > 3 })
            return state.refusal
        }
        if let refusal { return Self.refusal(refusal, repeating: found) }
        var response = try await RingPlatformTransport.shared.send(request, context: context)
        if let location = response.headerFields[.location], let query = location.split(separator: "?").dropFirst().first
        {
            found.append(String(query))
        }
        if [.tokenRefresh, .codeExchange, .startLive].contains(context.operation) {
            let bytes = try await response.body.collect(upTo: 1 << 20)
            response.body = RingHTTPBody(bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            found += Self.secrets(ofSDP: text)
            if let grant = try? JSONAPIValue(parsing: bytes) {
                found += ["access_token", "refresh_token"].compactMap { grant[$0]?.string }
            }
        }
        self.state.withLock { $0.secrets.formUnion(found.filter { $0.count > 3 }) }
        return response
    }

    /// A refusal in the forms of RFC 6749 and JSON:API at once.
    private static func refusal(_ status: Int, repeating secrets: [String]) -> RingHTTPResponse {
        let echo = JSONAPILiteral.string("you sent \(secrets.joined(separator: " and "))")
        let body: JSONAPILiteral = [
            "error": "invalid_request", "error_description": echo, "message": echo,
            "errors": [["status": .string("\(status)"), "code": echo, "title": echo, "detail": echo, "id": echo]],
        ]
        return RingHTTPResponse(
            status: status,
            headerFields: [.contentType: "application/vnd.api+json", .location: "/?\(secrets.joined())"],
            body: RingHTTPBody(body.bytes))
    }

    private static func secrets(ofSDP text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("a=ice-pwd:") || $0.hasPrefix("a=fingerprint:") }
            .map { String($0.split(separator: ":", maxSplits: 1)[1]) }
    }
}
