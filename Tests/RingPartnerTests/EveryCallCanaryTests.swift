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
        try await self.callEverything(account, town, printout)
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
        try await self.callEverything(account, town, printout)
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

    private func callEverything(_ account: RingPartnerAccount, _ town: Town, _ printout: Printout) async throws {
        let (profile, devices, media, live) = (account.profile, account.devices, account.media, account.live)
        let door = RingDeviceID(rawValue: town.simulator.devices[0].id)
        let chime = try #require(town.simulator.devices.first { $0.kind == .chime })
        printout.note([account, profile, devices, media, live] as [Any])

        await printout.call { try await profile.user() }
        await printout.call { try await profile.integration() as Any }
        await printout.call { try await profile.confirmLink(nonce: "bm9uY2U", accountIdentifier: "r***n") }
        await printout.call { try await profile.updateLink(status: .completed) }
        await printout.call { for try await subscription in profile.subscriptions() { printout.note(subscription) } }
        await printout.call { try await devices.devices(include: .all) }
        await printout.call { try await devices.device(door, include: .all) }
        await printout.call { try await devices.status(of: door) }
        await printout.call { try await devices.capabilities(of: door) }
        await printout.call { try await devices.configurations(of: door) }
        await printout.call { try await devices.location(of: door) as Any }
        await printout.call { try await devices.locations() }
        await printout.call { try await devices.history(of: door).collect() }
        await printout.call { try await town.client.directory.refresh(try #require(account.id)) }
        await printout.call {
            try await devices.playChime(
                RingDeviceID(rawValue: chime.id), RingAudioReference(rawValue: "ding"))
        }

        let path = { (name: String) in town.folder.appendingPathComponent("\(UUID().uuidString).\(name)").path }
        let clip = RingClipRequest(device: door, start: Date(), duration: .seconds(5))
        let still = RingStillRequest(device: door, moment: .at(Date()))
        await printout.call { try await media.download(clip, to: path("mp4")) }
        await printout.call { try await media.data(clip, upTo: 8 << 20) }
        await printout.call { try await media.stream(clip) }
        await printout.call { try await media.download(still, to: path("jpg")) }
        await printout.call { try await media.data(still) }
        let latest = RingStillRequest(device: door, moment: .latest(from: Date(timeIntervalSinceNow: -3_600), to: nil))
        await printout.call { try await media.data(latest) }

        let offer = try Town.offer()
        await printout.call {
            let session = try await live.open(
                door, offer: offer, options: WHEPSessionOptions(retry: WHEPRetryPolicy(attempts: 1)))
            printout.note([session, session.answer])
            await printout.call { try await session.trickle(SDPFragment(offer: offer)) }
            await printout.call { try await session.restartICE(SDPFragment(offer: offer)) }
            return await session.close()
        }
        await printout.call {
            let nowhere = try #require(URL(string: town.simulator.apiURL + "/v1/devices/nowhere"))
            return try await live.close(nowhere)
        }
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
