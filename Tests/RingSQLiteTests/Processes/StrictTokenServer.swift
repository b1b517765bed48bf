import Foundation
import RingListener
import Synchronization

/// A token endpoint on a real socket whose refresh tokens work once, and which can kill whoever asks.
final class StrictTokenServer: Sendable {
    enum Plan: Sendable {
        case serve
        /// The process dies with its request unanswered, and nothing rotated.
        case killBeforeRotation(Int32)
        /// The tokens rotate, and the process dies before it hears of it.
        case killAfterRotation(Int32)
    }

    private struct State {
        var plan = Plan.serve
        var valid: [String: String] = [:]
        var issued = 0
        var rotations: [String: Int] = [:]
        var refusals: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let listener = Mutex<RingListener?>(nil)

    var origin: String { self.listener.withLock { $0?.origin ?? "" } }

    static func start() async throws -> StrictTokenServer {
        let server = StrictTokenServer()
        let listener = try await RingListener.start { server.answer($0) }
        server.listener.withLock { $0 = listener }
        return server
    }

    func stop() async { await self.listener.withLock { $0 }?.stop() }

    /// A new refresh token of an account.
    func issue(_ account: String) -> String { self.state.withLock { Self.issue(account, &$0) } }
    func plan(_ plan: Plan) { self.state.withLock { $0.plan = plan } }
    /// Whether a refresh token would still be taken: the truth that the store must not contradict.
    func isValid(_ token: String?) -> Bool { self.state.withLock { $0.valid[token ?? ""] != nil } }
    /// How often each account's tokens rotated.
    var rotations: [String: Int] { self.state.withLock { $0.rotations } }
    /// How often a dead token of each account was sent.
    var refusals: [String: Int] { self.state.withLock { $0.refusals } }

    private static func issue(_ account: String, _ state: inout State) -> String {
        state.issued += 1
        let token = "\(account)/\(state.issued)"
        state.valid[token] = account
        return token
    }

    private func answer(_ request: RingListenerRequest) -> RingListenerResponse {
        let token = request.formItems.first { $0.name == "refresh_token" }?.value ?? ""
        return self.state.withLock { state in
            if case .killBeforeRotation(let pid) = state.plan {
                kill(pid, SIGKILL)
                state.plan = .serve
                return RingListenerResponse(status: 503)
            }
            guard let account = state.valid.removeValue(forKey: token) else {
                state.refusals[String(token.split(separator: "/").first ?? ""), default: 0] += 1
                return RingListenerResponse(
                    status: 400, contentType: "application/json", text: #"{"error":"invalid_grant"}"#)
            }
            state.rotations[account, default: 0] += 1
            let next = Self.issue(account, &state)
            if case .killAfterRotation(let pid) = state.plan {
                kill(pid, SIGKILL)
                state.plan = .serve
            }
            let text = """
                {"access_token":"access \(next)","refresh_token":"\(next)","expires_in":14400,"token_type":"Bearer"}
                """
            return RingListenerResponse(status: 200, contentType: "application/json", text: text)
        }
    }
}
