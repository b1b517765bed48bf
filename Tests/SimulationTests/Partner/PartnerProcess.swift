import Foundation
import RingAccounts
import RingCore
import RingCrypto
import RingOAuth
import RingPartner
import RingTesting
import RingWHEP
import RingWebhooks
import Synchronization

/// What runs in one process of a partner's service: the client of this package with everything that belongs to it.
final class PartnerProcess: Sendable {
    let process: SimulatedProcess
    let keyPhase: Int
    private let run: PartnerRun
    private let client: RingPartnerClient
    private let inbox: RingWebhookInbox
    private let isEnding = Mutex(false)

    init(_ process: SimulatedProcess, in run: PartnerRun, keyPhase: Int) throws {
        self.process = process
        self.run = run
        self.keyPhase = keyPhase
        let storage = SimulatedStorage(
            process, run.database.anotherProcess(), isEndVisible: run.plan.isEndVisible, mirror: run.records)
        var configuration = try RingPartnerConfiguration(
            credentials: OAuthCredentials(clientID: "app", clientSecret: OAuthClientSecret("secret")),
            hmacKeys: [run.keys.signer.key], storage: storage, sealing: run.keys.sealing[keyPhase],
            transport: SimulatedTransport(process, server: run.model), environment: process.environment())
        configuration.rateBudget = NoRateBudget()
        configuration.tokenPolicy = RingTokenPolicy(idleInterval: run.plan.idleInterval)
        self.client = try RingPartnerClient(configuration)
        var router = RingWebhookRouter()
        router.onEvery { delivery in try await Self.handle(delivery, process, run) }
        self.inbox = try self.client.webhookInbox(router: router, options: run.plan.inbox)
    }

    /// Starts everything that a service runs.
    func start() { self.process.run { [client, inbox] in await client.run(inbox: inbox) } }

    /// Whether it accepts requests: it runs, and was not asked to end.
    var takesRequests: Bool { self.process.isAlive && !self.isEnding.withLock { $0 } }

    /// Whether it was asked to end.
    var isShuttingDown: Bool { self.isEnding.withLock { $0 } }

    /// Ends as a service ends after SIGTERM.
    func shutDown() {
        let isFirst = self.isEnding.withLock { isEnding in
            defer { isEnding = true }
            return !isEnding
        }
        guard isFirst, self.process.isAlive else { return }
        self.run.simulation.note("shuts down", self.process)
        self.process.run { [process, client, limit = self.run.plan.shutdownLimit] in
            for _ in 0..<8 {
                let report = await client.shutdown(within: limit)
                if report.isComplete { return process.end(isInOrder: true) }
            }
            process.end()
        }
    }

    // MARK: Requests

    private static let exchangeURL = URL(filePath: "/exchange")

    /// Ring posts a code.
    func receive(code: String, _ reply: @escaping @Sendable (Int) -> Void) {
        self.process.run { [process, client] in
            let request = RingHTTPRequest(
                method: .post, url: Self.exchangeURL, headerFields: [.contentType: "application/x-www-form-urlencoded"],
                body: RingHTTPBody("code=\(code)"))
            let response = await client.linker.handle(request)
            if process.isAlive { reply(response.status) }
        }
    }

    /// Ring sends a webhook.
    func receive(_ body: [UInt8], _ headers: RingHTTPFields, _ reply: @escaping @Sendable (Int?) -> Void) {
        self.process.run { [process, inbox] in
            let response = await inbox.handle(headers: headers, body: body)
            if process.isAlive { reply(response.status) }
        }
    }

    /// A signed-in user comes with Ring's redirect.
    func link(
        _ redirect: (nonce: String, time: String), for principal: String,
        _ reply: @escaping @Sendable (RingError.Code?) -> Void
    ) {
        self.process.run { [process, client] in
            let redirect = RingLinkRedirect(nonce: redirect.nonce, time: redirect.time)
            let user = RingPrincipal(rawValue: principal)
            var code: RingError.Code?
            do {
                _ = try await client.linker.link(redirect, for: user, accountIdentifier: principal)
            } catch { code = (error as? RingError)?.code ?? .closed }
            if process.isAlive { reply(code) }
        }
    }

    /// Makes a call to Ring for an account.
    func call(_ account: String, _ reply: @escaping @Sendable (String?, RingError.Code?) -> Void) {
        self.process.run { [process, client] in
            var (user, code): (String?, RingError.Code?) = (nil, nil)
            do {
                user = try await client.account(RingAccountID(rawValue: account)).profile.user().id.rawValue
            } catch { code = (error as? RingError)?.code ?? .closed }
            if process.isAlive { reply(user, code) }
        }
    }

    func refresh(_ account: String, _ reply: @escaping @Sendable (RingError.Code?) -> Void) {
        self.process.run { [process, client] in
            var code: RingError.Code?
            do { try await client.tokens.refresh(RingAccountID(rawValue: account)) } catch {
                code = (error as? RingError)?.code ?? .closed
            }
            if process.isAlive { reply(code) }
        }
    }

    func sweep() {
        self.process.run { [client] in _ = try? await RingIdleKeeper(keeper: client.tokens).sweep() }
    }

    /// Opens a live session, and ends it in one of the ways that an application may.
    func live(_ account: String, offer: SDP, hold: Duration, ends: Int) {
        let clock = self.process.environment().clock
        self.process.run { [client] in
            let live = client.account(RingAccountID(rawValue: account)).live
            let options = WHEPSessionOptions(power: .mains, sendsOfferWithErrors: true)
            let device = RingDeviceID(rawValue: "cam-\(account)")
            guard let session = try? await live.open(device, offer: offer, options: options) else { return }
            guard (try? await clock.sleep(for: hold)) != nil else { return }
            // Otherwise the last reference goes.
            if ends > 0 { await session.close() }
        }
    }

    private static func handle(
        _ delivery: RingWebhookDelivery, _ process: SimulatedProcess, _ run: PartnerRun
    ) async throws {
        guard let number = Int(delivery.key.requestID.rawValue.dropFirst()) else { return }
        try process.checkAlive()
        for other in run.webhooks.begins(number, in: process)
        where !other.isStandingStill && !process.isStandingStill {
            run.simulation.fail("\(process.name) and \(other.name) handle webhook w\(number) at the same time")
        }
        var hasHandled = false
        defer { run.webhooks.ends(number, in: process, hasHandled: hasHandled) }
        try await process.environment().clock.sleep(
            for: run.simulation.duration(below: run.simulation.chance(0.1) ? .seconds(40) : .milliseconds(300)))
        hasHandled = true
    }
}

/// A budget without limits.
private struct NoRateBudget: RingRateBudget {
    func admit(account: RingAccountID?, priority: RingPriority, deadline: RingDeadline?) async throws {}
    func learn(_ decision: RingRateDecision) {}
}
