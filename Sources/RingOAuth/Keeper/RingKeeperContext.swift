internal import RingCore
internal import Synchronization

/// The services and settings that all accounts of one keeper share.
final class RingKeeperContext: Sendable {
    let store: RingTokenStore
    let client: OAuthClient
    let policy: RingTokenPolicy
    let environment: RingEnvironment
    /// Extends the leases of the refreshes under way.
    let heartbeat: RingLeaseHeartbeat
    /// Whether no further refresh may begin.
    let isStopped = Atomic(false)
    /// Signalled at the end of every refresh.
    let refreshEnded = RingSignal()
    /// The accounts with a refresh under way, or a pair that is not stored yet, including those that the keeper has released
    /// while a caller still used them.
    private let busy = Mutex<[ObjectIdentifier: RingAccountTokens]>([:])

    init(store: RingTokenStore, client: OAuthClient, policy: RingTokenPolicy, environment: RingEnvironment) {
        self.store = store
        self.client = client
        self.policy = policy
        self.environment = environment
        self.heartbeat = RingLeaseHeartbeat(
            storage: store.storage, environment: environment,
            duration: max(policy.leaseDuration, client.requestLimit + .seconds(10)))
    }

    /// Notes that a refresh begins.
    func begin(_ tokens: RingAccountTokens) { self.busy.withLock { $0[ObjectIdentifier(tokens)] = tokens } }

    /// Notes that a refresh has ended, or that a pair was stored.
    func end(_ tokens: RingAccountTokens) {
        self.busy.withLock { busy in
            if tokens.isIdle { busy[ObjectIdentifier(tokens)] = nil }
        }
    }

    /// The accounts with a refresh under way, in the order of their ids.
    var refreshing: [RingAccountTokens] { self.busy(where: \.isRefreshing) }

    /// The accounts with a pair that is not stored yet, in the order of their ids.
    var unsaved: [RingAccountTokens] { self.busy { $0.unsaved != nil } }

    private func busy(where condition: (RingAccountTokens) -> Bool) -> [RingAccountTokens] {
        self.busy.withLock { Array($0.values) }.filter(condition).sorted { $0.account.rawValue < $1.account.rawValue }
    }

    func record(for account: RingAccountID) async throws -> RingTokenRecord? {
        do { return try await self.store.record(for: account) } catch {
            throw RingError.storage(error, "reading \(account)")
        }
    }

    func header(for account: RingAccountID) async throws -> RingTokenRecord? {
        do { return try await self.store.header(for: account) } catch {
            throw RingError.storage(error, "reading \(account)")
        }
    }

    func commit(_ changes: [RingTokenChange], _ what: String) async throws -> Bool {
        do { return try await self.store.commit(changes) } catch { throw RingError.storage(error, what) }
    }

    func accounts(_ query: RingTokenQuery, limit: Int?) async throws -> [RingAccountID] {
        do { return try await self.store.accounts(query, limit: limit) } catch {
            throw RingError.storage(error, "looking for accounts")
        }
    }

    /// The pause before attempt number `index`, either to read an account that another process refreshes, or to save.
    func pause(_ index: Int) -> Duration { self.policy.pause(index, self.environment) }

    /// How long after it was obtained the pair of an unused account is refreshed.
    func nextIdleRefresh() -> Duration {
        self.policy.idleInterval * (1 - self.policy.idleJitter * self.environment.randomUnit())
    }

    /// Reports a write that changed the state of an account.
    func observeChange(from old: RingTokenRecord?, to new: RingTokenRecord) {
        guard old?.state != new.state else { return }
        self.environment.observer.observe(
            RingAccountStateChanged(account: new.accountID, from: old?.state, to: new.state))
    }
}
