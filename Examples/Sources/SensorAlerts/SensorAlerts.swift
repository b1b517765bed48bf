import Foundation
import RingPartner
import RingSQLite
import Support

/// Sounds the chimes and sends a notification when a sensor reports danger, and another one when it is over.
///
/// `NOTIFY_URL` takes a line of text. Contacts and temperatures are notified of without a sound.
@main
struct SensorAlerts: Program {
    static func run() async throws {
        let settings = Settings()
        let ring = try await RingPartnerClient(.fromEnvironment(storage: settings.storage()))
        let alerts = Alerts(ring: ring, notifications: Receiver(settings.optional("NOTIFY_URL")))
        var router = RingWebhookRouter()
        // Every webhook of a sensor is one, whatever the kind: also of sensors that are newer than this program.
        router.onEvery { delivery in
            guard case .sensor(let event) = delivery.event.content else { return }
            try await alerts.handle(event, delivery)
        }
        try await Service.run(ring, router: router)
    }
}

struct Alerts: Sendable {
    /// What nobody should sleep through.
    private static let dangers: Set<RingSensorEvent.Quantity> = [.flood, .freeze, .carbonMonoxide]

    let ring: RingPartnerClient
    let notifications: Receiver?

    func handle(_ event: RingSensorEvent, _ delivery: RingWebhookDelivery) async throws {
        guard let account = delivery.event.accountID else { return }
        let devices = try await self.ring.directory.devices(of: account)
        let name = devices[event.device]?.device.name ?? "a sensor"
        let state = event.isRaised ? "alarm" : "over"
        let readings = event.readings.sorted { $0.key < $1.key }.map { ", \($0.key) \($0.value)" }.joined()
        // First what reaches people elsewhere. When it fails, the webhook comes again later, and no chime has sounded yet.
        try await self.notifications?.send("\(event.quantity) \(state): \(name)\(readings)", key: delivery.key)
        print("\(name): \(event.quantity) \(state)")

        guard event.isRaised, Self.dangers.contains(event.quantity) else { return }
        for chime in devices.devices where chime.likelyKind == .chime { await self.sound(chime, of: account) }
    }

    /// Plays the sound of the first slot. It is heard, so it is tried once: a repeat of the webhook must not depend on it.
    private func sound(_ chime: RingDevice, of account: RingAccountID) async {
        let name = chime.name ?? "a chime"
        guard chime.advice(on: .chime).makesSense,
            let slot = chime.configurations?.audio?.slots.first(where: { $0.isDisabled != true }),
            let sound = slot.audioReference
        else { return print("\(name): silent, it is snoozed or has no sound") }
        do {
            let playback = try await self.ring.account(account).devices.playChime(chime.id, sound)
            print("\(name): \(playback.status)")
        } catch {
            print("\(name): not heard: \((error as? RingError)?.message ?? "\(error)")")
        }
    }
}
