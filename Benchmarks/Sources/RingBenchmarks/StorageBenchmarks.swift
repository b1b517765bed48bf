import Foundation
import RingAccounts
import RingCore
import RingCrypto
import RingOAuth
import RingPostgres
import RingSQLite

/// What a database adds to the work on tokens and links: PostgreSQL beside SQLite, in one run.
///
/// `RING_BENCHMARK_POSTGRES=postgres://…` names a server; nothing is started here. Without it SQLite is measured alone. Each run has a
/// schema of its own, which it leaves behind.
extension Benchmark {
    /// The search for the account of a link, which matches none: every account that can be claimed is read and compared.
    static let linkSearch = Benchmark(
        name: "storage.link-search", unit: "account", measures: .wallTime, sizes: [10_000, 100_000],
        contenders: { size in
            try await StorageBench.all(accounts: size).map { bench in
                let linker = try bench.linker()
                return Contender(bench.name) {
                    let nonce = RingLinkNonce.compute(time: bench.time, accountID: "nobody", key: bench.key)
                    do {
                        _ = try await linker.link(
                            RingLinkRedirect(nonce: nonce, time: bench.time), for: RingPrincipal(rawValue: "user"))
                        return 0
                    } catch let error as RingError where error.code == .noMatchingAccount { return size }
                }
            }
        },
        // 50 ms for 100,000 accounts.
        goals: [.atMost(microsecondsAUnit: 0.5)])

    /// The first token of one account after the other, in a process that knows none yet.
    static let firstToken = Benchmark(
        name: "storage.first-token", unit: "token", measures: .wallTime, sizes: [1_000],
        contenders: { size in
            try await StorageBench.all(accounts: size).map { bench in
                Contender(bench.name) {
                    let keeper = try bench.keeper()
                    var count = 0
                    for account in bench.accounts {
                        count += try await keeper.tokens(for: account).accessToken().revealed.utf8.count
                    }
                    return count
                }
            }
        }, goals: [.atMost(microsecondsAUnit: 1_000)])
}

/// Unclaimed accounts in a database.
private struct StorageBench: Sendable {
    let name: String
    let storage: any RingStorage
    let accounts: [RingAccountID]
    let key: RingHMACKey
    private let file: TemporaryFile?
    let time = String(Int64(Date().timeIntervalSince1970 * 1_000))

    static func all(accounts: Int) async throws -> [StorageBench] {
        var benches: [StorageBench] = []
        if let url = ProcessInfo.processInfo.environment["RING_BENCHMARK_POSTGRES"] {
            var options = RingPostgresOptions()
            options.schema = "bench_\(UInt32.random(in: 0 ... .max))"
            let storage = try await RingPostgresDatabase.open(url, options: options)
            benches.append(try await StorageBench("PostgreSQL", storage, accounts))
            try await Self.waitForVacuum(storage, options.schema)
        }
        let path = FileManager.default.temporaryDirectory.path + "/ring-benchmark-\(UUID().uuidString).sqlite"
        let file = try await RingSQLiteDatabase.open(.file(path))
        benches.append(try await StorageBench("SQLite", file, accounts, TemporaryFile(path: path)))
        return benches
    }

    private init(_ name: String, _ storage: any RingStorage, _ count: Int, _ file: TemporaryFile? = nil) async throws {
        self.name = name
        self.file = file
        self.storage = storage
        self.key = try RingHMACKey("a key for measuring")
        self.accounts = (0..<count).map { RingAccountID(rawValue: "ava1.ring.account.POOL\(1_000_000 + $0)") }
        let keeper = try self.keeper()
        let now = Date()
        let accounts = self.accounts
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<64 {
                group.addTask {
                    for number in stride(from: lane, to: count, by: 64) {
                        let grant = OAuthGrant(
                            accessToken: RingAccessToken("\(1_000_000 + number)" + String(repeating: "t", count: 893)),
                            refreshToken: OAuthRefreshToken(String(repeating: "r", count: 900)),
                            accessExpiresAt: now + 14_400, issuedAt: now)
                        try await keeper.identify(try await keeper.accept(grant), as: accounts[number])
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Autovacuum notices the new rows within a minute. Until then every row is looked at to see whether it counts.
    private static func waitForVacuum(_ storage: any RingStorage, _ schema: String) async throws {
        for _ in 0..<200 {
            guard let transaction = storage.transaction() else { return }
            let rows = try await transaction.execute(
                "SELECT 1 FROM pg_class WHERE oid = '\(schema).ring_record'::regclass AND relallvisible > 0.9 * relpages",
                parameters: [])
            await transaction.rollBack()
            if !rows.isEmpty { return }
            try await Task.sleep(for: .seconds(1))
        }
        let text = "autovacuum has not run: the figures are those of a table without it\n"
        FileHandle.standardError.write(Data(text.utf8))
    }

    /// A keeper that knows no account yet.
    func keeper() throws -> RingTokenKeeper {
        guard let origin = URL(string: "https://oauth.ring.com") else {
            throw RingError(code: .misconfigured, message: "no origin")
        }
        let client = try OAuthClient(
            credentials: OAuthCredentials(clientID: "c", clientSecret: OAuthClientSecret("s")),
            transport: Unreachable(),
            origin: origin)
        return RingTokenKeeper(store: RingTokenStore(storage: self.storage, sealing: nil), client: client)
    }

    func linker() throws -> RingAccountLinker {
        guard let url = URL(string: "https://api.amazonvision.com") else {
            throw RingError(code: .misconfigured, message: "no origin")
        }
        return RingAccountLinker(
            keeper: try self.keeper(),
            policy: RingLinkPolicy(
                keys: [self.key], window: RingLinkNonceWindow(maximumAge: .seconds(86_400)),
                poolLifetime: .seconds(86_400)),
            pipeline: RingSharedPipeline(transport: Unreachable()), baseURL: url)
    }
}

/// A database file that is removed with the last use of it.
private final class TemporaryFile: Sendable {
    private let path: String

    init(path: String) { self.path = path }

    deinit { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: self.path + end) } }
}

private struct Unreachable: RingTransport {
    func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        throw RingError(code: .misconfigured, message: "nothing is sent")
    }
}
