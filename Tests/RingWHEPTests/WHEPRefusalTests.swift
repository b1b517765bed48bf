import Foundation
import RingCore
import RingTesting
import RingWHEP
import Testing

/// What a refused start says.
@Suite(.timeLimit(.minutes(1))) struct WHEPRefusalTests {
    private func refused(_ status: Int, _ body: String = "", offer: SDP) async throws -> RingError {
        let stub = LiveStub(post: { _, _ in RingHTTPResponse(status: status, body: RingHTTPBody(body)) })
        return try #require(
            await #expect(throws: RingError.self) { try await stub.client().open(LiveStub.device, offer: offer) })
    }

    @Test(arguments: [400, 422, 500]) func aRefusedOfferNamesTheFindingThatMayBeTheCause(status: Int) async throws {
        let error = try await self.refused(status, offer: Fixture.sdp("offer-aiortc-video"))
        #expect(error.message.contains("no H.264 High profile"))
        #expect(error.message.contains("64001f"))
        #expect(!error.message.contains("try again later"))
        for secret in ["9U9NfChaT9MyD5GdVE3LOi", "127.0.0.1", "canary"] { #expect(!error.message.contains(secret)) }
    }

    @Test func theKnownCauseComesBeforeOtherWarnings() async throws {
        let offer = try Fixture.edited("offer-libdatachannel024-video", ("a=mid:0\r\n", ""))
        let message = try await self.refused(500, offer: offer).message
        let cause = try #require(message.range(of: "no H.264 High profile"))
        let other = try #require(message.range(of: "no a=mid"))
        #expect(cause.lowerBound < other.lowerBound)
    }

    @Test func ringsOwnWordsAreKept() async throws {
        let body = #"{"errors":[{"title":"Bad Request","detail":"no such lens"}]}"#
        let error = try await self.refused(400, body, offer: Fixture.sdp("offer-aiortc-video"))
        #expect(error.message.contains("“no such lens”") && error.code == .badRequest)
    }

    /// An offer without any finding.
    @Test func aGoodOfferMayBeTriedAgain() async throws {
        let offer = try Fixture.edited(
            "offer-aiortc-video", ("42e01f", "64001f"), ("typ host", "typ srflx raddr 10.0.0.1 rport 1"))
        #expect(offer.offerFindings() == [])
        let error = try await self.refused(500, offer: offer)
        #expect(error.message.contains("shows no cause") && error.code == .serverFailure)
    }

    @Test func aDeviceWithoutACameraIsNamedAsAPossibleCause() async throws {
        let error = try await self.refused(404, offer: Fixture.sdp("offer-aiortc-video"))
        #expect(error.code == .deviceNotFound)
        #expect(error.message.contains("no camera") && error.message.contains("chime"))
        #expect(error.message.contains("list the devices"))
    }
}
