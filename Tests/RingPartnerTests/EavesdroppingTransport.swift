import Foundation
import RingPartner
import Synchronization

/// Sends for real, and keeps every secret that passes: bearers, form secrets, issued tokens, pre-signed queries, SDP.
final class EavesdroppingTransport: RingTransport {
    private let heard = Mutex<Set<String>>([])

    var secrets: Set<String> { self.heard.withLock { $0 } }

    func send(_ request: RingHTTPRequest) async throws -> RingHTTPResponse {
        var found: [String] = []
        if let bearer = request.headerFields[.authorization] { found.append(String(bearer.dropFirst(7))) }
        if let query = request.url.query(), request.operation.kind == .presignedGet { found.append(query) }
        let sent = String(decoding: request.body.bytes ?? [], as: UTF8.self)
        if request.operation.kind == .tokenRefresh || request.operation.kind == .codeExchange {
            for pair in sent.split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0] != "grant_type", parts[0] != "client_id" {
                    found.append(String(parts[1]).removingPercentEncoding ?? String(parts[1]))
                }
            }
        }
        if request.operation.kind == .startLive { found += Self.secrets(ofSDP: sent) }
        var response = try await RingPlatformTransport.shared.send(request)
        if let location = response.headerFields[.location], let query = location.split(separator: "?").dropFirst().first
        {
            found.append(String(query))
        }
        if [.tokenRefresh, .codeExchange, .startLive].contains(request.operation.kind) {
            let bytes = try await response.body.collect(upTo: 1 << 20)
            response.body = RingHTTPBody(bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            found += Self.secrets(ofSDP: text)
            if let grant = try? JSONAPIValue(parsing: bytes) {
                found += ["access_token", "refresh_token"].compactMap { grant[$0]?.string }
            }
        }
        self.heard.withLock { $0.formUnion(found.filter { $0.count > 3 }) }
        return response
    }

    private static func secrets(ofSDP text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("a=ice-pwd:") || $0.hasPrefix("a=fingerprint:") }
            .map { String($0.split(separator: ":", maxSplits: 1)[1]) }
    }
}
