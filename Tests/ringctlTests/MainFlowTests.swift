import Foundation
import RingCore
import RingJSONAPI
import RingSimulator
import RingTesting
import Testing

/// The main flow from a shell, against the simulator: exit statuses and JSON results as documented, and the effect of
/// bad input.
@Suite(.timeLimit(.minutes(3)))
struct MainFlowTests {
    private static func service() async throws -> (simulator: RingSimulator, ringctl: Ringctl, folder: URL) {
        var configuration = RingSimulatorConfiguration()
        configuration.switches.media.insert(.everywhere)
        let simulator = try await RingSimulator.start(configuration)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ringctl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let ringctl = Ringctl(environment: [
            "RING_API_URL": simulator.apiURL, "RING_OAUTH_URL": simulator.oauthURL,
            "RING_STORE": folder.appendingPathComponent("ring.sqlite").path,
            "RING_CLIENT_ID": configuration.clientID, "RING_CLIENT_SECRET": configuration.clientSecret,
            "RING_HMAC_KEY": configuration.hmacKey, "HOME": folder.path, "PATH": "/usr/bin:/bin",
        ])
        return (simulator, ringctl, folder)
    }

    /// A service with an account that is linked.
    private static func linkedService() async throws -> (simulator: RingSimulator, ringctl: Ringctl, folder: URL) {
        let service = try await Self.service()
        let exchange = try await service.ringctl.run("auth", "exchange", "--json", input: service.simulator.issueCode())
        #expect(exchange.status == 0, "\(exchange.errorText)")
        let redirect = try service.simulator.linkRedirect()
        let link = try await service.ringctl.run(
            "account", "link", "--nonce", redirect.nonce, "--time", redirect.time, "--identifier", "r***n", "--json")
        #expect(link.status == 0, "\(link.errorText)")
        #expect(try link.results.first?["status"]?.string == "completed")
        return service
    }

    @Test func everyStepGivesItsResult() async throws {
        let (simulator, ringctl, folder) = try await Self.linkedService()
        defer { try? FileManager.default.removeItem(at: folder) }

        let status = try await ringctl.run("auth", "status", "--json")
        #expect(try status.results.first?["state"]?.string == "linked")
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/ring.sqlite")[.posixPermissions]
        #expect(mode as? Int == 0o600)

        let devices = try await ringctl.run("devices", "list", "--include", "all", "--json")
        #expect(devices.status == 0)
        let list = try devices.results
        #expect(list.count == simulator.devices.count)
        let door = try #require(list.first?["id"]?.string)
        for part in ["status", "capabilities", "configurations", "location"] { #expect(list.first?[part] != nil) }

        // Motion now, and a recording that is complete by the service's clock.
        try simulator.trigger(RingSimulatorEvent(type: "motion_detected", device: RingDeviceID(rawValue: door)))
        simulator.advance(by: .seconds(30))
        let clip = folder.appendingPathComponent("clip.mp4").path
        let download = try await ringctl.run(
            "clip", "download", door, "--at", "-0s", "--duration", "5s", "-o", clip, "--json")
        #expect(download.status == 0, "\(download.errorText)")
        let result = try #require(try download.results.first)
        #expect(result["bytes"]?.int64 == Int64(try Data(contentsOf: URL(fileURLWithPath: clip)).count))
        #expect(result["partial"]?.bool == false)
        #expect(result["sha256"]?.string?.count == 64)
        #expect(!simulator.mediaReceivedAuthorization)

        let negotiation = try await ringctl.run(
            ["live", "negotiate", door, "--offer", "-", "--answer", "-", "--json"], input: try Self.offer())
        #expect(negotiation.status == 0, "\(negotiation.errorText)")
        #expect(negotiation.outputText.hasPrefix("v=0\r\n"))
        let remarks = negotiation.errorText.split(separator: "\n").compactMap { line -> String? in
            guard let object = try? JSONAPIValue(parsing: Array(line.utf8)) else { return nil }
            return object["session_url"]?.string
        }
        let session = try #require(remarks.first)
        #expect(simulator.openSessions == 1)
        for _ in 0..<2 {
            let close = try await ringctl.run("live", "close", session, "--json")
            #expect(close.status == 0)
            #expect(try close.results.first?["closed"]?.bool == true)
        }
        #expect(simulator.openSessions == 0)
        await simulator.stop()
    }

    @Test func wrongAndStaleNoncesLoseNothing() async throws {
        let (simulator, ringctl, folder) = try await Self.service()
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try await ringctl.run("auth", "exchange", input: try simulator.issueCode())
        let redirect = try simulator.linkRedirect()
        let wrong = String(redirect.nonce.reversed())
        for (nonce, time) in [(wrong, redirect.time), (redirect.nonce, "1000000000000"), ("short", redirect.time)] {
            let link = try await ringctl.run("account", "link", "--nonce", nonce, "--time", time, "--json")
            #expect(link.status == 7, "\(link.errorText)")
        }
        let link = try await ringctl.run("account", "link", "--nonce", redirect.nonce, "--time", redirect.time)
        #expect(link.status == 0, "\(link.errorText)")
        await simulator.stop()
    }

    @Test func faultsOfTheServiceHaveTheirStatus() async throws {
        let (simulator, ringctl, folder) = try await Self.linkedService()
        defer { try? FileManager.default.removeItem(at: folder) }
        let door = try #require(simulator.devices.first?.id.rawValue)

        let unknown = try await ringctl.run("devices", "get", "../../users/me", "--json")
        #expect(unknown.status == 4)
        #expect(unknown.failure?["code"]?.string == "device_not_found")

        simulator.change { $0.devices = [.malformed] }
        #expect(try await ringctl.run("devices", "list", "--json").status == 1)
        simulator.change { $0.devices = [] }

        simulator.change { $0.devices = [.brokenElement] }
        let broken = try await ringctl.run("devices", "list", "--json")
        #expect(broken.status == 0)
        #expect(try broken.results.count == simulator.devices.count)
        #expect(broken.errorText.contains("could not be read"))
        simulator.change { $0.devices = [] }

        let path = folder.appendingPathComponent("cut.mp4").path
        simulator.change { ($0.limits[.mediaCutBytes], $0.next[.mediaCut]) = (5_000, 1_000) }
        let cut = try await ringctl.run(
            "clip", "download", door, "--at", "-0s", "--duration", "5s", "-o", path, "--timeout", "20", "--json")
        #expect(cut.status == 8, "\(cut.errorText)")
        simulator.change { $0.next[.mediaCut] = 0 }

        simulator.change { $0.mediaBody = .html }
        let page = try await ringctl.run(
            "clip", "download", door, "--at", "-0s", "--duration", "5s", "-o", path, "--json")
        #expect(page.status == 6, "\(page.errorText)")
        simulator.change { $0.mediaBody = .real }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { !$0.contains("cut") })

        await simulator.stop()
        let gone = try await ringctl.run("devices", "list", "--json", "--timeout", "5")
        #expect(gone.status == 8)
        #expect(gone.failure?["message"]?.string?.isEmpty == false)
    }

    /// An offer of a real browser.
    private static func offer() throws -> [UInt8] {
        let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("RingWHEPTests/Fixtures/SDP/offer-chromium156-video.sdp")
        return [UInt8](try Data(contentsOf: samples))
    }
}
