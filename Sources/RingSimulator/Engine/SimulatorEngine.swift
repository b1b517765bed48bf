internal import RingCore
internal import RingCrypto
internal import RingListener
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The service's state in its lock, its clock, and its scheduled events.
final class SimulatorEngine: Sendable {
    /// Delays before each attempt, in simulated milliseconds: six retries after the first.
    static let schedule: [Int64] = [0, 1000, 5000, 30_000, 120_000, 600_000, 3_600_000]

    let clock: SimulatedClock
    let scheduler: Scheduler
    let held = HeldRequests()
    private let state: Mutex<ServiceState>

    init(configuration: RingSimulatorConfiguration, key: RingHMACKey) {
        self.clock = SimulatedClock(speed: configuration.speed)
        self.scheduler = Scheduler(clock: self.clock)
        self.state = Mutex(ServiceState(configuration: configuration, key: key, now: self.clock.now))
    }

    /// Changes or reads the state; webhooks that the change has added are scheduled afterwards.
    func step<Result: Sendable>(_ body: (inout ServiceState) -> Result) -> Result {
        let now = self.clock.now
        let (result, outbox, isReordered) = self.state.withLock { state in
            state.now = now
            let result = body(&state)
            defer { state.outbox = [] }
            return (result, state.outbox, state.switches.webhooks.contains(.reordered))
        }
        for delivery in outbox {
            let delay: Int64 = isReordered && delivery % 2 == 0 ? 2000 : 0
            self.scheduler.schedule(at: now + delay) { await self.attempt(delivery, 0) }
        }
        return result
    }

    private func attempt(_ index: Int, _ number: Int) async {
        let (delivery, url, limit) = self.step { state in
            let isOff = state.refusals.isOff
            if isOff { state.deliveries[index].outcome = .switchedOff }
            return (
                state.deliveries[index], isOff ? nil : state.webhookURL,
                state.switches.limit(.webhookResponseMilliseconds)
            )
        }
        guard let url else { return }
        let status = await loopbackPost(
            url, headers: [("Content-Type", "application/json"), ("X-Signature", delivery.signature)],
            body: delivery.body, milliseconds: limit)
        let retryAt = self.step { state -> Int64? in
            state.deliveries[index].statuses.append(status)
            state.refusals.follow(status, at: state.now, limit: state.switches.limit(.webhookRefusals))
            switch status {
            case 200..<300: state.deliveries[index].outcome = .delivered
            case 400..<500: state.deliveries[index].outcome = .refused
            default:
                guard number + 1 < Self.schedule.count else {
                    state.deliveries[index].outcome = .deadLetter
                    return nil
                }
                return state.now + Self.schedule[number + 1]
            }
            return nil
        }
        if let retryAt { self.scheduler.schedule(at: retryAt) { await self.attempt(index, number + 1) } }
    }

    /// Responds to a request and adds it to the journal.
    func respond(
        to request: RingListenerRequest, _ origin: RingSimulatorRequest.Origin
    ) async -> RingListenerResponse {
        if origin == .oauth, self.step({ $0.holds(request) }), await self.held.hold() {
            return self.step { $0.closed(request, origin) }
        }
        let (response, isHeld) = self.step { state in
            let owner = state.owner(of: request, origin)
            let response =
                switch origin {
                case .api: state.api(request)
                case .oauth: request.path.hasSuffix("/authorize") ? state.authorize(request) : state.oauth(request)
                case .media: state.mediaOriginRequest(request)
                case .control: Response.empty(404)
                }
            defer { state.isResponseHeld = false }
            if !state.isResponseHeld { state.note(request, origin, response, owner) }
            return (response, state.isResponseHeld)
        }
        guard isHeld else { return response }
        let isClosing = await self.held.hold()
        return self.step { state in
            if isClosing { return state.closed(request, origin) }
            state.note(request, origin, response, state.owner(of: request, origin))
            return response
        }
    }
}

extension ServiceState {
    /// Closes the connection instead of a response.
    fileprivate mutating func closed(
        _ request: RingListenerRequest, _ origin: RingSimulatorRequest.Origin
    ) -> RingListenerResponse {
        var response = Response.empty(503)
        response.fault = .closeBeforeHeaders
        self.note(request, origin, response, self.owner(of: request, origin))
        return response
    }

    /// Writes a request into the journal.
    fileprivate mutating func note(
        _ request: RingListenerRequest, _ origin: RingSimulatorRequest.Origin, _ response: Response,
        _ owner: RingAccountID?
    ) {
        self.journal.append(
            RingSimulatorRequest(
                origin: origin, method: request.method, path: request.path,
                query: origin == .media
                    ? request.queryItems.map(\.name).joined(separator: "&") : redacted(request.query),
                hasAuthorization: request.headers["Authorization"] != nil,
                contentType: request.headers["Content-Type"], grantType: origin == .oauth ? request.grantType : nil,
                account: owner, status: response.fault == .closeBeforeHeaders ? 0 : response.status,
                time: Date(epochMilliseconds: self.now)))
    }
}

/// A query without the values that look like secrets.
private func redacted(_ query: String?) -> String? {
    query.map { query in
        query.split(separator: "&").map { pair in
            ["code", "token", "secret"].contains { pair.lowercased().contains($0) }
                ? String(pair.prefix { $0 != "=" }) : String(pair)
        }.joined(separator: "&")
    }
}
