import Foundation
import RingCore
import RingTesting
import RingWHEP
import Testing

/// What a refused start says, and links of the server as it sent them.
@Suite(.timeLimit(.minutes(1))) struct WHEPRefusalTests {
    private func refused(
        _ status: Int, _ body: String = "", offer: SDP, component: RingComponentID? = nil
    ) async throws -> RingError {
        let stub = LiveStub(post: { _, _ in RingHTTPResponse(status: status, body: RingHTTPBody(body)) })
        let options = WHEPSessionOptions(component: component)
        return try #require(
            await #expect(throws: RingError.self) {
                try await stub.client().open(LiveStub.device, offer: offer, options: options)
            })
    }

    private static func goodOffer() throws -> SDP {
        let offer = try Fixture.edited(
            "offer-aiortc-video", ("42e01f", "64001f"), ("typ host", "typ srflx raddr 10.0.0.1 rport 1"))
        #expect(offer.offerFindings() == [])
        return offer
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

    /// Ring's words are the cause, which another try would meet again.
    @Test(arguments: [400, 422]) func aCauseThatRingNamesIsNotDenied(status: Int) async throws {
        let body = #"{"errors":[{"detail":"no such component"}]}"#
        for component in [RingComponentID(rawValue: "nope"), nil] {
            let error = try await self.refused(status, body, offer: Self.goodOffer(), component: component)
            #expect(error.message.contains("“no such component”"))
            #expect(!error.message.contains("shows no cause") && !error.message.contains("later"))
            #expect(error.message.contains("check the component") == (component != nil))
        }
    }

    @Test func aComponentComesBeforeTheFindingsOfTheOffer() async throws {
        let offer = try Fixture.sdp("offer-aiortc-video")
        let message = try await self.refused(400, offer: offer, component: RingComponentID(rawValue: "nope")).message
        let component = try #require(message.range(of: "check the component"))
        let finding = try #require(message.range(of: "no H.264 High profile"))
        #expect(component.lowerBound < finding.lowerBound)
    }

    /// An offer without any finding.
    @Test func aGoodOfferMayBeTriedAgain() async throws {
        let error = try await self.refused(500, offer: Self.goodOffer())
        #expect(error.message.contains("shows no cause") && error.code == .serverFailure)
    }

    @Test func aDeviceWithoutACameraIsNamedAsAPossibleCause() async throws {
        let error = try await self.refused(404, offer: Fixture.sdp("offer-aiortc-video"))
        #expect(error.code == .deviceNotFound)
        #expect(error.message.contains("no camera") && error.message.contains("chime"))
        #expect(error.message.contains("list the devices"))
    }

    // MARK: Before the POST

    @Test(arguments: [
        ("offer-video-port-0", "", ""), ("offer-video-port-0", "m=audio 56035", "m=audio 0"),
        ("offer-bundle-only-without-rtcp-mux", "m=video 9", "m=video 0"),
        ("offer-aiortc-video", "m=video 34847", "m=video 0 "),
    ])
    func anOfferWithNothingToShowWakesNoCamera(name: String, old: String, new: String) async throws {
        let offer = try SDP(try Fixture.text(name).replacing(old, with: new))
        let stub = LiveStub()
        let error = await #expect(throws: RingError.self) {
            try await stub.client().open(LiveStub.device, offer: offer)
        }
        #expect(error?.code == .unusableOffer && error?.message.contains("port 0") == true)
        #expect(stub.requests.isEmpty)
    }

    @Test(arguments: ["offer-bundle-only-without-rtcp-mux", "offer-recvonly-trailing-space"])
    func aLegalOfferIsSentClean(name: String) async throws {
        let stub = LiveStub(post: { _, _ in
            try LiveStub.response(body: Fixture.bytes("answer-aiortc-to-aiortc-video-audio-served"))
        })
        // The answer does not fit the first offer, which is of no interest here.
        let session = try? await stub.client().open(LiveStub.device, offer: Fixture.sdp(name))
        #expect(stub.count(.post) == 1)
        let body = String(decoding: try #require(stub.requests.first?.body.bytes), as: UTF8.self)
        #expect(body == (try Fixture.text(name).replacing(" \r\n", with: "\r\n")))
        await session?.close()
    }

    // MARK: Links

    @Test(arguments: [307, 308]) func aRedirectReachesTheServerAsItWasGiven(status: Int) async throws {
        let stub = LiveStub(post: { _, number in
            guard number == 1 else { return try LiveStub.response(location: "sessions/s9?t=a%2Bb&n=x|y") }
            let location = "/edge\(LiveStub.sessions)?t=a%2Bb&name=x|y&at=%7C"
            return RingHTTPResponse(status: status, headerFields: [.location: location])
        })
        let session = try await stub.open()
        #expect(stub.targets(.post).last == "/edge\(LiveStub.sessions)?t=a%2Bb&name=x%7Cy&at=%7C")
        await session.close()
        #expect(stub.targets(.delete) == ["/edge\(LiveStub.sessions)/s9?t=a%2Bb&n=x%7Cy"])
    }

    @Test(arguments: [
        ("s%2B1?t=a%2Bb|c", "s%2B1?t=a%2Bb%7Cc"), ("s1?a[b]=%5B", "s1?a%5Bb%5D=%5B"), ("s%251", "s%251"),
        ("s1?t=a+b%20c", "s1?t=a+b%20c"),
    ])
    func aSessionIsClosedWhereTheServerSaid(location: String, target: String) async throws {
        let stub = LiveStub(post: { _, _ in try LiveStub.response(location: "\(LiveStub.sessions)/\(location)") })
        let session = try await stub.open()
        #expect(await session.close().isOver)
        #expect(stub.targets(.delete) == ["\(LiveStub.sessions)/\(target)"])
    }
}
