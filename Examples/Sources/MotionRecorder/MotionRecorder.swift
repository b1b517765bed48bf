import Foundation
import RingPartner
import RingSQLite
import Support

/// Records every motion: the clip, a still as its thumbnail, and a note with the device's state and zones.
///
/// `RECORDINGS` is the folder, `KEEP_DAYS` how long recordings stay (30), `SECONDS_AFTER` how much is recorded after the motion
/// (15). A motion whose process was killed is recorded by the next one: webhooks wait in the storage until they are handled.
@main
struct MotionRecorder: Program {
    static func run() async throws {
        let settings = Settings()
        let ring = try await RingPartnerClient(.fromEnvironment(storage: settings.storage()))
        let recorder = Recorder(
            ring: ring, folder: URL(fileURLWithPath: settings.optional("RECORDINGS") ?? "recordings"),
            after: .seconds(settings.optional("SECONDS_AFTER").flatMap { Int($0) } ?? 15))
        let days = settings.optional("KEEP_DAYS").flatMap { Double($0) } ?? 30
        var router = RingWebhookRouter()
        router.on(.motionDetected) { delivery in try await recorder.record(delivery) }
        try await Service.run(ring, router: router) {
            while !Task.isCancelled {
                recorder.removeRecordings(before: Date(timeIntervalSinceNow: -days * 86_400))
                try? await Task.sleep(for: .seconds(3_600))
            }
        }
    }
}

struct Recorder: Sendable {
    /// What is known about a recording besides its pictures.
    struct Note: Codable {
        var device: String
        var time: Date
        var subType: String?
        var isOnline: Bool?
        var motionZones: [RingZone]
        /// To be masked before anybody sees the pictures.
        var privacyZones: [RingZone]
    }

    let ring: RingPartnerClient
    let folder: URL
    let after: Duration

    func record(_ delivery: RingWebhookDelivery) async throws {
        let event = delivery.event
        guard let account = event.accountID, let id = event.deviceID, let media = RingMediaEvent(event) else { return }
        let device = try await self.ring.directory.device(id, of: account).device
        let name = device.name ?? "device"
        let advice = device.advice(on: .clip)
        // Encrypted, or without a camera: no attempt will ever succeed.
        guard advice.makesSense || advice.obstacles == [.offline] else {
            return print("\(name): skipped, \(advice.obstacles.map(\.rawValue).joined(separator: ", "))")
        }
        // The event decides the names, so a handler that runs again replaces its own files and adds none.
        let time = media.moment.formatted(.iso8601.timeSeparator(.omitted).dateSeparator(.omitted))
        let base = "\(name.filter { $0.isLetter || $0.isNumber })-\(time)"
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)

        let client = self.ring.account(account).media
        let clips = try await client.clips(for: media, into: self.folder.path, after: self.after) { request in
            "\(base)\(request.component.map { "-\($0)" } ?? "").mp4"
        }
        if let gap = clips.gaps.first(where: \.isTransient) {
            throw RingError(code: gap.reason, message: gap.message)
        }
        do {
            _ = try await client.download(
                client.still(for: media), to: self.folder.appendingPathComponent("\(base).jpg").path)
        } catch let error as RingError where !error.isTransient {
            print("\(name): no thumbnail: \(error.message)")
        }
        let note = Note(
            device: name, time: media.moment, subType: event.subType?.rawValue, isOnline: device.status?.isOnline,
            motionZones: device.configurations?.motion?.zones ?? [],
            privacyZones: device.configurations?.image?.privacyZones ?? [])
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        // Written last and at once: a recording with a note is whole.
        try encoder.encode(note).write(to: self.folder.appendingPathComponent("\(base).json"), options: .atomic)
        print("\(name): recorded \(clips.files.count) clips as \(base)")
    }

    /// Removes recordings by the date of their files; nothing else of the folder.
    func removeRecordings(before moment: Date) {
        let keys: Set<URLResourceKey> = [.contentModificationDateKey]
        let files = try? FileManager.default.contentsOfDirectory(
            at: self.folder, includingPropertiesForKeys: Array(keys))
        for file in files ?? [] where ["mp4", "jpg", "json"].contains(file.pathExtension) {
            guard let date = try? file.resourceValues(forKeys: keys).contentModificationDate, date < moment else {
                continue
            }
            do { try FileManager.default.removeItem(at: file) } catch { print("cannot be removed: \(file.path)") }
        }
    }
}
