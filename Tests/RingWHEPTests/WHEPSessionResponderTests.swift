import Foundation
import RingCore
import RingTesting
import RingWHEP
import Testing

/// What happens to sessions when a webhook reports that access has ended.
@Suite(.timeLimit(.minutes(1))) struct WHEPSessionResponderTests {
    /// When Ring opened the session, by Ring's clock.
    private static let openedAt = Date(timeIntervalSince1970: 1_794_000_000)

    private func stub(date: Date? = Self.openedAt) -> LiveStub {
        LiveStub(post: { _, number in
            try LiveStub.response(number: number, more: date.map { [.date: RingHTTPDate.format($0)] } ?? [:])
        })
    }

    /// Reports a removal while a session is open.
    ///
    /// - Returns: Whether the session was closed.
    private func closes(
        _ stub: LiveStub, _ change: RingLifecycleEvent.Change = .deviceRemoved(LiveStub.device),
        account: RingAccountID? = "account-1", at moment: Date?, isPresent: Bool = true
    ) async throws -> Bool {
        let session = try await stub.open()
        let client = try stub.client()
        let responder = WHEPSessionResponder(
            ledger: stub.ledger, client: { _ in client }, isPresent: { _, _ in isPresent })
        try await responder.respond(to: RingLifecycleEvent(account: account, change: change, occurredAt: moment))
        let isClosed = session.endReason != nil
        #expect(stub.count(.delete) == (isClosed ? 1 : 0))
        await session.close()
        return isClosed
    }

    @Test(arguments: [0.0, 0.9, 25]) func aRemovalEndsTheSessionsOfItsDevice(later: Double) async throws {
        #expect(try await self.closes(self.stub(), at: Self.openedAt + later))
    }

    /// Ring does not open a session on a device that is not shared.
    @Test(arguments: [1.0, 3_600]) func aLateReportSparesTheSessionOfADeviceThatWasSharedAgain(earlier: Double)
        async throws
    {
        #expect(try await !self.closes(self.stub(), at: Self.openedAt - earlier))
    }

    @Test func withoutRingsTimesASessionIsClosed() async throws {
        #expect(try await self.closes(self.stub(), at: nil))
        #expect(try await self.closes(self.stub(date: nil), at: Date(timeIntervalSince1970: 1)))
    }

    @Test func theTimeIsKnownToTheNextProcess() async throws {
        let stub = self.stub()
        let session = try await stub.open()
        let next = WHEPSessionLedger(
            storage: stub.storage.anotherProcess(), environment: RingEnvironment(clock: stub.clock))
        let client = try stub.client(ledger: next)
        let responder = WHEPSessionResponder(ledger: next, client: { _ in client }, isPresent: { _, _ in true })
        let late = RingLifecycleEvent(
            account: "account-1", change: .deviceRemoved(LiveStub.device), occurredAt: Self.openedAt - 1)
        try await responder.respond(to: late)
        #expect(stub.count(.delete) == 0)
        await session.close()
    }

    @Test func otherDevicesAndOtherAccountsAreLeftAlone() async throws {
        let moment = Self.openedAt + 1
        #expect(try await !self.closes(self.stub(), .deviceRemoved("another"), at: moment))
        #expect(try await !self.closes(self.stub(), account: "account-2", at: moment))
        // Webhooks of version 1.0 name no account.
        #expect(try await self.closes(self.stub(), account: nil, at: moment))
    }

    @Test func aRemovedAppEndsTheSessionsOfItsAccountUnlessItIsLinkedAgain() async throws {
        #expect(try await self.closes(self.stub(), .integrationRemoved, at: Self.openedAt))
        #expect(try await !self.closes(self.stub(), .integrationRemoved, at: Self.openedAt, isPresent: false))
        #expect(try await !self.closes(self.stub(), .integrationRemoved, account: "account-2", at: Self.openedAt))
        #expect(try await !self.closes(self.stub(), .integrationRemoved, account: nil, at: Self.openedAt))
    }

    @Test func otherChangesEndNothing() async throws {
        let changes: [RingLifecycleEvent.Change] = [
            .deviceAdded(LiveStub.device), .integrationAdded, .subscriptionsChanged([LiveStub.device]),
        ]
        for change in changes { #expect(try await !self.closes(self.stub(), change, at: Self.openedAt)) }
    }

    @Test func aSessionThatCannotBeClosedDoesNotFailTheEvent() async throws {
        let stub = LiveStub(delete: { _, _ in RingHTTPResponse(status: 403) })
        let session = try await stub.open()
        let client = try stub.client()
        let responder = WHEPSessionResponder(ledger: stub.ledger, client: { _ in client }, isPresent: { _, _ in true })
        try await responder.respond(to: RingLifecycleEvent(account: nil, change: .deviceRemoved(LiveStub.device)))
        #expect(session.endReason == .closed)
    }
}
