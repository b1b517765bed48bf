import Foundation
import RingPartner
import RingSQLite
import Support

/// Downloads the clips of a device's motion of the last hour, each to a file of its own.
@main
struct DownloadClips: Program {
    static func run() async throws {
        let settings = Settings()
        let ring = try await RingPartnerClient(.fromEnvironment(storage: settings.storage()))
        let account = try await settings.account(ring)
        let device = RingDeviceID(rawValue: settings.required("DEVICE"))

        let query = RingHistoryQuery(since: Date(timeIntervalSinceNow: -3_600), limit: 20)
        for try await event in account.devices.history(of: device, query) {
            let clip = RingClipRequest(device: device, start: event.start, duration: .seconds(10))
            let path = "\(Int64(event.start.timeIntervalSince1970)).mp4"
            do {
                let file = try await account.media.download(clip, to: path)
                print("\(path): \(file.bytes) bytes")
            } catch let error as RingError {
                print("\(path): \(error.message)")
            }
        }
    }
}
