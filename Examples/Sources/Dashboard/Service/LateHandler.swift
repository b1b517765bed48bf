import RingListener
import RingPartner
import Synchronization

/// The handler of a listener that starts before the service: the service has to know its port. Requests that come in between wait.
final class LateHandler: Sendable {
    typealias Handler = @Sendable (RingHTTPRequest) async -> RingHTTPResponse
    private enum State {
        case waiting([CheckedContinuation<Handler, Never>])
        case ready(Handler)
    }
    private let state = Mutex(State.waiting([]))

    func set(_ handler: @escaping Handler) {
        let waiting: [CheckedContinuation<Handler, Never>] = self.state.withLock { state in
            defer { state = .ready(handler) }
            guard case .waiting(let waiting) = state else { return [] }
            return waiting
        }
        for request in waiting { request.resume(returning: handler) }
    }

    func respond(to request: RingHTTPRequest) async -> RingHTTPResponse {
        let handler = await withCheckedContinuation { continuation in
            let handler: Handler? = self.state.withLock { state in
                switch state {
                case .ready(let handler): return handler
                case .waiting(let others):
                    state = .waiting(others + [continuation])
                    return nil
                }
            }
            if let handler { continuation.resume(returning: handler) }
        }
        return await handler(request)
    }
}
