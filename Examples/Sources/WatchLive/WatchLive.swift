import Foundation
import RingPartner
import RingSQLite
import Support

/// Negotiates a live session for a WebRTC engine that stands outside: its offer comes from a file, the answer goes to one.
/// The session is closed on every way out.
@main
struct WatchLive {
    static func main() async throws {
        let settings = Settings()
        let client = try await settings.client(try await settings.database())
        let account = try await settings.account(client)
        let device = RingDeviceID(rawValue: settings.required("DEVICE"))
        let offer = try SDP(parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: settings.required("OFFER")))))
        for finding in offer.offerFindings() { print("\(finding)") }

        try await account.live.withLiveSession(device, offer: offer) { session in
            try Data(session.answer.answer.encoded()).write(
                to: URL(fileURLWithPath: settings.optional("ANSWER") ?? "answer.sdp"))
            for await update in session.updates() { print("\(update)") }
        }
    }
}
