import Foundation
import RingCrypto
import RingListener
import RingSimulator
import RingTesting
import Synchronization

/// A set-up for `doctor` in which nothing is broken: a simulator, a linked account in a store, and an app with all its URLs.
final class DoctorBench: Sendable {
    /// What the app does wrong.
    struct App: Sendable {
        var webhook: @Sendable (RingListenerRequest, _ genuine: Bool, _ known: Bool) async -> Int = { _, genuine, _ in
            genuine ? 200 : 401
        }
        var tokenExchange = RingListenerResponse(status: 400)
        var link: @Sendable (RingListenerRequest) -> RingListenerResponse = { _ in
            RingListenerResponse(
                status: 200, contentType: "text/html",
                text: #"<form><input name="email"> <button>Sign in</button></form>"#)
        }
    }

    let simulator: RingSimulator
    let folder: URL
    let app = Mutex(App())
    let environment = Mutex<[String: String]>([:])
    let arguments = Mutex<[String]>([])
    private let listener = Mutex<RingListener?>(nil)
    private let seen = Mutex<Set<[UInt8]>>([])

    static let hmacKey = RingSimulatorConfiguration().hmacKey

    init() async throws {
        var configuration = RingSimulatorConfiguration()
        configuration.accounts = [
            RingSimulatorAccount(
                state: .completed,
                devices: [
                    RingSimulatorDevice(kind: .doorbell, name: "Front Door"),
                    RingSimulatorDevice(kind: .camera, name: "Yard"),
                ]), RingSimulatorAccount(firstName: "Kim", devices: []),
        ]
        self.simulator = try await RingSimulator.start(configuration)
        self.folder = FileManager.default.temporaryDirectory.appending(
            path: "ringctl-doctor-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        let listener = try await RingListener.startRaw { await self.respond(to: $0) }
        self.listener.withLock { $0 = listener }
        self.environment.withLock {
            $0 = [
                "RING_API_URL": self.simulator.apiURL, "RING_OAUTH_URL": self.simulator.oauthURL,
                "RING_CLIENT_ID": configuration.clientID, "RING_CLIENT_SECRET": configuration.clientSecret,
                "RING_HMAC_KEY": configuration.hmacKey, "RING_STORE": self.folder.path() + "ring.sqlite",
                "RING_SEALING_KEYS": Data(repeating: 7, count: 32).base64EncodedString(),
            ]
        }
        self.arguments.withLock {
            $0 = [
                "--webhook-url", listener.origin + "/ring/webhooks", "--token-exchange-url",
                listener.origin + "/ring/token-exchange", "--link-url", listener.origin + "/ring/link",
            ]
        }
    }

    /// Runs a body with a bench that is taken down in any case.
    static func with(_ body: (DoctorBench) async throws -> Void) async throws {
        let bench = try await DoctorBench()
        do { try await body(bench) } catch {
            await bench.end()
            throw error
        }
        await bench.end()
    }

    /// Stores the account, with tokens of the simulator.
    func signIn() async throws {
        var environment = self.environment.withLock { $0 }
        environment["RING_REFRESH_TOKEN"] = try self.simulator.grantTokens().refresh
        let outcome = try await Ringctl(environment: environment).run("auth", "refresh")
        guard outcome.status == 0 else { throw Failed(text: outcome.errorText) }
    }

    struct Failed: Error { var text: String }

    func doctor(_ more: String...) async throws -> ChildProcess.Outcome {
        let arguments = self.arguments.withLock { $0 }
        return try await Ringctl(environment: self.environment.withLock { $0 }).run(
            ["doctor", "--json", "--timeout", "240"] + arguments + more)
    }

    private func end() async {
        await self.listener.withLock { $0 }?.stop()
        await self.simulator.stop()
        try? FileManager.default.removeItem(at: self.folder)
    }

    private func respond(to request: RingListenerRequest) async -> RingListenerResponse {
        let app = self.app.withLock { $0 }
        switch request.path {
        case "/ring/token-exchange": return app.tokenExchange
        case "/ring/link": return app.link(request)
        case "/ring/webhooks":
            let isGenuine = request.headers["X-Signature"].map { Self.isSigned(request.body, by: Self.hmacKey, $0) }
            let isKnown = isGenuine == true && !self.seen.withLock { $0.insert(request.body).inserted }
            return RingListenerResponse(status: await app.webhook(request, isGenuine ?? false, isKnown))
        default: return RingListenerResponse(status: 404)
        }
    }

    /// Whether a signature is that of a body, with a key of an app's own choice.
    static func isSigned(_ body: [UInt8], by key: String, _ signature: String) -> Bool {
        guard let key = try? RingHMACKey(key), let signature = try? RingWebhookSignature(headerValue: signature) else {
            return false
        }
        return signature.verifies(body, key: key)
    }
}
