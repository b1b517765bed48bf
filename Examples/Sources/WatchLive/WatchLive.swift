import Foundation
import RingPartner
import RingSQLite
import Support

/// Negotiates a live session for an external WebRTC engine: its offer is read from a file, and the answer is written to a file.
/// The session is closed in every case.
@main
struct WatchLive: Program {
    static func run() async throws {
        let settings = Settings()
        let ring = try await RingPartnerClient(.fromEnvironment(storage: settings.storage()))
        let account = try await settings.account(ring)
        let device = RingDeviceID(rawValue: settings.required("DEVICE"))
        let offer = try SDP(parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: settings.required("OFFER")))))
        for finding in offer.offerFindings() { print("\(finding)") }

        try await account.live.withLiveSession(device, offer: offer) { session in
            try Data(session.answer.utf8).write(
                to: URL(fileURLWithPath: settings.optional("ANSWER") ?? "answer.sdp"))
            for await update in session.updates() { print("\(update)") }
        }
    }
}
