internal import RingCore

extension WHEPSession {
    private static let fragment = "application/trickle-ice-sdpfrag"

    /// Sends candidates that were gathered after the offer.
    ///
    /// Ring documents no such thing and wants every candidate in the offer; other WHEP servers take it. The session goes
    /// on whatever happens. Wire: PATCH, WHEP section 4.4.2.
    ///
    /// - Parameter fragment: Made from the offer, with the new candidates.
    /// - Throws: `RingError` with `iceUpdateUnsupported` when the server does not take candidates, `liveSessionEnded` when
    ///   the session is over; what the status says.
    public func trickle(_ fragment: SDPFragment) async throws {
        let response = try await self.patch(fragment, ifMatch: self.entityTag)
        guard (200..<300).contains(response.status) else { throw await self.failure(response) }
    }

    /// Restarts ICE with new credentials and candidates, for a viewer whose network changed.
    ///
    /// A failure leaves the session as it was. Wire: PATCH with `If-Match: *`, WHEP section 4.4.3.
    ///
    /// - Parameter fragment: The new credentials and all candidates.
    /// - Returns: The server's new credentials and candidates, which replace all earlier ones.
    /// - Throws: As ``trickle(_:)``; `RingError` with `malformedResponse` when the answer is no fragment.
    public func restartICE(_ fragment: SDPFragment) async throws -> SDPFragment {
        let response = try await self.patch(fragment, ifMatch: "*")
        guard response.status == 200 else {
            guard (200..<300).contains(response.status) else { throw await self.failure(response) }
            throw Self.malformed(response, "status \(response.status) in place of 200", nil)
        }
        guard response.mediaType == Self.fragment else {
            throw Self.malformed(response, "another media type than \(Self.fragment)", nil)
        }
        let limit = self.context.configuration.maximumAnswerBytes
        let body = try await response.body.bytes(upTo: limit)
        let answer: SDPFragment
        do throws(SDPError) {
            answer = try SDPFragment(parsing: body, maximumBytes: limit)
        } catch {
            throw Self.malformed(response, "no fragment (\(error))", error)
        }
        self.setEntityTag(response.headerFields[.eTag])
        return answer
    }

    private func patch(
        _ fragment: SDPFragment, ifMatch tag: String?
    ) async throws -> RingHTTPResponse {
        guard self.endReason == nil else {
            throw RingError(
                code: .liveSessionEnded, message: "the live session has ended; open another one", operation: .updateLive
            )
        }
        let api = self.context.api
        let deadline = RingDeadline(in: self.context.configuration.closeTimeout, clock: api.environment.clock)
        var request = RingHTTPRequest(
            method: .patch, url: self.url, headerFields: [.contentType: Self.fragment],
            body: RingHTTPBody(fragment.encoded()))
        request.headerFields[.ifMatch] = tag
        let (final, sending) = (request, api.context(for: .updateLive, deadline: deadline))
        return try await deadline.run(api.environment.clock, of: .updateLive) {
            try await api.exchange(final, context: sending)
        }
    }

    private func failure(_ response: RingHTTPResponse) async -> RingError {
        var error = await self.context.api.error(for: response, to: .updateLive)
        switch response.status {
        case 405, 415, 422, 501:
            error.code = .iceUpdateUnsupported
            error.message = "the server does not take ICE changes of this kind; put every candidate into the offer"
        case 412:
            error.message = "the server's ICE state is newer than ours; restart ICE"
        case 428:
            error.message = "the server wants an entity tag and has sent none; put every candidate into the offer"
        default: break
        }
        return error
    }

    private static func malformed(
        _ response: RingHTTPResponse, _ flaw: String, _ cause: (any Error)?
    ) -> RingError {
        RingError(
            code: .malformedResponse, message: "the answer to the ICE restart has \(flaw); the session goes on",
            operation: .updateLive, status: response.status, requestID: response.requestID, delivery: .answered,
            cause: cause)
    }
}
