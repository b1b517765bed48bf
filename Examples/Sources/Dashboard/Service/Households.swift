import Foundation
import RingPartner

/// What a user has linked, as the pages show it.
extension Service {
    /// The accounts of a user.
    ///
    /// It reads the state of every account, which is enough for a household. A service with many users keeps a table of its own.
    func accounts(of user: RingPrincipal) async throws -> [RingTokenStatus] {
        var found: [RingTokenStatus] = []
        var last: RingAccountID?
        while true {
            let page = try await self.ring.tokens.statuses(after: last)
            found += page.filter { $0.principal == user && $0.state != .removed }
            guard let end = page.last, page.count >= 1000 else { return found }
            last = end.accountID
        }
    }

    /// The accounts of a user and their devices. One account that cannot be read does not hide the others.
    func household(of user: RingPrincipal) async -> Household {
        var household = Household()
        do { household.accounts = try await self.accounts(of: user) } catch {
            household.problems.append("accounts: \(error.forPeople)")
        }
        for account in household.accounts.map(\.accountID) {
            do {
                let snapshot = try await self.ring.directory.devices(of: account)
                household.devices += snapshot.entries.map { Household.Device(account: account, entry: $0) }
                // A newer list is on its way most of the time; one that does not come is worth a word.
                if snapshot.isStale, snapshot.loadedAt < Date() - 600 {
                    household.problems.append("The devices are from \(snapshot.loadedAt.formatted()).")
                }
            } catch {
                household.problems.append("devices: \(error.forPeople)")
            }
        }
        return household
    }
}
