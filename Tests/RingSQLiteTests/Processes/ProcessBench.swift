import Foundation
import RingCore
import RingCurl
import RingOAuth
import RingSQLite
import RingSimulator
import RingTesting
import Testing

/// A file, the simulator with refresh tokens that work once, and worker processes that share them.
struct ProcessBench {
    let folder = TemporaryFolder()
    let simulator: RingSimulator
    let store: RingSQLiteTokenStore

    init(accounts: [String]) async throws {
        var configuration = RingSimulatorConfiguration()
        (configuration.clientID, configuration.clientSecret) = ("client", "secret")
        configuration.accounts = accounts.map { RingSimulatorAccount(id: $0, state: .completed, devices: []) }
        self.simulator = try await RingSimulator.start(configuration)
        self.store = try await RingSQLiteTokenStore.open(
            .file(self.folder.file()), sealing: nil, options: RingSQLiteOptions(busyTimeout: .seconds(30)))
        for account in accounts { try await self.link(account) }
    }

    /// Whether the simulator would take a refresh token: the truth that the store must not contradict.
    func isValid(_ token: OAuthRefreshToken?) -> Bool {
        token.map { self.simulator.isValid(refreshToken: $0.revealed) } ?? false
    }

    /// The statuses that an account's refreshes were answered with, since the journal was cleared. Held ones whose asker is
    /// dead have none.
    func answers(_ account: String) -> [Int] {
        let refreshes = self.simulator.journal.filter { $0.grantType == "refresh_token" && $0.account == account }
        return refreshes.map(\.status).filter { $0 != 0 }
    }

    /// Starts a worker that waits for a line of input.
    func worker(_ accounts: [String], mode: String = "churn", die: String = "") throws -> ChildProcess {
        try ChildProcess(
            ChildProcess.builtPrograms + "/RingTokenWorker",
            environment: ProcessInfo.processInfo.environment.merging([
                "STORE": self.folder.file(), "OAUTH_URL": self.simulator.oauthURL, "MODE": mode, "DIE": die,
                "ACCOUNTS": accounts.joined(separator: ","),
            ]) { $1 }, input: nil)
    }

    /// Links an account with tokens whose access token has just ended, over what is stored of it.
    func link(_ account: String, secondsLeft: Double = -1) async throws {
        let now = Date()
        let id = RingAccountID(rawValue: account)
        let tokens = OAuthTokens(
            accessToken: RingAccessToken("old \(account)"), accessExpiresAt: now + secondsLeft,
            refreshToken: OAuthRefreshToken(self.simulator.grantTokens(account: account).refresh),
            refreshExpiresAt: now + 86_400, issuedAt: now)
        let old = try await self.store.record(for: id)
        var record = RingTokenRecord(accountID: id, stage: .linked, tokens: tokens, now: now)
        record.generation = (old?.generation ?? 0) + 1
        #expect(try await self.store.commit([.put(record, replacing: old?.version)]))
    }

    /// Another process's view of the accounts, in this process. Its clock is a minute and a half ahead, so that the leases
    /// of the dead are over.
    func successor(_ observer: RecordingObserver) throws -> RingTokenKeeper {
        let environment = RingEnvironment(clock: AheadClock(), observer: observer)
        return RingTokenKeeper(
            store: self.store,
            client: try OAuthClient(
                credentials: OAuthCredentials(clientID: "client", clientSecret: OAuthClientSecret("secret")),
                transport: RingCurlTransport.shared, origin: try #require(URL(string: self.simulator.oauthURL)),
                environment: environment), environment: environment)
    }
}

/// The machine's clock, a minute and a half later.
struct AheadClock: RingClock {
    private let system = RingSystemClock()
    func now() -> Date { self.system.now() + 90 }
    func uptime() -> Duration { self.system.uptime() }
    func sleep(for duration: Duration) async throws { try await self.system.sleep(for: duration) }
}
