import Foundation
import RingPartner
import RingSQLite
import Support

/// Lights, a notification and a recording when something happens, with quiet hours.
///
/// `LIGHTS_URL` and `NOTIFY_URL` take a line of text each, `CLIPS` is a folder for recordings, and `QUIET_HOURS` such as `22-7`
/// are those in which only a ring of the doorbell and a person near a camera are announced. Leave out what is not wanted.
@main
struct Automations: Program {
    static func run() async throws {
        let settings = Settings()
        let ring = try await RingPartnerClient(.fromEnvironment(storage: settings.storage()))
        let rules = Rules(
            ring: ring, lights: Receiver(settings.optional("LIGHTS_URL")),
            notifications: Receiver(settings.optional("NOTIFY_URL")), clips: settings.optional("CLIPS"),
            quietHours: settings.optional("QUIET_HOURS").flatMap(QuietHours.init))
        var router = RingWebhookRouter()
        router.on(.motionDetected, .buttonPress) { delivery in try await rules.apply(to: delivery) }
        try await Service.run(ring, router: router)
    }
}

/// What happens when.
struct Rules: Sendable {
    let ring: RingPartnerClient
    let lights: Receiver?
    let notifications: Receiver?
    let clips: String?
    let quietHours: QuietHours?

    func apply(to delivery: RingWebhookDelivery) async throws {
        let event = delivery.event
        guard let account = event.accountID, let id = event.deviceID else { return }
        let device = try await self.ring.directory.device(id, of: account).device
        let name = device.name ?? "a device"
        let isPerson = event.subType == .human || event.kind == .buttonPress
        // A camera without motion zones reports the whole street: there, only people count.
        let hasZones = device.configurations?.motion?.zones.isEmpty == false
        guard isPerson || hasZones else { return print("\(name): ignored, it has no motion zones") }

        try await self.lights?.send("on \(name)", key: delivery.key)
        let isQuiet = self.quietHours?.contains(event.occurredAt ?? delivery.receivedAt) ?? false
        if isPerson || !isQuiet {
            let what = event.kind == .buttonPress ? "Somebody rings" : isPerson ? "A person" : "Movement"
            try await self.notifications?.send("\(what): \(name)", key: delivery.key)
        }
        if isPerson, device.advice(on: .clip).makesSense { try await self.record(event, account, name) }
        print("\(name): \(event.kind)\(isQuiet ? ", in quiet hours" : "")")
    }

    private func record(_ event: RingWebhookEvent, _ account: RingAccountID, _ name: String) async throws {
        guard let clips, let media = RingMediaEvent(event) else { return }
        try FileManager.default.createDirectory(atPath: clips, withIntermediateDirectories: true)
        // The same names when the handler runs again, so that nothing is there twice.
        let label = name.filter { $0.isLetter || $0.isNumber }
        let collection = try await self.ring.account(account).media.clips(for: media, into: clips, after: .seconds(2)) {
            "\(label)-\(Int64($0.start.timeIntervalSince1970)).mp4"
        }
        // Ring or the network failed: tried again later. Of the others there is no recording.
        if let gap = collection.gaps.first(where: \.isTransient) {
            throw RingError(code: gap.reason, message: gap.message)
        }
        for gap in collection.gaps { print("\(name): not recorded from \(gap.start): \(gap.message)") }
    }
}

/// Hours of the day, such as from 22 to 7.
struct QuietHours: Sendable {
    private let from: Int
    private let to: Int

    /// - Parameter text: `22-7`.
    init?(_ text: String) {
        let hours = text.split(separator: "-").compactMap { Int($0) }
        guard hours.count == 2, hours.allSatisfy({ (0...24).contains($0) }) else { return nil }
        (self.from, self.to) = (hours[0], hours[1])
    }

    func contains(_ moment: Date) -> Bool {
        let hour = Calendar.current.component(.hour, from: moment)
        return self.from <= self.to ? (self.from..<self.to).contains(hour) : hour >= self.from || hour < self.to
    }
}
