internal import RingCrypto
internal import RingListener
internal import Synchronization

/// The world behind its lock, its clock, and what happens later.
final class SimulatorEngine: Sendable {
    /// Delays before each attempt, in simulated milliseconds: six retries after the first.
    static let schedule: [Int64] = [0, 1000, 5000, 30_000, 120_000, 600_000, 3_600_000]

    let clock: SimulatedClock
    let scheduler: Scheduler
    let held = HeldRequests()
    private let world: Mutex<World>

    init(configuration: RingSimulatorConfiguration, key: RingHMACKey) {
        self.clock = SimulatedClock(speed: configuration.speed)
        self.scheduler = Scheduler(clock: self.clock)
        self.world = Mutex(World(configuration: configuration, key: key, now: self.clock.now))
    }

    /// One step of the world; what it wants sent is sent afterwards.
    func step<Result: Sendable>(_ body: (inout World) -> Result) -> Result {
        let now = self.clock.now
        let (result, outbox, isReordered) = self.world.withLock { world in
            world.now = now
            let result = body(&world)
            defer { world.outbox = [] }
            return (result, world.outbox, world.switches.webhookReordered)
        }
        for delivery in outbox {
            let delay: Int64 = isReordered && delivery % 2 == 0 ? 2000 : 0
            self.scheduler.schedule(at: now + delay) { await self.attempt(delivery, 0) }
        }
        return result
    }

    private func attempt(_ index: Int, _ number: Int) async {
        let (delivery, url, limit) = self.step {
            ($0.deliveries[index], $0.webhookURL, $0.switches.webhookAnswerMilliseconds)
        }
        guard let url else { return }
        let status = await loopbackPost(
            url, headers: [("Content-Type", "application/json"), ("X-Signature", delivery.signature)],
            body: delivery.body, milliseconds: limit)
        let retryAt = self.step { world -> Int64? in
            world.deliveries[index].statuses.append(status)
            switch status {
            case 200..<300: world.deliveries[index].outcome = .delivered
            case 400..<500: world.deliveries[index].outcome = .refused
            default:
                guard number + 1 < Self.schedule.count else {
                    world.deliveries[index].outcome = .deadLetter
                    return nil
                }
                return world.now + Self.schedule[number + 1]
            }
            return nil
        }
        if let retryAt { self.scheduler.schedule(at: retryAt) { await self.attempt(index, number + 1) } }
    }

    /// Answers a request and writes it down.
    func answer(
        _ request: RingListenerRequest, _ origin: RingSimulatorRequest.Origin
    ) async -> RingListenerResponse {
        if origin == .oauth, self.step({ $0.holds(request) }), await self.held.hold() {
            return self.step { $0.closed(request, origin) }
        }
        let (answer, isHeld) = self.step { world in
            let owner = world.owner(of: request, origin)
            let answer =
                switch origin {
                case .api: world.api(request)
                case .oauth: request.path.hasSuffix("/authorize") ? world.authorize(request) : world.oauth(request)
                case .media: world.mediaOriginRequest(request)
                case .control: Answer.empty(404)
                }
            defer { world.isAnswerHeld = false }
            if !world.isAnswerHeld { world.note(request, origin, answer, owner) }
            return (answer, world.isAnswerHeld)
        }
        guard isHeld else { return answer }
        let isClosing = await self.held.hold()
        return self.step { world in
            if isClosing { return world.closed(request, origin) }
            world.note(request, origin, answer, world.owner(of: request, origin))
            return answer
        }
    }
}

extension World {
    /// Closes the connection instead of an answer.
    fileprivate mutating func closed(
        _ request: RingListenerRequest, _ origin: RingSimulatorRequest.Origin
    ) -> RingListenerResponse {
        var answer = Answer.empty(503)
        answer.fault = .closeBeforeHeaders
        self.note(request, origin, answer, self.owner(of: request, origin))
        return answer
    }

    /// Writes a request into the journal.
    fileprivate mutating func note(
        _ request: RingListenerRequest, _ origin: RingSimulatorRequest.Origin, _ answer: Answer, _ owner: String?
    ) {
        self.journal.append(
            RingSimulatorRequest(
                origin: origin, method: request.method, path: request.path,
                query: origin == .media
                    ? request.queryItems.map(\.name).joined(separator: "&") : redacted(request.query),
                hasAuthorization: request.headers["Authorization"] != nil,
                contentType: request.headers["Content-Type"], grantType: origin == .oauth ? request.grantType : nil,
                account: owner, status: answer.fault == .closeBeforeHeaders ? 0 : answer.status, time: self.now))
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
