internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Sends ICE changes of one session. Wire: PATCH, WHEP section 4.4.
struct WHEPICEPatch: Sendable {
    let url: URL
    let context: WHEPStartContext
    private static let mediaType = "application/trickle-ice-sdpfrag"

    /// Sends further candidates.
    func trickle(_ fragment: SDPFragment, entityTag: String?) async throws {
        let response = try await self.send(fragment, ifMatch: entityTag)
        guard (200..<300).contains(response.status) else { throw await self.failure(response) }
    }

    /// Sends new credentials.
    ///
    /// - Returns: The server's fragment and the new entity tag.
    func restart(_ fragment: SDPFragment) async throws -> (SDPFragment, entityTag: String?) {
        let response = try await self.send(fragment, ifMatch: "*")
        guard response.status == 200 else {
            guard (200..<300).contains(response.status) else { throw await self.failure(response) }
            throw Self.malformed(response, "status \(response.status) in place of 200", nil)
        }
        guard response.mediaType == Self.mediaType else {
            throw Self.malformed(response, "a media type other than \(Self.mediaType)", nil)
        }
        let limit = self.context.configuration.maximumBodyBytes
        let body = try await response.body.bytes(upTo: limit)
        do throws(SDPError) {
            return (try SDPFragment(parsing: body, maximumBytes: limit), response.headerFields[.eTag])
        } catch {
            throw Self.malformed(response, "no fragment (\(error))", error)
        }
    }

    private func send(
        _ fragment: SDPFragment, ifMatch tag: String?
    ) async throws -> RingHTTPResponse {
        let api = self.context.api
        let deadline = RingDeadline(in: self.context.configuration.closeTimeout, clock: api.environment.clock)
        var request = RingHTTPRequest(
            method: .patch, url: self.url, headerFields: [.contentType: Self.mediaType],
            body: RingHTTPBody(fragment.text))
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
            error.message = "the server does not accept ICE changes of this kind; put every candidate into the offer"
        case 412:
            error.message = "the server's ICE state is newer than the local one; restart ICE"
        case 428:
            error.message = "the server requires an entity tag and has sent none; put every candidate into the offer"
        default: break
        }
        return error
    }

    private static func malformed(
        _ response: RingHTTPResponse, _ flaw: String, _ cause: (any Error)?
    ) -> RingError {
        RingError(
            code: .malformedResponse, message: "the response to the ICE restart has \(flaw); the session goes on",
            operation: .updateLive, status: response.status, requestID: response.requestID, delivery: .responded,
            cause: cause)
    }
}
