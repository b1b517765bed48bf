import Foundation
import RingCore
import RingCrypto
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
    let database: RingSQLiteDatabase
    let store: RingTokenStore

    init(accounts: [String], sealing: RingSealingKeyRing? = nil) async throws {
        var configuration = RingSimulatorConfiguration()
        (configuration.clientID, configuration.clientSecret) = ("client", "secret")
        configuration.accounts = accounts.map {
            RingSimulatorAccount(id: RingAccountID(rawValue: $0), state: .completed, devices: [])
        }
        self.simulator = try await RingSimulator.start(configuration)
        self.database = try await RingSQLiteDatabase.open(
            .file(self.folder.file()), options: RingSQLiteOptions(busyTimeout: .seconds(30)))
        self.store = RingTokenStore(storage: self.database, sealing: sealing)
        for account in accounts { try await self.link(account) }
    }

    /// Whether the simulator would accept a refresh token. The store must agree with it.
    func isValid(_ token: OAuthRefreshToken?) -> Bool {
        token.map { self.simulator.isValid(refreshToken: $0.revealed) } ?? false
    }

    /// The statuses of the responses to an account's refreshes, since the journal was cleared. Held ones whose sender is
    /// dead have none.
    func responses(_ account: String) -> [Int] {
        let refreshes = self.simulator.journal.filter {
            $0.grantType == "refresh_token" && $0.account?.rawValue == account
        }
        return refreshes.map(\.status).filter { $0 != 0 }
    }

    /// Starts a worker that waits for a line of input.
    func worker(
        _ accounts: [String], mode: String = "churn", die: String = "", keys: String? = nil
    ) throws -> ChildProcess {
        var environment = ProcessInfo.processInfo.environment.merging([
            "STORE": self.folder.file(), "OAUTH_URL": self.simulator.oauthURL, "MODE": mode, "DIE": die,
            "ACCOUNTS": accounts.joined(separator: ","),
        ]) { $1 }
        environment["KEYS"] = keys
        return try ChildProcess(
            ChildProcess.builtPrograms + "/RingTokenWorker", environment: environment, input: nil)
    }

    /// Links an account with tokens whose access token has just ended, over what is stored of it.
    func link(_ account: String, secondsLeft: Double = -1) async throws {
        let now = Date()
        let id = RingAccountID(rawValue: account)
        let tokens = OAuthTokens(
            accessToken: RingAccessToken("old \(account)"), accessExpiresAt: now + secondsLeft,
            refreshToken: OAuthRefreshToken(self.simulator.grantTokens(account: id).refresh),
            refreshExpiresAt: now + 86_400, issuedAt: now)
        let old = try await self.store.record(for: id)
        var record = RingTokenRecord(
            accountID: id, stage: .linked, tokens: tokens, version: old.map { $0.version + 1 } ?? 1, now: now)
        record.generation = (old?.generation ?? 0) + 1
        #expect(try await self.store.commit([.put(record, replacing: old?.version)]))
    }

    /// Another process's view of the accounts, in this process. The leases of dead workers have ended with them.
    func successor(_ observer: RecordingObserver) throws -> RingTokenKeeper {
        let environment = RingEnvironment(observer: observer)
        return RingTokenKeeper(
            store: self.store,
            client: try OAuthClient(
                credentials: OAuthCredentials(clientID: "client", clientSecret: OAuthClientSecret("secret")),
                transport: RingCurlTransport.shared, origin: try #require(URL(string: self.simulator.oauthURL)),
                environment: environment), environment: environment)
    }
}
