import Foundation
import RingPartner
import RingSQLite
import RingSimulator
import RingTesting
import Testing

/// A simulated Ring, a partner's client on a real database file, and an observer that records everything.
struct PartnerBench {
    let simulator: RingSimulator
    let client: RingPartnerClient
    let database: RingSQLiteDatabase
    let observer = RecordingObserver()
    let folder: URL

    init(
        transport: (any RingTransport)? = nil, _ change: (inout RingPartnerConfiguration) -> Void = { _ in }
    ) async throws {
        var ring = RingSimulatorConfiguration()
        ring.switches.media.insert(.everywhere)
        self.simulator = try await RingSimulator.start(ring)
        self.folder = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        self.database = try await RingSQLiteDatabase.open(.file(self.folder.appendingPathComponent("ring.sqlite").path))
        let environment = RingEnvironment(observer: self.observer)
        var configuration = try RingPartnerConfiguration(
            credentials: OAuthCredentials(clientID: ring.clientID, clientSecret: OAuthClientSecret(ring.clientSecret)),
            hmacKeys: [RingHMACKey(ring.hmacKey)], storage: self.database,
            sealing: RingSealingKeyRing(active: RingSealingKey.generate()), apiURL: self.simulator.apiURL,
            oauthURL: self.simulator.oauthURL, transport: transport, environment: environment)
        change(&configuration)
        self.client = try RingPartnerClient(configuration)
    }

    /// Links the simulated user's account.
    func link() async throws -> RingPartnerAccount {
        let response = await self.client.linker.handle(try self.codeRequest())
        guard response.status == 200 else { throw RingError(code: .unexpectedStatus, message: "\(response.status)") }
        let redirect = try self.simulator.linkRedirect()
        let result = try await self.client.linker.link(
            RingLinkRedirect(nonce: redirect.nonce, time: redirect.time), for: RingPrincipal(rawValue: "robin"))
        // Media exists from the link on. Ring's clock is ahead, so that the ranges of the tests are in the past.
        self.simulator.advance(by: .seconds(10))
        return self.client.account(result.account)
    }

    /// The request by which Ring posts a new code.
    func codeRequest() throws -> RingHTTPRequest {
        RingHTTPRequest(
            method: .post, url: try #require(URL(string: "https://partner.example/exchange")),
            headerFields: [.contentType: "application/x-www-form-urlencoded"],
            body: RingHTTPBody("code=\(RingPercentCoding.encode(try self.simulator.issueCode()))"))
    }

    func inbox(_ router: RingWebhookRouter = RingWebhookRouter()) throws -> RingWebhookInbox {
        try self.client.webhookInbox(router: router)
    }

    func close() async {
        await self.simulator.stop()
        await self.database.close()
        try? FileManager.default.removeItem(at: self.folder)
    }

    /// An offer of a real browser.
    static func offer() throws -> SDP { try SDP(parsing: self.sample("offer-chromium156-video")) }

    /// A description that a real engine wrote.
    static func sample(_ name: String) throws -> [UInt8] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("RingWHEPTests/Fixtures/SDP/\(name).sdp")
        return [UInt8](try Data(contentsOf: path))
    }
}
