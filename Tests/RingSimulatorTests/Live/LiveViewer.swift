import RingCore
import RingCurl
import RingJSONAPI
import RingLive
import RingSimulator
import RingWHEP
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Watches live video of a simulator with the live engine of this package, as an adopter does.
enum LiveViewer {
    /// Whether GStreamer is installed.
    static func hasEngine() async -> Bool {
        do {
            try await RingLiveClient.prepare()
            return true
        } catch {
            return false
        }
    }

    static let reason: Comment =
        "skipped: needs gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-nice"
}

extension Bench {
    func liveClient() throws -> RingLiveClient {
        let origin = try #require(URL(string: self.simulator.apiURL))
        let shared = RingSharedPipeline(transport: RingCurlTransport.shared, callLimit: nil)
        return RingLiveClient(
            WHEPClient(
                api: RingAPIClient(
                    baseURL: origin, account: self.simulator.accountID,
                    transport: shared.pipeline(
                        tokens: RingFixedToken(RingAccessToken(self.token)), origin: origin)),
                configuration: WHEPConfiguration(closeTimeout: .seconds(20)), ledger: nil,
                governor: WHEPGovernor(limits: .none)))
    }

    /// What the open sessions have sent, as the control origin shows it; `nil` for one without a picture.
    func sentVideo() async throws -> [JSONAPIValue?] {
        let reply = try await RingSimulatorTests.send("GET", "\(self.simulator.controlURL)/sessions")
        return (reply.json?["sessions"]?.elements ?? []).map { $0["video"] }
    }

    /// Opens live video and reads so many pictures, or fewer when it stops before.
    func pictures(_ count: Int, _ kind: RingSimulatorDevice.Kind = .doorbell) async throws -> [RingLiveAccessUnit] {
        try await self.liveClient().withSession(self.simulator.id(kind)) { session in
            await session.pictures(count)
        }
    }

    /// Opens live video, waits until a number of packets were sent, and says what became of them.
    func packets(_ count: Int64, _ member: String) async throws -> String {
        try await self.liveClient().withSession(self.simulator.id(.doorbell)) { _ in
            while true {
                let video = try await self.sentVideo().first ?? nil
                if let packets = video?["packets"]?.int64, packets >= count {
                    return video?[member]?.int64 == 0 ? "none" : "some"
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}

extension RingLiveSession {
    /// Reads so many pictures, or fewer when the session stops before.
    func pictures(_ count: Int) async -> [RingLiveAccessUnit] {
        var pictures: [RingLiveAccessUnit] = []
        do {
            for try await unit in self.accessUnits {
                pictures.append(unit)
                if pictures.count == count { break }
            }
        } catch {
            // Why it stopped is not the question.
        }
        return pictures
    }
}
