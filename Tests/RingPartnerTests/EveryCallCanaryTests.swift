import Foundation
import RingPartner
import RingSimulator
import RingTesting
import Testing

/// Makes every call there is, once as it should go and once against a Ring that repeats what it was told in its errors,
/// and looks for what the wire carried in all that a program could print.
@Suite(.timeLimit(.minutes(3)))
struct EveryCallCanaryTests {
    @Test func everyCallThatSucceeds() async throws {
        let ear = EavesdroppingTransport()
        let town = try await Town(transport: ear)
        let printout = Printout()
        let account = try await town.link()
        await printout.call { try await town.client.tokens.refresh(try #require(account.id)) }
        try await EveryCall(account: account, town: town).run(printout)
        await self.unlink(account, town, printout)
        try await self.linkByPartner(town, printout)

        #expect(Set(RingOperation.Kind.allCases).subtracting(ear.operations) == [])
        self.expect(printout, town, ear)
        await town.close()
    }

    @Test(arguments: [400, 403, 404, 422, 500])
    func everyCallThatIsRefusedWithItsOwnSecrets(status: Int) async throws {
        let ear = EavesdroppingTransport()
        let town = try await Town(transport: ear) {
            // A refusal is quoted once; waiting for a better answer would only take time.
            $0.retryPolicy.attempts = 1
            $0.live.closeTimeout = .zero
            $0.media.restarts = 0
        }
        let printout = Printout()
        let account = try await town.link()
        ear.refuseAndEcho(with: status)
        try await EveryCall(account: account, town: town).run(printout)
        await printout.call { try await town.client.tokens.refresh(try #require(account.id)) }
        await printout.call { try await town.client.linker.exchange(OAuthAuthorizationCode("canary-code-\(status)")) }
        await self.unlink(account, town, printout)

        #expect(printout.errors.count > 20)
        self.expect(printout, town, ear)
        await town.close()
    }

    private func expect(_ printout: Printout, _ town: Town, _ ear: EavesdroppingTransport) {
        printout.add(town.observer.transcript)
        #expect(town.observer.all.count > 20)
        #expect(ear.secrets.count > 6)
        printout.expectNone(of: ear.secrets)
        printout.expectNone(of: [RingSimulatorSecrets.hmacKey, RingSimulatorSecrets.clientSecret])
    }

    private func unlink(_ account: RingPartnerAccount, _ town: Town, _ printout: Printout) async {
        await printout.call { try await account.profile.removeLink() }
        await printout.call { try await town.client.linker.unlink(try #require(account.id)) }
    }

    private func linkByPartner(_ town: Town, _ printout: Printout) async throws {
        let pair = try RingPKCE.generate()
        printout.note(pair)
        let code = OAuthAuthorizationCode(town.simulator.issueCode(challenge: pair.challenge))
        printout.note(code)
        await printout.call {
            try await town.client.linker.complete(
                code, verifier: OAuthCodeVerifier(pair), for: RingPrincipal(rawValue: "robin"))
        }
    }
}
