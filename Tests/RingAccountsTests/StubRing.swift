import Foundation
import RingAccounts
import RingCore
import RingCrypto
import RingJSONAPI
import RingTesting
import Synchronization

/// Ring's side of linking, as strict as the manual allows: a nonce works once, and the states have an order.
final class StubRing: Sendable {
    enum Fault: Hashable {
        /// The effect happens and the response is lost.
        case responseLost
        case status(Int, body: String = "")
    }

    struct State {
        var integration = "pending"
        var usedNonces: Set<String> = []
        var posts = 0
        var patches: [String] = []
        var bodies: [String] = []
        var faults: [Fault] = []
        var owners: [String: String] = [:]
        var userFault: Int?
    }

    let state = Mutex(State())
    let isFlat: Bool
    private let handshake: @Sendable (RingOperation) throws -> Void

    init(isFlat: Bool = false, before handshake: @escaping @Sendable (RingOperation) throws -> Void = { _ in }) {
        self.isFlat = isFlat
        self.handshake = handshake
    }

    var integration: String { self.state.withLock { $0.integration } }

    func response(to request: RingHTTPRequest, _ context: RingRequestContext) throws -> RingHTTPResponse {
        try self.handshake(context.operation)
        let body = String(decoding: request.body.bytes ?? [], as: UTF8.self)
        return try self.state.withLock { state in
            let token = (request.headerFields[.authorization] ?? "").replacing("Bearer ", with: "")
            switch (request.method, context.operation) {
            case (.get, .userProfile):
                if let status = state.userFault { return RingHTTPResponse(status: status) }
                let id = state.owners[token] ?? "a"
                return .json(#"{"data":{"type":"users","id":"\#(id)","attributes":{"first_name":"Robin"}}}"#)
            case (.post, .confirmLink):
                state.posts += 1
                state.bodies.append(body)
                return try Self.faulty(&state) { state in
                    let root = try? JSONAPIValue(parsing: body)
                    guard let nonce = root?["nonce"]?.string, state.usedNonces.insert(nonce).inserted else {
                        return .json(#"{"errors":[{"status":"400","title":"Invalid Nonce"}]}"#, status: 400)
                    }
                    state.integration = "awaiting"
                    return self.shaped("awaiting")
                }
            case (.patch, .updateLink):
                state.patches.append(body)
                return try Self.faulty(&state) { state in
                    guard state.integration != "pending" else {
                        return .json(#"{"errors":[{"status":"400","title":"Invalid Status Transition"}]}"#, status: 400)
                    }
                    state.integration = "completed"
                    return self.shaped("completed")
                }
            case (.delete, .removeLink):
                return try Self.faulty(&state) { state in
                    if state.integration == "removed" { return RingHTTPResponse(status: 404) }
                    state.integration = "removed"
                    return RingHTTPResponse(status: 204)
                }
            default: return RingHTTPResponse(status: 404)
            }
        }
    }

    private func shaped(_ status: String) -> RingHTTPResponse {
        self.isFlat
            ? .json(#"{"account_identifier":"r***e","status":"\#(status)","updated_at":"2026-11-18T11:07:05Z"}"#)
            : .json(
                """
                {"meta":{"time":"2026-11-18T11:07:02Z"},"data":{"type":"app-integrations","id":"x",\
                "attributes":{"status":"\(status)"}}}
                """)
    }

    private static func faulty(
        _ state: inout State, _ effect: (inout State) throws -> RingHTTPResponse
    ) throws -> RingHTTPResponse {
        switch state.faults.isEmpty ? nil : state.faults.removeFirst() {
        case .status(let status, let body)?: return .json(body, status: status)
        case .responseLost?:
            _ = try effect(&state)
            throw RingError(code: .connectionLost, message: "lost by the stub", delivery: .unknown)
        case nil: return try effect(&state)
        }
    }
}
