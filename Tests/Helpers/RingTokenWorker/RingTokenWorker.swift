import Foundation
import RingCore
import RingCurl
import RingOAuth
import RingSQLite

/// A process of its own that refreshes accounts, for tests that kill it or run eight of it.
///
/// It says `ready`, waits for a line, does what `MODE` says, and prints what came of it.
@main struct RingTokenWorker {
    static func main() async {
        do {
            try await Worker(ProcessInfo.processInfo.environment).run()
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }
}

private struct Worker {
    let environment: [String: String]
    let accounts: [RingAccountID]

    init(_ environment: [String: String]) {
        self.environment = environment
        self.accounts = (environment["ACCOUNTS"] ?? "").split(separator: ",").map {
            RingAccountID(rawValue: String($0))
        }
    }

    func run() async throws {
        let store = try await RingSQLiteTokenStore.open(
            .file(self.environment["STORE"] ?? ""), sealing: nil,
            options: RingSQLiteOptions(busyTimeout: .seconds(30)))
        guard let origin = URL(string: self.environment["OAUTH_URL"] ?? "") else {
            throw RingError(code: .misconfigured, message: "OAUTH_URL is missing")
        }
        let client = try OAuthClient(
            credentials: OAuthCredentials(clientID: "client", clientSecret: OAuthClientSecret("secret")),
            transport: RingCurlTransport(), origin: origin)
        let dying = DyingStore(store: store, plan: self.environment["DIE"] ?? "")
        let keeper = RingTokenKeeper(store: dying, client: client)
        self.say("ready")
        _ = readLine()
        switch self.environment["MODE"] {
        case "stampede": await self.stampede(keeper)
        default: await self.churn(keeper)
        }
    }

    /// Refreshes one account after the other until it is killed, or a hundred rounds are done.
    private func churn(_ keeper: RingTokenKeeper) async {
        for _ in 0..<100 {
            for account in self.accounts {
                do { try await keeper.refresh(account) } catch { self.say("failed \(account)") }
            }
        }
        self.say("done")
    }

    /// Sixteen tasks want a token of every account, each in an order of its own.
    private func stampede(_ keeper: RingTokenKeeper) async {
        let failures = await withTaskGroup(of: [String].self) { group in
            for _ in 0..<16 {
                group.addTask {
                    var failures: [String] = []
                    for account in self.accounts.shuffled() {
                        do { _ = try await keeper.tokens(for: account).accessToken() } catch {
                            failures.append("\(account): \(error)")
                        }
                    }
                    return failures
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        self.say("failures \(failures.count) \(failures.first ?? "")")
    }

    private func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
}

/// Kills its own process before or after a commit. A refresh commits twice: its intent, and its outcome.
private final class DyingStore: RingTokenStore {
    private let store: any RingTokenStore
    private let plan: String
    private let counter = Counter()

    init(store: any RingTokenStore, plan: String) {
        self.store = store
        self.plan = plan
    }

    func record(for account: RingAccountID) async throws -> RingTokenRecord? {
        try await self.store.record(for: account)
    }

    func commit(_ changes: [RingTokenChange]) async throws -> Bool {
        let number = await self.counter.next()
        if self.plan == "before \(number)" { kill(getpid(), SIGKILL) }
        let isTaken = try await self.store.commit(changes)
        if self.plan == "after \(number)" { kill(getpid(), SIGKILL) }
        return isTaken
    }

    func accounts(_ query: RingTokenQuery, limit: Int?) async throws -> [RingAccountID] {
        try await self.store.accounts(query, limit: limit)
    }
}

private actor Counter {
    private var count = 0

    func next() -> Int {
        self.count += 1
        return self.count
    }
}
