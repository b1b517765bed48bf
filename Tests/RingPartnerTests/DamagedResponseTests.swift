import Foundation
import RingPartner
import RingTesting
import Testing

/// Damaged responses: every call ends, with the part that could be read or with a typed error.
@Suite(.timeLimit(.minutes(5)))
struct DamagedResponseTests {
    @Test func everyCallEndsWithAResponseOrATypedError() async throws {
        let transport = DamagingTransport()
        let bench = try await PartnerBench(transport: transport) {
            $0.retryPolicy.attempts = 1
            $0.live.closeTimeout = .zero
            $0.media.maximumRestartCount = 0
        }
        let account = try await bench.link()
        let printout = Printout()
        // `RING_DAMAGED_ROUNDS=500` tries more of them.
        let rounds = ProcessInfo.processInfo.environment["RING_DAMAGED_ROUNDS"].flatMap { Int($0) } ?? 12
        for seed in 0..<rounds {
            transport.damage(seed: seed)
            try await EveryCall(account: account, bench: bench).run(printout)
        }
        transport.damage(seed: nil)
        #expect(printout.untyped.isEmpty, "\(printout.untyped)")
        #expect(printout.errors.count > rounds)
        #expect(transport.damages > 10 * rounds)
        // Nothing remains of it: the next call succeeds.
        #expect(try await account.devices.list().isEmpty == false)
        await bench.close()
    }
}
