internal import RingCore

/// What every account of one keeper shares.
final class RingKeeperParts: Sendable {
    let store: any RingTokenStore
    let client: OAuthClient
    let policy: RingTokenPolicy
    let environment: RingEnvironment
    /// Names this keeper in the write-ahead notes: random, so that no two processes share it.
    let holder: String

    init(store: any RingTokenStore, client: OAuthClient, policy: RingTokenPolicy, environment: RingEnvironment) {
        self.store = store
        self.client = client
        self.policy = policy
        self.environment = environment
        self.holder =
            String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    func record(for account: RingAccountID) async throws -> RingTokenRecord? {
        do { return try await self.store.record(for: account) } catch {
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

    /// Tells the observer when a write changed the state.
    func observeChange(from old: RingTokenRecord?, to new: RingTokenRecord) {
        guard old?.state != new.state else { return }
        self.environment.observer.observe(
            RingAccountStateChanged(account: new.accountID, from: old?.state, to: new.state))
    }
}
