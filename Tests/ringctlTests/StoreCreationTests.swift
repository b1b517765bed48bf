import Foundation
import RingJSONAPI
import RingTesting
import Synchronization
import Testing

/// Only a command that has something to store makes a database, and never the folder of one that was named.
@Suite(.timeLimit(.minutes(3))) struct StoreCreationTests {
    private func folder() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appending(path: "ringctl-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    private func names(_ folder: URL) -> [String] {
        FileManager.default.subpaths(atPath: folder.path())?.sorted() ?? []
    }

    private static let reading = [
        ["auth", "status"], ["auth", "token"], ["auth", "refresh"], ["account", "me"], ["account", "subscriptions"],
        ["account", "link", "--nonce", String(repeating: "a", count: 43), "--time", "1795000000123"],
        ["devices", "list"], ["devices", "get", "d1"], ["devices", "status", "d1"], ["events", "list", "d1"],
        ["chime", "play", "c1", "--audio-ref", "a"],
        ["clip", "download", "d1", "--at", "-10m", "--duration", "5s", "-o", "/tmp/ringctl-never"],
        ["image", "download", "d1", "--at", "-10m", "-o", "/tmp/ringctl-never"],
        ["live", "close", "https://api.amazonvision.com/v1/devices/d1/media/streaming/whep/sessions/s"],
    ]
    private static let credentials = [
        "RING_CLIENT_ID": "client", "RING_CLIENT_SECRET": "secret", "RING_HMAC_KEY": WebhookCommandTests.key,
        "RING_API_URL": "http://127.0.0.1:1", "RING_OAUTH_URL": "http://127.0.0.1:1",
    ]

    @Test(arguments: ["missing/new.sqlite", "new.sqlite"])
    func aReadingCommandMakesNothing(file: String) async throws {
        let folder = try self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: file).path()
        for words in Self.reading {
            let outcome = try await Ringctl(environment: Self.credentials).run(words + ["--store", path, "--json"])
            #expect(outcome.status == 2, "\(words): \(outcome.errorText)")
            #expect(outcome.failure?["message"]?.string?.contains(path) == true, "\(words): \(outcome.errorText)")
            #expect(outcome.output.isEmpty)
            // The environment names a store as the flag does.
            let environment = Self.credentials.merging(["RING_STORE": path]) { $1 }
            #expect(try await Ringctl(environment: environment).run(words).status == 2, "\(words)")
        }
        #expect(self.names(folder).isEmpty)
    }

    @Test func withoutADefaultStoreNobodyIsSignedIn() async throws {
        let folder = try self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let ringctl = Ringctl(environment: Self.credentials.merging(["HOME": folder.path()]) { $1 })
        let status = try await ringctl.run("auth", "status", "--json")
        #expect(status.status == 0, "\(status.errorText)")
        #expect(status.output.isEmpty)
        for words in [["account", "me"], ["auth", "token"], ["auth", "refresh"], ["devices", "list"]] {
            let outcome = try await ringctl.run(words + ["--json"])
            #expect(outcome.status == 3, "\(words): \(outcome.errorText)")
            #expect(outcome.failure?["code"]?.string == "not_signed_in")
        }
        #expect(self.names(folder).isEmpty)
    }

    @Test func whatIsToBeStoredMakesTheDefaultStoreAndANamedFile() async throws {
        let service = try await TokenService.start()
        let folder = try self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var environment = Self.credentials.merging([
            "RING_OAUTH_URL": service.origin, "RING_API_URL": service.origin, "RING_CLIENT_SECRET": "SECRET-client",
        ]) { $1 }
        environment["HOME"] = folder.path()
        service.state.withLock { $0.codes = ["a", "b", "c"] }
        let exchange = ["auth", "exchange", "--json"]
        #expect(try await Ringctl(environment: environment).run(exchange, input: Array("a".utf8)).status == 0)
        #expect(self.names(folder).contains(".local/state/ringctl/ring.sqlite"))
        let named = folder.appending(path: "named.sqlite").path()
        let outcome = try await Ringctl(environment: environment).run(
            exchange + ["--store", named], input: Array("b".utf8))
        #expect(outcome.status == 0, "\(outcome.errorText)")
        #expect(FileManager.default.fileExists(atPath: named))
        // Its folder is not made, and the code is not used up.
        let missing = try await Ringctl(environment: environment).run(
            exchange + ["--store", folder.appending(path: "no/named.sqlite").path()], input: Array("c".utf8))
        #expect(missing.status == 2, "\(missing.errorText)")
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "no").path()))
        #expect(service.state.withLock { $0.codes } == ["c"])
        // A seed is to be stored, too.
        service.state.withLock { _ = $0.refreshTokens.insert("seed") }
        environment["RING_REFRESH_TOKEN"] = "seed"
        let seeded = folder.appending(path: "seeded.sqlite").path()
        #expect(try await Ringctl(environment: environment).run("account", "me", "--store", seeded).status == 0)
        #expect(FileManager.default.fileExists(atPath: seeded))
        await service.stop()
    }

    /// The record of a session that may be open, so that the next command closes what a killed one left.
    @Test func aLiveSessionIsToBeStoredThoughItsTokenIsNot() async throws {
        let folder = try self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let offer = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "RingWHEPTests/Fixtures/SDP/offer-chromium156-video.sdp").path()
        let path = folder.appending(path: "new.sqlite").path()
        let environment = Self.credentials.merging(["RING_ACCESS_TOKEN": "x", "RING_STORE": path]) { $1 }
        let outcome = try await Ringctl(environment: environment).run(
            "live", "negotiate", "ava1.ring.device.d1", "--offer", offer, "--answer", "-", "--json")
        #expect(outcome.status == 8, "\(outcome.errorText)")
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test(arguments: [("", 2), ("postgres://user:SECRET@host.invalid/db", 1), ("postgres://user:SECRET@[::1/db", 1)])
    func whatIsNoStoreIsSaid(store: String, status: Int32) async throws {
        let outcome = try await Ringctl(environment: Self.credentials).run(
            ["auth", "status", "--json", "--timeout", "1", "--store", store])
        #expect(outcome.status == status, "\(outcome.errorText)")
        #expect(!outcome.errorText.contains("SECRET"))
    }
}
