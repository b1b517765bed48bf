import Foundation
import RingPartner
import RingTesting
import Testing

/// A Ring whose answers are damaged: every call ends, with what could be read of it or with a typed error.
@Suite(.timeLimit(.minutes(5)))
struct DamagedAnswerTests {
    @Test func everyCallEndsWithAnAnswerOrATypedError() async throws {
        let transport = DamagingTransport()
        let town = try await Town(transport: transport) {
            $0.retryPolicy.attempts = 1
            $0.live.closeTimeout = .zero
            $0.media.restarts = 0
        }
        let account = try await town.link()
        let printout = Printout()
        // `RING_DAMAGED_ROUNDS=500` tries more of them.
        let rounds = ProcessInfo.processInfo.environment["RING_DAMAGED_ROUNDS"].flatMap { Int($0) } ?? 12
        for seed in 0..<rounds {
            transport.damage(seed: seed)
            try await EveryCall(account: account, town: town).run(printout)
        }
        transport.damage(seed: nil)
        #expect(printout.untyped.isEmpty, "\(printout.untyped)")
        #expect(printout.errors.count > rounds)
        #expect(transport.damages > 10 * rounds)
        // And nothing of it stays: the next call is as good as ever.
        #expect(try await account.devices.devices(include: .all).devices.isEmpty == false)
        await town.close()
    }
}
