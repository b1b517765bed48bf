import Foundation
import RingPartner
import RingSimulator
import RingTesting
import Testing

/// Makes every call there is for a linked account, but those that end the link.
struct EveryCall {
    let account: RingPartnerAccount
    let bench: PartnerBench

    func run(_ printout: Printout) async throws {
        let (bench, account) = (self.bench, self.account)
        let (profile, devices, media, live) = (account.profile, account.devices, account.media, account.live)
        let door = bench.simulator.devices[0].id
        let chime = try #require(bench.simulator.devices.first { $0.kind == .chime })
        printout.note([account, profile, devices, media, live] as [Any])

        await printout.call { try await profile.user() }
        await printout.call { try await profile.integration() as Any }
        await printout.call { try await profile.confirmLink(nonce: "bm9uY2U", accountIdentifier: "r***n") }
        await printout.call { try await profile.updateLink(status: .completed) }
        await printout.call { for try await subscription in profile.subscriptions() { printout.note(subscription) } }
        await printout.call { try await devices.list() }
        await printout.call { try await devices.device(door, include: .all) }
        await printout.call { try await devices.status(of: door) }
        await printout.call { try await devices.capabilities(of: door) }
        await printout.call { try await devices.configurations(of: door) }
        await printout.call { try await devices.location(of: door) as Any }
        await printout.call { try await devices.locations() }
        await printout.call { try await devices.history(of: door).collect() }
        await printout.call { try await bench.client.directory.refresh(try #require(account.id)) }
        await printout.call {
            try await devices.playChime(
                chime.id, RingAudioReference(rawValue: "ding"))
        }

        let path = { (name: String) in bench.folder.appendingPathComponent("\(UUID().uuidString).\(name)").path }
        let clip = RingClipRequest(device: door, start: Date(), duration: .seconds(5))
        let still = RingStillRequest(device: door, moment: .at(Date()))
        await printout.call { try await media.download(clip, to: path("mp4")) }
        await printout.call { try await media.data(clip, upTo: 8 << 20) }
        await printout.call { try await media.stream(clip) }
        await printout.call { try await media.download(still, to: path("jpg")) }
        await printout.call { try await media.data(still) }
        let latest = RingStillRequest(device: door, moment: .latest(from: Date(timeIntervalSinceNow: -3_600), to: nil))
        await printout.call { try await media.data(latest) }

        let offer = try PartnerBench.offer()
        await printout.call {
            let session = try await live.open(
                door, offer: offer, options: WHEPSessionOptions(retry: WHEPRetryPolicy(maximumOfferCount: 1)))
            printout.note([session, session.checkedAnswer])
            await printout.call { try await session.trickle(SDPFragment(offer: offer)) }
            await printout.call { try await session.restartICE(SDPFragment(offer: offer)) }
            return await session.close()
        }
        await printout.call {
            let nowhere = try #require(URL(string: bench.simulator.apiURL + "/v1/devices/nowhere"))
            return try await live.close(nowhere)
        }
    }
}
