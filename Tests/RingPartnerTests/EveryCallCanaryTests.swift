import Foundation
import RingPartner
import RingSimulator
import RingTesting
import Testing

/// Makes every call, once with success and once against a service that repeats the request in its errors,
/// and looks for what the wire carried in all that a program could print.
@Suite(.timeLimit(.minutes(3)))
struct EveryCallCanaryTests {
    @Test func everyCallThatSucceeds() async throws {
        let recorder = SecretRecordingTransport()
        let bench = try await PartnerBench(transport: recorder)
        let printout = Printout()
        let account = try await bench.link()
        await printout.call { try await bench.client.tokens.refresh(try #require(account.id)) }
        try await EveryCall(account: account, bench: bench).run(printout)
        await self.unlink(account, bench, printout)
        try await self.linkByPartner(bench, printout)

        let kinds: [RingOperation] = [
            .devices, .clipRequest, .clipDownload, .confirmLink, .updateLink, .removeLink, .startLive, .updateLive,
            .endLive,
            .playChime, .tokenRefresh, .codeExchange,
        ]
        #expect(Set(kinds).subtracting(recorder.operations) == [])
        self.expect(printout, bench, recorder)
        await bench.close()
    }

    @Test(arguments: [400, 403, 404, 422, 500])
    func everyCallThatIsRefusedWithItsOwnSecrets(status: Int) async throws {
        let recorder = SecretRecordingTransport()
        let bench = try await PartnerBench(transport: recorder) {
            // One refusal is enough; waiting for another response would only take time.
            $0.retryPolicy.attempts = 1
            $0.live.closeTimeout = .zero
            $0.media.maximumRestartCount = 0
        }
        let printout = Printout()
        let account = try await bench.link()
        recorder.refuseAndEcho(with: status)
        try await EveryCall(account: account, bench: bench).run(printout)
        await printout.call { try await bench.client.tokens.refresh(try #require(account.id)) }
        await printout.call { try await bench.client.linker.exchange(OAuthAuthorizationCode("canary-code-\(status)")) }
        await self.unlink(account, bench, printout)

        #expect(printout.errors.count > 20)
        self.expect(printout, bench, recorder)
        await bench.close()
    }

    private func expect(_ printout: Printout, _ bench: PartnerBench, _ recorder: SecretRecordingTransport) {
        printout.add(bench.observer.transcript)
        #expect(bench.observer.all.count > 20)
        #expect(recorder.secrets.count > 6)
        printout.expectNone(of: recorder.secrets)
        printout.expectNone(of: [RingSimulatorSecrets.hmacKey, RingSimulatorSecrets.clientSecret])
    }

    private func unlink(_ account: RingPartnerAccount, _ bench: PartnerBench, _ printout: Printout) async {
        await printout.call { try await account.profile.removeLink() }
        await printout.call { try await bench.client.linker.unlink(try #require(account.id)) }
    }

    private func linkByPartner(_ bench: PartnerBench, _ printout: Printout) async throws {
        let pair = try RingPKCE.generate()
        printout.note(pair)
        let code = OAuthAuthorizationCode(try bench.simulator.issueCode(challenge: pair.challenge))
        printout.note(code)
        await printout.call {
            try await bench.client.linker.complete(
                code, verifier: OAuthCodeVerifier(pair.verifier), for: RingPrincipal(rawValue: "robin"))
        }
    }
}
