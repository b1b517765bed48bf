internal import RingCore
internal import Synchronization

/// What every account of one keeper shares.
final class RingKeeperParts: Sendable {
    let store: RingTokenStore
    let client: OAuthClient
    let policy: RingTokenPolicy
    let environment: RingEnvironment
    /// Keeps the leases of the refreshes under way.
    let heartbeat: RingLeaseHeartbeat
    /// Whether no refresh may begin any more.
    let isStopped = Atomic(false)
    /// The accounts with a refresh under way, or a pair that is not stored yet: also those that the keeper has let go of while
    /// somebody still had them.
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
    func begins(_ tokens: RingAccountTokens) { self.busy.withLock { $0[ObjectIdentifier(tokens)] = tokens } }

    /// Notes that a refresh has ended, or that a pair was stored.
    func ends(_ tokens: RingAccountTokens) {
        self.busy.withLock { busy in
            let isIdle = tokens.state.withLock { !$0.isFlying && $0.unsaved == nil }
            if isIdle { busy[ObjectIdentifier(tokens)] = nil }
        }
    }

    /// The accounts with a refresh under way, or a pair that is not stored yet, in a state, in order.
    func busy(where isWanted: (RingAccountTokens.State) -> Bool) -> [RingAccountTokens] {
        self.busy.withLock { Array($0.values) }.filter { $0.state.withLock { isWanted($0) } }
            .sorted { $0.account.rawValue < $1.account.rawValue }
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

    /// The pause before look number `index` at an account somebody else refreshes, or before the next attempt to save.
    func pause(_ index: Int) -> Duration { self.policy.pause(index, self.environment) }

    /// When a pair that is obtained now is due again because nobody used its account.
    func nextIdleRefresh() -> Duration {
        self.policy.idleInterval * (1 - self.policy.idleJitter * self.environment.randomUnit())
    }

    /// Tells the observer when a write changed the state.
    func observeChange(from old: RingTokenRecord?, to new: RingTokenRecord) {
        guard old?.state != new.state else { return }
        self.environment.observer.observe(
            RingAccountStateChanged(account: new.accountID, from: old?.state, to: new.state))
    }
}
