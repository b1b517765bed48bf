package import RingCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Closes the live sessions whose access has ended.
///
/// Ring ends them itself, so a session that cannot be closed here does not fail the event.
package struct WHEPSessionResponder: RingLifecycleResponder {
    private let ledger: WHEPSessionLedger
    private let client: @Sendable (RingAccountID) -> WHEPClient
    private let isPresent: @Sendable (RingAccountID, Date?) async throws -> Bool

    /// - Parameters:
    ///   - ledger: The stored sessions.
    ///   - client: Returns the client of an account, which closes its sessions.
    ///   - isPresent: Whether a removal at a moment concerns the present link of an account and not an earlier one.
    package init(
        ledger: WHEPSessionLedger, client: @escaping @Sendable (RingAccountID) -> WHEPClient,
        isPresent: @escaping @Sendable (RingAccountID, Date?) async throws -> Bool
    ) {
        self.ledger = ledger
        self.client = client
        self.isPresent = isPresent
    }

    package func respond(to event: RingLifecycleEvent) async throws {
        switch event.change {
        case .deviceRemoved(let device):
            let sessions = try await self.ledger.records().filter { session in
                session.device == device && (event.account == nil || session.account == event.account)
            }
            // Webhooks arrive late. A session that Ring opened after the removal shows that the device was shared again.
            let moment = event.occurredAt
            await self.close(sessions.filter { ($0.ringTime ?? .distantPast) <= moment ?? .distantFuture })
        case .integrationRemoved:
            guard let account = event.account else { return }
            // Read before the link is checked: sessions of a link that begins between the two are not closed.
            let sessions = try await self.ledger.records().filter { $0.account == account }
            if try await self.isPresent(account, event.occurredAt) { await self.close(sessions) }
        case .deviceAdded, .integrationAdded, .subscriptionsChanged: break
        }
    }

    private func close(_ records: [WHEPSessionRecord]) async {
        for record in records {
            guard let account = record.account, let url = record.sessionURL else { continue }
            _ = try? await self.client(account).close(url)
        }
    }
}
