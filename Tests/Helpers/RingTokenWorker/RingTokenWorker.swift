import Foundation
import RingCore
import RingCrypto
import RingCurl
import RingOAuth
import RingPostgres
import RingSQLite

/// A separate process that refreshes accounts, for tests that kill it or run eight of them.
///
/// `CLOCK_AHEAD` sets how many seconds its date is ahead. It prints `ready`, waits for a line, does what `MODE` says, and prints the results.
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

    private var clock: RingEnvironment {
        RingEnvironment(clock: RingSystemClock(ahead: Double(self.environment["CLOCK_AHEAD"] ?? "") ?? 0))
    }

    func run() async throws {
        let database = try await self.open(self.environment["STORE"] ?? "")
        let sealing = try self.environment["KEYS"].map { try RingSealingKeyRing(text: $0) }
        guard let origin = URL(string: self.environment["OAUTH_URL"] ?? "") else {
            throw RingError(code: .misconfigured, message: "OAUTH_URL is missing")
        }
        let client = try OAuthClient(
            credentials: OAuthCredentials(clientID: "client", clientSecret: OAuthClientSecret("secret")),
            transport: RingCurlTransport(), origin: origin, environment: self.clock)
        let dying = DyingStorage(database, plan: self.environment["DIE"] ?? "")
        let keeper = RingTokenKeeper(
            store: RingTokenStore(storage: dying, sealing: sealing, environment: self.clock), client: client,
            environment: self.clock)
        self.say("ready")
        _ = readLine()
        switch self.environment["MODE"] {
        case "stampede": await self.stampede(keeper)
        case "refresh": await self.refresh(keeper)
        case "rate": try await self.requests(database)
        default: await self.churn(keeper)
        }
    }

    private func open(_ place: String) async throws -> any RingStorage {
        guard let schema = self.environment["SCHEMA"] else {
            return try await RingSQLiteDatabase.open(
                .file(place), options: RingSQLiteOptions(busyTimeout: .seconds(30)))
        }
        var options = RingPostgresOptions()
        options.schema = schema
        return try await RingPostgresDatabase.open(
            place, options: options, machine: .current, environment: self.clock)
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

    /// Refreshes every account once.
    private func refresh(_ keeper: RingTokenKeeper) async {
        for account in self.accounts {
            do { self.say("\(account) \(try await keeper.refresh(account).state)") } catch {
                self.say("\(account) \(error)")
            }
        }
        await keeper.settle()
    }

    /// Sends `RATE` requests a second, evenly, as far as the rate budget lets them pass, until it is killed or its time is up.
    private func requests(_ storage: any RingStorage) async throws {
        guard let origin = URL(string: self.environment["API_URL"] ?? ""), let budget = storage.rateBudget,
            let rate = Double(self.environment["RATE"] ?? ""), let seconds = Double(self.environment["SECONDS"] ?? "")
        else { throw RingError(code: .misconfigured, message: "API_URL, RATE or SECONDS is missing") }
        let shared = RingSharedPipeline(transport: RingCurlTransport(), rateBudget: budget)
        let tokens = RingFixedToken(RingAccessToken(self.environment["ACCESS_TOKEN"] ?? ""))
        let client = RingAPIClient(
            baseURL: origin, account: nil, transport: shared.pipeline(tokens: tokens, origin: origin),
            environment: RingEnvironment())
        let watch = Task { await self.watchProcessor() }
        defer { watch.cancel() }
        let start = ContinuousClock.now
        await withDiscardingTaskGroup { group in
            for number in 0..<Int(rate * seconds) {
                // The pace of the load; nothing is waited for.
                try? await Task.sleep(until: start + .seconds(Double(number) / rate), clock: .continuous)
                group.addTask {
                    do {
                        let request = try client.request(path: ["v1", "users", "me"])
                        _ = try await client.send(request, for: RingOperation("load"))
                    } catch { self.say("failed \(error)") }
                }
            }
        }
        self.say("done")
    }

    /// Says so when the machine lets this process wait for a processor: its requests are late then.
    private func watchProcessor() async {
        while !Task.isCancelled {
            let start = ContinuousClock.now
            // Ends early when it is cancelled.
            try? await Task.sleep(for: .milliseconds(5))
            if ContinuousClock.now - start > .milliseconds(25) { return self.say("late") }
        }
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
private final class DyingStorage: RingStorage {
    private let storage: any RingStorage
    private let plan: String
    private let counter = Counter()

    init(_ storage: any RingStorage, plan: String) {
        self.storage = storage
        self.plan = plan
    }

    var location: String { self.storage.location }

    func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        let number = await self.counter.next()
        if self.plan == "before \(number)" { kill(getpid(), SIGKILL) }
        let isTaken = try await self.storage.commit(changes)
        if self.plan == "after \(number)" { kill(getpid(), SIGKILL) }
        return isTaken
    }

    func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] { try await self.storage.records(ids) }

    func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
        try await self.storage.records(matching: query)
    }

    func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
        try await self.storage.extend(leases, by: duration)
    }

    func close() async { await self.storage.close() }
}

private actor Counter {
    private var count = 0

    func next() -> Int {
        self.count += 1
        return self.count
    }
}
