internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Sends one offer with one POST, and opens a session or cleans up after every failure.
///
/// Runs in a task of its own that the caller's cancellation does not reach. A POST that was sent has to be completed,
/// because otherwise the URL of the session to close would be unknown.
struct WHEPNegotiation: Sendable {
    let context: WHEPStartContext
    let counterAnswer: (@Sendable (SDP) async throws -> SDP?)?
    private var api: RingAPIClient { self.context.api }
    private var clock: any RingClock { self.context.clock }

    init(context: WHEPStartContext, counterAnswer: (@Sendable (SDP) async throws -> SDP?)?) {
        self.context = context
        self.counterAnswer = counterAnswer
    }

    func run(_ offer: SDP) async throws -> WHEPSession {
        let own = RingDeadline(in: self.context.configuration.startTimeout, clock: self.clock)
        let deadline = min(own, self.context.configuration.startDeadline ?? own)
        let sessions: URL
        let response: RingHTTPResponse
        let responding: URL
        do {
            sessions = try self.request(offer).url
            (response, responding) = try await self.post(offer, deadline: deadline)
        } catch {
            await self.noSession(after: error)
            throw error
        }
        let openedAt = self.clock.uptime()
        let date = self.clock.now()
        let mayHaveOpened =
            (200..<300).contains(response.status)
            || (response.status == 406 && response.mediaType == WHEPCounterOffer.mediaType)
        guard mayHaveOpened else {
            var error = await self.api.error(for: response, to: .startLive)
            error.explain(offer, component: self.context.options.component)
            if !Self.provesNothingOpened(error) { error.delivery = .unknown }
            await self.noSession(after: error)
            throw error
        }
        let pinned = WHEPLocation.pinned(
            response.headerFields[values: .location].first, responding: responding, sessions: sessions)
        let url: URL
        switch pinned {
        case .success(let pinned): url = pinned
        case .failure(let flaw):
            let error = self.unusable(response, "\(flaw.message); the session may run until Ring's limit")
            await self.lost(error.code.rawValue)
            throw error
        }
        let hub = WHEPUpdateHub()
        let closer = WHEPSessionCloser(url: url, context: self.context, hub: hub)
        do {
            try await self.context.ledger.update(
                self.context.recordID, sessionURL: url,
                ringTime: response.headerFields[.date].flatMap { RingHTTPDate.parse($0, now: date) },
                mayRunUntil: date + self.context.maximumDuration.seconds, maximumRun: self.context.maximumDuration)
            if let reason = self.context.ledger.attach(closer.handle, to: self.context.recordID) {
                _ = await closer.close(reason)
                throw RingError.liveSessionEnded(reason)
            }
            let answer = try await self.answer(in: response, at: url, offer: offer, deadline: deadline)
            let tag = response.headerFields[.eTag]?.trimmed
            let patchTypes = response.headerFields["Accept-Patch"]?.lowercased() ?? ""
            let opened = WHEPOpened(
                url: url, answer: answer, isCounterOffer: response.status == 406, openedAt: openedAt, date: date,
                iceServers: RingHTTPLink.links(response.headerFields[values: .link]).compactMap(WHEPICEServer.init),
                entityTag: tag,
                acceptsICEChanges: patchTypes.contains("trickle-ice-sdpfrag") || tag != nil)
            self.api.environment.observer.observe(
                WHEPSessionOpened(
                    device: self.context.device, account: self.api.account,
                    repairs: answer.repairs.map(\.kind.rawValue)))
            return WHEPSession(opened, context: self.context, closer: closer, hub: hub)
        } catch {
            let outcome = await closer.close(.failed)
            throw Self.noting(outcome, in: error, response)
        }
    }

    // MARK: The POST

    private func request(_ offer: SDP) throws -> RingHTTPRequest {
        var request = try self.api.request(
            .post,
            path: ["v1", "devices", self.context.device.rawValue, "media", "streaming", "whep", "sessions"],
            query: [("component_id", self.context.options.component?.rawValue)])
        request.headerFields[.accept] = WHEPCounterOffer.mediaType
        request.headerFields[.contentType] = WHEPCounterOffer.mediaType
        request.body = RingHTTPBody(offer.encoded())
        return request
    }

    /// Sends the offer. Follows 307 and 308, with the body, on the same origin only.
    private func post(_ offer: SDP, deadline: RingDeadline) async throws -> (RingHTTPResponse, URL) {
        let limit = self.context.configuration.startTimeout
        var request = try self.request(offer)
        let sending = self.api.context(
            for: .startLive, deadline: deadline, timeouts: RingTimeouts(firstByte: limit, silence: limit))
        for _ in 0...self.context.configuration.maximumRedirectCount {
            let api = self.api
            let final = request
            let response = try await deadline.run(self.clock, of: .startLive) {
                try await api.exchange(final, context: sending)
            }
            guard (300..<400).contains(response.status) else { return (response, request.url) }
            guard response.status == 307 || response.status == 308,
                let location = response.headerFields[values: .location].first
            else {
                var error = await self.api.error(for: response, to: .startLive)
                // 303 is the response to a request that was carried out (RFC 9110, 15.4.4).
                if response.status == 303 { error.delivery = .unknown }
                throw error
            }
            request.url = try RingURL.url(location, against: request.url, operation: .startLive)
        }
        throw RingError(
            code: .redirectRefused, message: "the offer was redirected too often; nothing was opened",
            operation: .startLive, delivery: .responded)
    }

    // MARK: The answer

    private func answer(
        in response: RingHTTPResponse, at url: URL, offer: SDP, deadline: RingDeadline
    ) async throws -> SDPCheckedAnswer {
        guard response.status == 201 || response.status == 406 else {
            throw self.unusable(response, "has status \(response.status) in place of 201")
        }
        guard response.mediaType == WHEPCounterOffer.mediaType else {
            throw self.unusable(response, "has a media type other than application/sdp")
        }
        let limit = self.context.configuration.maximumBodyBytes
        let body = try await deadline.run(self.clock, of: .startLive) { try await response.body.bytes(upTo: limit) }
        let sdp: SDP
        do throws(SDPError) {
            sdp = try SDP(parsing: body, maximumBytes: limit)
        } catch {
            throw self.unusable(response, "has no valid SDP (\(error))", cause: error)
        }
        if response.status == 406 {
            try await WHEPCounterOffer(context: self.context, counterAnswer: self.counterAnswer)
                .accept(sdp, in: response, at: url)
            return SDPCheckedAnswer(sdp)
        }
        do throws(SDPCheckError) {
            return try sdp.checked(
                against: offer, turnsActpassIntoPassive: self.context.options.turnsActpassIntoPassive)
        } catch {
            throw self.unusable(response, "has an SDP answer that cannot be used (\(error))", cause: error)
        }
    }

    // MARK: Failures

    private func unusable(
        _ response: RingHTTPResponse, _ flaw: String, cause: (any Error)? = nil
    ) -> RingError {
        RingError(
            code: .unusableAnswer, message: "the response to the offer \(flaw)", operation: .startLive,
            status: response.status, requestID: response.requestID, delivery: .responded, cause: cause)
    }

    /// Records that no session was opened, or that it is unknown.
    private func noSession(after error: any Error) async {
        if let error = error as? RingError, error.delivery != .unknown {
            await self.context.ledger.remove(self.context.recordID)
            await self.context.governor.release(self.context.admission)
            self.context.ledger.finish(self.context.recordID, mayStillRun: false)
        } else {
            await self.lost((error as? RingError)?.code.rawValue ?? "cancelled")
        }
    }

    /// Whether an error status proves that no session was opened.
    ///
    /// A gateway sends 408, 502 and 504 when it stopped waiting for Ring, which may have opened a session by then. 500 and
    /// 503 are Ring's own only with an error object of Ring's; without one a gateway may have sent them.
    private static func provesNothingOpened(_ error: RingError) -> Bool {
        switch error.status ?? 0 {
        case 408, 499, 502, 504: false
        case 300..<500: true
        case 500..<600: !error.errors.isEmpty
        default: false
        }
    }

    /// Keeps the record until the session has certainly ended, because a camera may be streaming and there is no URL.
    private func lost(_ reason: String) async {
        await self.context.ledger.keep(self.context.recordID, for: self.context.maximumDuration)
        await self.context.governor.release(self.context.admission, after: self.context.maximumDuration)
        self.context.ledger.finish(self.context.recordID, mayStillRun: true)
        self.api.environment.observer.observe(
            WHEPStartLost(device: self.context.device, account: self.api.account, reason: reason))
    }

    private static func noting(
        _ outcome: WHEPCloseOutcome, in error: any Error, _ response: RingHTTPResponse
    ) -> any Error {
        guard var error = error as? RingError else { return error }
        if error.operation == nil { error.operation = .startLive }
        if error.requestID == nil { error.requestID = response.requestID }
        error.message +=
            outcome.isOver ? "; the session was closed" : "; the session could not be closed and runs until its limit"
        return error
    }
}

extension RingError {
    /// Names the likely causes of a refused start, which Ring's own words do not.
    fileprivate mutating func explain(_ offer: SDP, component: RingComponentID?) {
        switch self.status {
        case 404:
            self.message =
                "Ring has no live video of this device\(self.quote); it is no longer shared, or has no camera, such as a "
                + "chime: list the devices and check their capabilities"
        case 400, 422, 500:
            // Ring responds with 500 to offers that it cannot work with.
            func rank(_ finding: SDPFinding) -> Int {
                finding.severity == .error ? 0 : finding.code == .noHighProfile ? 1 : 2
            }
            let causes = offer.offerFindings().filter { $0.severity != .note }.sorted { rank($0) < rank($1) }
                .prefix(3).map { "\($0.message); \($0.fix)" }.joined(separator: " | ")
            let isRefusal = self.status != 500
            var advice: [String] = []
            if isRefusal, component != nil { advice.append("check the component in the device's capabilities") }
            if !causes.isEmpty {
                advice.append("likely cause\(advice.isEmpty ? "" : " in the offer"): \(causes)")
            } else if advice.isEmpty {
                advice = [
                    isRefusal && !self.quote.isEmpty
                        ? "the offer shows no other cause: correct what Ring names"
                        : "the offer shows no cause: try a new one later"
                ]
            }
            self.message =
                "Ring did not start live video with this offer (status \(self.status ?? 0))\(self.quote); "
                + advice.joined(separator: "; ")
        default: break
        }
    }
}
