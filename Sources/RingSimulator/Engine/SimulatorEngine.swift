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
    let clock: SimulatedClock
    let scheduler: Scheduler
    let sender: WebhookSender
    let partner: PartnerEnd
    let held = HeldRequests()
    let changes = SimulatorChanges()
    /// The pages that are open.
    let streams = StreamPlaces()
    /// The live sessions that send a moving picture.
    let liveStreams = LiveStreams()
    private let log: RequestLog?
    private let state: Mutex<ServiceState>
    private let lastDate = Mutex<(second: Int64, text: String)>((.min, ""))

    /// - Parameters:
    ///   - base: The clock that the simulated one follows; `nil` for the machine's.
    ///   - network: Sends webhooks and codes that no handler in this process takes; `nil` for nothing.
    init(
        configuration: RingSimulatorConfiguration, key: RingHMACKey, base: (any RingClock)? = nil,
        network: (any RingTransport)?
    ) {
        self.clock = SimulatedClock(speed: configuration.speed, base: base)
        self.partner = PartnerEnd(clock: self.clock, network: network)
        self.scheduler = Scheduler(clock: self.clock)
        self.log = configuration.requestLog.map { RequestLog(write: $0) }
        self.sender = WebhookSender(transport: self.partner, clock: base ?? RingSystemClock())
        self.state = Mutex(ServiceState(configuration: configuration, key: key, now: self.clock.now))
    }

    /// Changes or reads the state; webhooks that the change has added are scheduled afterwards.
    func step<Result: Sendable>(_ body: (inout ServiceState) -> Result) -> Result {
        let now = self.clock.now
        let (result, planned, changed) = self.state.withLock { state in
            state.now = now
            let result = body(&state)
            let planned = state.plannedAttempts()
            defer { state.changed = [] }
            return (result, planned, state.changed)
        }
        for attempt in planned { self.schedule(attempt) }
        self.changes.note(changed)
        return result
    }

    func schedule(_ attempt: PlannedAttempt) {
        self.scheduler.schedule(at: attempt.due, .delivery { await self.make(attempt) })
    }

    private func make(_ attempt: PlannedAttempt) async {
        guard let (delivery, url, limit) = self.step({ $0.begin(attempt) }) else { return }
        let outcome = await self.sender.post(
            url, fields: ["Content-Type": "application/json", "X-Signature": delivery.signature],
            body: delivery.body, milliseconds: limit)
        if let next = self.step({ $0.end(attempt, url, outcome) }) { self.schedule(next) }
        self.log?.note(delivery, url, outcome, at: self.clock.now)
    }

    func stop() {
        self.scheduler.stop()
        self.held.stop()
        self.liveStreams.stop()
        self.changes.stop()
    }

    /// Responds to a request and adds it to the journal.
    func respond(
        to request: RingListenerRequest, _ origin: RingSimulatorRequest.Origin
    ) async -> RingListenerResponse {
        var (response, entry) = await self.responseWithEntry(to: request, origin)
        if let entry { self.log?.note(entry) }
        // By the simulated clock, so that a service can see whether its own agrees.
        response.headers[.date] = self.date()
        return response
    }

    /// The simulated time as a header field, which is the same for a second.
    private func date() -> String {
        let second = Int64((Double(self.clock.now) / 1000).rounded(.down))
        return self.lastDate.withLock { last in
            if last.second != second {
                last = (second, RingHTTPDate.format(Date(timeIntervalSince1970: Double(second))))
            }
            return last.text
        }
    }

    private func responseWithEntry(
        to request: RingListenerRequest, _ origin: RingSimulatorRequest.Origin
    ) async -> (RingListenerResponse, JournalEntry?) {
        let begin = ContinuousClock.now
        if origin == .oauth, self.step({ $0.holds(request) }), await self.hold() {
            return self.step { $0.closed(request, origin, begin) }
        }
        let (response, entry, opened) = self.step { state -> (RingListenerResponse, JournalEntry?, OpenedSession?) in
            let owner = state.owner(of: request, origin)
            let response =
                switch origin {
                case .api: state.api(request)
                case .oauth: request.path.hasSuffix("/authorize") ? state.authorize(request) : state.oauth(request)
                case .media: state.mediaOriginRequest(request)
                case .control: Response.empty(404)
                }
            let opened = state.openedSession
            defer { (state.isResponseHeld, state.openedSession) = (false, nil) }
            let isLater = state.isResponseHeld || opened != nil
            return (response, isLater ? nil : state.note(request, origin, response, owner, begin), opened)
        }
        if let entry { return (response, entry) }
        if let opened {
            let response = await self.withMovingPicture(response, opened).response
            return self.step { state in
                (response, state.note(request, origin, response, state.owner(of: request, origin), begin))
            }
        }
        let isClosing = await self.hold()
        return self.step { state in
            if isClosing { return state.closed(request, origin, begin) }
            return (response, state.note(request, origin, response, state.owner(of: request, origin), begin))
        }
    }

    private func hold() async -> Bool {
        defer { self.changes.note(.held) }
        return await self.held.hold { self.changes.note(.held) }
    }
}

extension ServiceState {
    /// Forgets the journal and begins with these requests.
    mutating func replaceJournal(with requests: [RingSimulatorRequest]) {
        self.journal.removeAll()
        self.authorizationsAtMedia = requests.count { $0.origin == .media && $0.hasAuthorization }
        for request in requests {
            let entry = JournalEntry(number: self.journal.nextNumber, request: request)
            self.journal.append(entry, bytes: entry.bytes)
        }
        self.changed.insert(.journal)
    }

    /// Closes the connection instead of a response.
    fileprivate mutating func closed(
        _ request: RingListenerRequest, _ origin: RingSimulatorRequest.Origin, _ begin: ContinuousClock.Instant
    ) -> (RingListenerResponse, JournalEntry?) {
        var response = Response.empty(503)
        response.fault = .closeBeforeHeaders
        return (response, self.note(request, origin, response, self.owner(of: request, origin), begin))
    }

    /// Writes a request into the journal.
    fileprivate mutating func note(
        _ request: RingListenerRequest, _ origin: RingSimulatorRequest.Origin, _ response: Response,
        _ owner: RingAccountID?, _ begin: ContinuousClock.Instant
    ) -> JournalEntry {
        let hasAuthorization = request.headers["Authorization"] != nil
        if origin == .media && hasAuthorization { self.authorizationsAtMedia += 1 }
        let entry = JournalEntry(
            number: self.journal.nextNumber,
            request: RingSimulatorRequest(
                origin: origin, method: request.method,
                path: SecretFilter.path(request.path, isMedia: origin == .media),
                query: origin == .media
                    ? SecretFilter.issued(request.queryItems.map(\.name).joined(separator: "&"))
                    : SecretFilter.query(request.query),
                hasAuthorization: hasAuthorization, contentType: request.headers["Content-Type"],
                grantType: origin == .oauth ? SecretFilter.grantType(request.grantType) : nil, account: owner,
                status: response.fault == .closeBeforeHeaders ? 0 : response.status,
                time: Date(epochMilliseconds: self.now)),
            from: request, response: response, duration: ContinuousClock.now - begin)
        self.journal.append(entry, bytes: entry.bytes)
        self.changed.insert(.journal)
        return entry
    }
}
