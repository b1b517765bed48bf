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
        init(
            _ change: (SDP) throws -> String, network: RingLiveSender.Network = RingLiveSender.Network(),
            answer changeAnswer: (String) -> String = { $0 }
        ) async throws {
            let offer = try await self.engine.offer()
            self.sender = try await RingLiveSender.start(offer: try change(offer), network: network)
            try await self.engine.accept(answer: try SDP(changeAnswer(self.sender.answer)))
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

    private static func withoutSources(_ answer: String) -> String {
        answer.split(separator: "\r\n").filter { !$0.hasPrefix("a=ssrc") }.map { $0 + "\r\n" }.joined()
    }

    /// A server need not name the sources of its streams (`a=ssrc`). Wire: RFC 5576.
    @Test(arguments: [true, false]) func lostPacketsAreRequestedAgain(namesSources: Bool) async throws {
        var network = RingLiveSender.Network()
        network.loss = 0.1
        let session = try await Session(\.text, network: network) { answer in
            namesSources ? answer : Self.withoutSources(answer)
        }
        #expect(session.sender.answer.contains("a=ssrc:"))
        #expect(await session.sender.waitUntilConnected(atMost: .seconds(20)))

        // 25 pictures a second; about twelve packets are lost in five seconds.
        let picture: [UInt8] = [0, 0, 0, 1, 0x65] + Array(repeating: 0x55, count: 500)
        for number in 0..<500 where session.sender.statistics.repeated < 3 {
            session.sender.send(picture, at: .milliseconds(40) * number)
            try await Task.sleep(for: .milliseconds(40))
        }

        #expect(session.sender.statistics.lost > 0)
        #expect(session.sender.statistics.requested >= 3)
        #expect(session.sender.statistics.repeated >= 3)
        await session.close()
    }
}
