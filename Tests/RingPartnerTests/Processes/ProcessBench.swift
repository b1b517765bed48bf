import Foundation
import PostgresServer
import RingCore
import RingCrypto
import RingCurl
import RingOAuth
import RingPostgres
import RingSQLite
import RingSimulator
import RingTesting
import Testing

/// Where the processes of a test share their data.
enum SharedPlace: String, CaseIterable, CustomTestStringConvertible {
    case file
    case postgres

    /// Those that can be used on this machine.
    static let available = Self.allCases.filter { $0 == .file || PostgresServer.isInstalled }

    var testDescription: String { self == .file ? "SQLite" : "PostgreSQL" }
}

/// A file or a PostgreSQL schema, the simulator with refresh tokens that work once, and worker processes that share them.
struct ProcessBench {
    let folder = TemporaryFolder()
    let simulator: RingSimulator
    let database: any RingStorage
    /// What a worker needs to open the database.
    private let place: [String: String]
    let store: RingTokenStore

    init(accounts: [String], sealing: RingSealingKeyRing? = nil, in place: SharedPlace = .file) async throws {
        var configuration = RingSimulatorConfiguration()
        (configuration.clientID, configuration.clientSecret) = ("client", "secret")
        configuration.accounts = accounts.map {
            RingSimulatorAccount(id: RingAccountID(rawValue: $0), state: .completed, devices: [])
        }
        self.simulator = try await RingSimulator.start(configuration)
        if place == .postgres {
            let server = try await PostgresServer.shared.value
            let options = PostgresServer.options(PostgresServer.newSchema())
            self.database = try await RingPostgresDatabase.open(server.url, options: options)
            self.place = ["STORE": server.url, "SCHEMA": options.schema]
        } else {
            self.database = try await RingSQLiteDatabase.open(
                .file(self.folder.file()), options: RingSQLiteOptions(busyTimeout: .seconds(30)))
            self.place = ["STORE": self.folder.file()]
        }
        self.store = RingTokenStore(storage: self.database, sealing: sealing)
        let bench = self
        for some in accounts.chunked(by: 500) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for account in some { group.addTask { try await bench.link(account) } }
                try await group.waitForAll()
            }
        }
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
        _ accounts: [String], mode: String = "churn", die: String = "", keys: String? = nil, clockAhead: Int = 0
    ) throws -> ChildProcess {
        var environment = ProcessInfo.processInfo.environment.merging([
            "PGAPPNAME": "worker", "OAUTH_URL": self.simulator.oauthURL, "MODE": mode, "DIE": die,
            "CLOCK_AHEAD": "\(clockAhead)",
            "ACCOUNTS": accounts.joined(separator: ","),
        ]) { $1 }.merging(self.place) { $1 }
        environment["KEYS"] = keys
        return try ChildProcess(
            ChildProcess.builtPrograms + "/RingTokenWorker", environment: environment, input: nil)
    }

    /// Waits until a PostgreSQL server has noticed the end of every worker: what one sent before its end still takes effect.
    func waitForTheServer() async throws {
        guard let database = self.database as? RingPostgresDatabase else { return }
        while try await database.execute("SELECT 1 FROM pg_stat_activity WHERE application_name = 'worker'") > 0 {
            await Task.yield()
        }
    }

    /// Links an account with tokens whose access token has just ended, over what is stored of it.
    func link(_ account: String, secondsLeft: Double = -1) async throws {
        let now = Date()
        let id = RingAccountID(rawValue: account)
        let tokens = OAuthTokens(
            accessToken: RingAccessToken("old \(account)"), accessExpiresAt: now + secondsLeft,
            refreshToken: OAuthRefreshToken(try self.simulator.grantTokens(account: id).refresh),
            refreshExpiresAt: now + 86_400, issuedAt: now)
        let old = try await self.store.record(for: id)
        var record = RingTokenRecord(
            accountID: id, stage: .linked, tokens: tokens, version: old.map { $0.version + 1 } ?? 1, now: now)
        record.generation = (old?.generation ?? 0) + 1
        #expect(try await self.store.commit([.put(record, replacing: old?.version)]))
    }

    /// A keeper over a connection of its own to the server, as another process has.
    func stranger() async throws -> RingTokenKeeper {
        let url = try #require(self.place["STORE"])
        let options = PostgresServer.options(try #require(self.place["SCHEMA"]))
        return RingTokenKeeper(
            store: RingTokenStore(storage: try await RingPostgresDatabase.open(url, options: options), sealing: nil),
            client: try self.client(RingEnvironment()))
    }

    private func client(_ environment: RingEnvironment) throws -> OAuthClient {
        try OAuthClient(
            credentials: OAuthCredentials(clientID: "client", clientSecret: OAuthClientSecret("secret")),
            transport: RingCurlTransport.shared, origin: try #require(URL(string: self.simulator.oauthURL)),
            environment: environment)
    }

    /// Another process's view of the accounts, in this process. The leases of dead workers have ended with them.
    func successor(_ observer: RecordingObserver) throws -> RingTokenKeeper {
        let environment = RingEnvironment(observer: observer)
        return RingTokenKeeper(
            store: self.store,
            client: try self.client(environment), environment: environment)
    }
}

extension Array {
    fileprivate func chunked(by count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
    }
}
