internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Answers the server's own offer (406) with a PATCH of the session. WHEP sections 4.2.2 and 4.2.3.
struct WHEPCounterOffer: Sendable {
    let context: WHEPStartContext
    let counterAnswer: (@Sendable (SDP) async throws -> SDP?)?
    /// How long an offer is valid by default.
    private static let validity = Duration.seconds(30)

    static let mediaType = "application/sdp"

    func accept(_ offer: SDP, in response: RingHTTPResponse, at url: URL) async throws {
        guard self.context.options.acceptsCounterOffer, let counterAnswer = self.counterAnswer else {
            throw Self.unanswered(response)
        }
        let sends = offer.media.contains { section in
            section.kind == .video && !section.isRejected && [.sendonly, .sendrecv].contains(section.direction)
        }
        guard sends else {
            throw RingError(
                code: .unusableAnswer, message: "the server's own offer has no video section that sends",
                operation: .startLive, status: 406, requestID: response.requestID, delivery: .responded)
        }
        let clock = self.context.clock
        let deadline = RingDeadline(in: Self.validity(response, now: clock.now()), clock: clock)
        let made = try await deadline.run(clock, of: .updateLive) { try await counterAnswer(offer) }
        guard let answer = made else { throw Self.unanswered(response) }
        guard answer.media.allSatisfy({ $0.port == 0 || $0.direction == .recvonly || $0.direction == .inactive }) else {
            throw RingError(
                code: .unusableOffer, message: "the engine's answer to the server's offer has to be recvonly",
                operation: .updateLive)
        }
        let request = RingHTTPRequest(
            method: .patch, url: url, headerFields: [.contentType: WHEPCounterOffer.mediaType],
            body: RingHTTPBody(answer.encoded()))
        let api = self.context.api
        let sending = api.context(for: .updateLive, deadline: deadline)
        let accepted = try await deadline.run(clock, of: .updateLive) {
            try await api.exchange(request, context: sending)
        }
        guard (200..<300).contains(accepted.status) else { throw await api.error(for: accepted, to: .updateLive) }
    }

    private static func unanswered(_ response: RingHTTPResponse) -> RingError {
        RingError(
            code: .counterOffered,
            message:
                "the server responded with an offer of its own; allow it in the options and use an engine that can answer",
            operation: .startLive, status: 406, requestID: response.requestID, delivery: .responded)
    }

    /// Wire: parameter `valid-until="HTTP-date"` of the Content-Type.
    private static func validity(_ response: RingHTTPResponse, now: Date) -> Duration {
        let field = response.headerFields[.contentType] ?? ""
        guard let name = field.firstRange(of: "valid-until="),
            let date = RingHTTPDate.parse(field[name.upperBound...].filter { $0 != "\"" }.trimmed, now: now)
        else { return Self.validity }
        return .seconds(min(max(date.timeIntervalSince(now), 1), 300))
    }
}
