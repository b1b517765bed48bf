import RingCore
import RingCurl
import RingJSONAPI
import RingListener
import RingSimulator
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct Reply {
    var status: Int
    var fields: RingHTTPFields
    var body: [UInt8]
    var json: JSONAPIValue? { try? JSONAPIValue(parsing: self.body) }
    var text: String { String(decoding: self.body, as: UTF8.self) }
}

struct Refused: Error {}

/// One request over real sockets; no redirects, no retries.
func ask(
    _ method: String, _ url: String, token: String? = nil, type: String? = nil, body: String? = nil
) async throws -> Reply {
    guard let address = URL(string: url) else { throw Refused() }
    var fields: RingHTTPFields = [:]
    if let token { fields.append(RingHTTPField(name: .init("Authorization"), value: "Bearer \(token)")) }
    if let type { fields.append(RingHTTPField(name: .init("Content-Type"), value: type)) }
    let request = RingHTTPRequest(
        method: RingHTTPMethod(rawValue: method), url: address, headerFields: fields,
        body: body.map { RingHTTPBody(Array($0.utf8)) } ?? .empty, operation: .devices)
    let answer = try await RingCurlTransport().send(request)
    return Reply(
        status: answer.status, fields: answer.headerFields, body: try await answer.body.collect(upTo: 8 << 20))
}

let form = "application/x-www-form-urlencoded"

extension RingSimulator {
    func token(_ body: String) async throws -> Reply {
        let client = "client_id=\(self.configuration.clientID)&client_secret=\(self.configuration.clientSecret)"
        return try await ask("POST", "\(self.oauthURL)/oauth/token", type: form, body: "\(client)&\(body)")
    }

    func id(_ kind: RingSimulatorDevice.Kind) -> String { self.devices.first { $0.kind == kind }?.id ?? "" }

    func path(_ kind: RingSimulatorDevice.Kind) -> String { "\(self.apiURL)/v1/devices/\(segment(self.id(kind)))" }
}

func segment(_ text: String) -> String {
    text.replacing("/", with: "%2F").replacing("+", with: "%2B").replacing("=", with: "%3D").replacing(":", with: "%3A")
}

/// A receiver of webhooks with a script of statuses; the last one stays.
final class Receiver: Sendable {
    struct Hook: Sendable {
        var body: [UInt8]
        var signature: String?
    }

    private let state = Mutex<(statuses: [Int], hooks: [Hook])>(([], []))
    private let listener = Mutex<RingListener?>(nil)

    var hooks: [Hook] { self.state.withLock { $0.hooks } }
    var url: String { self.listener.withLock { $0?.origin ?? "" } + "/hook" }

    init(_ statuses: [Int] = [200]) async throws {
        self.state.withLock { $0.statuses = statuses }
        let listener = try await RingListener.start { [weak self] request in
            guard let self else { return RingListenerResponse(status: 500) }
            return self.state.withLock { state in
                state.hooks.append(Hook(body: request.body, signature: request.headers["X-Signature"]))
                let status = state.statuses.count > 1 ? state.statuses.removeFirst() : state.statuses.first ?? 200
                return RingListenerResponse(status: status)
            }
        }
        self.listener.withLock { $0 = listener }
    }

    func stop() async { await self.listener.withLock { $0 }?.stop() }
}
