import RingCore
import RingLive
import RingWHEP
import Testing

/// The sender of tests and the simulator, with the engine as its peer.
@Suite(.enabled(LivePeer.reason) { await LivePeer.hasEngine() }, .timeLimit(.minutes(2))) struct LiveSenderTests {
    private struct Session {
        let engine = RingLiveEngine(options: RingLiveOptions(), environment: RingEnvironment(), hasLoopback: true)
        let sender: RingLiveSender

        /// Negotiates; the sender sees a changed offer.
        init(_ change: (SDP) throws -> String) async throws {
            let offer = try await self.engine.offer()
            self.sender = try await RingLiveSender.start(offer: try change(offer))
            try await self.engine.accept(answer: try SDP(self.sender.answer))
        }

        func close() async {
            await self.sender.close()
            await self.engine.close()
        }
    }

    @Test func thePeerOfTheOfferIsConnected() async throws {
        let session = try await Session(\.text)

        #expect(await session.sender.waitUntilConnected(atMost: .seconds(20)))
        #expect(session.sender.end == nil)
        #expect(session.sender.send([0, 0, 0, 1, 0x65], at: .zero))
        await session.close()
    }

    @Test func aPeerWithAnotherCertificateIsRefused() async throws {
        let session = try await Session { offer in
            let value = try #require(offer.video?.fingerprints.first?.hash)
            let other = (value.hasPrefix("0") ? "1" : "0") + value.dropFirst()
            #expect(offer.text.contains(value))
            return offer.text.replacing(value, with: other)
        }

        #expect(await session.sender.waitUntilConnected(atMost: .seconds(20)) == false)
        #expect(session.sender.end == "the certificate of the peer is not the one in its SDP offer")
        #expect(session.sender.send([0, 0, 0, 1, 0x65], at: .zero) == false)
        #expect(session.sender.statistics.packets == 0)
        await session.close()
    }
}
