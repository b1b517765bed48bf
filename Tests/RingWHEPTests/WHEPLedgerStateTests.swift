import Foundation
import RingCore
import RingWHEP
import Testing

/// The transitions of a ledger, by value.
@Suite struct WHEPLedgerStateTests {
    private static let collection = RingStorageCollection(
        name: "live", indexes: ["account", "device", "expires", "sealing_key"])

    private func add(_ id: String, to state: inout WHEPLedgerState) -> Bool {
        let storageID = RingStorageID(Self.collection, id)
        return state.add(
            id, RingStorageLease(id: storageID, token: 1),
            RingStorageRecord(id: storageID, version: 1, keys: [nil, nil, nil, nil], payload: []))
    }

    private func handle(_ path: String) throws -> WHEPSessionHandle {
        WHEPSessionHandle(url: try #require(URL(string: "https://api.example.test/\(path)"))) { _ in .closed }
    }

    @Test func aSessionIsOpenFromItsStartToItsEnd() throws {
        var state = WHEPLedgerState()
        #expect(self.add("a", to: &state))
        #expect(state.openIDs == ["a"] && state.entry("a")?.stored.version == 1)
        let handle = try self.handle("a")
        #expect(state.handle(of: handle.url) == nil)
        #expect(state.attach(handle, to: "a") == nil)
        #expect(state.handle(of: handle.url) != nil)
        state.remove("a", mayStillRun: false)
        #expect(state.openCount == 0 && state.notClosedCount == 0)
        // A second end counts nothing.
        state.remove("a", mayStillRun: true)
        #expect(state.notClosedCount == 0)
    }

    @Test func aShutdownAdmitsNoFurtherSessionAndEndsThoseUnderWay() throws {
        var state = WHEPLedgerState()
        for id in ["c", "a", "b"] { #expect(self.add(id, to: &state)) }
        for id in ["b", "c"] { #expect(try state.attach(self.handle(id), to: id) == nil) }
        // In the order of the starts, without the start that has no URL yet.
        #expect(state.shutDown().map(\.url.lastPathComponent) == ["c", "b"])
        #expect(try state.attach(self.handle("a"), to: "a") == .shutdown)
        #expect(!self.add("d", to: &state))
        state.remove("a", mayStillRun: true)
        #expect(state.openCount == 2 && state.notClosedCount == 1)
    }

    @Test func aLostRecordEndsTheSessionNowOrWhenItsURLIsKnown() throws {
        var state = WHEPLedgerState()
        #expect(self.add("a", to: &state) && self.add("b", to: &state))
        #expect(try state.attach(self.handle("a"), to: "a") == nil)
        #expect(state.lose("a")?.url.lastPathComponent == "a")
        #expect(state.lose("b") == nil)
        #expect(try state.attach(self.handle("b"), to: "b") == .takenOver)
        #expect(try state.attach(self.handle("c"), to: "c") == .takenOver)
    }

    @Test func theEndOfAFoundSessionIsCountedFromTheFirstFind() {
        var state = WHEPLedgerState()
        #expect(state.find("x", maximumRun: .seconds(60), now: .seconds(10)) == .seconds(70))
        #expect(state.find("x", maximumRun: .seconds(60), now: .seconds(30)) == .seconds(70))
        state.noteEnd(of: "x", at: .seconds(99))
        #expect(state.find("x", maximumRun: .seconds(60), now: .seconds(30)) == .seconds(70))
        state.setEnd(of: "x", at: .seconds(31))
        #expect(state.find("x", maximumRun: .seconds(60), now: .seconds(30)) == .seconds(31))
        state.forgetEnd(of: "x")
        #expect(state.find("x", maximumRun: .seconds(60), now: .seconds(40)) == .seconds(100))
    }

    @Test func aRecoverySkipsWhatThisProcessWorksOn() {
        var state = WHEPLedgerState()
        #expect(self.add("own", to: &state))
        #expect(state.find("own", maximumRun: .seconds(60), now: .zero) == nil)
        #expect(state.claim("other") && !state.claim("other"))
        #expect(state.find("other", maximumRun: .seconds(60), now: .zero) == nil)
        state.unclaim("other")
        #expect(state.find("other", maximumRun: .seconds(60), now: .zero) == .seconds(60))
        #expect(state.claim("other") == true)
    }

    @Test func manyOldEndsAreRemovedAndRecentOnesKept() {
        var state = WHEPLedgerState()
        for number in 0..<4_097 { state.setEnd(of: "\(number)", at: .seconds(number == 0 ? 5_000 : 1)) }
        state.prune(now: .seconds(5_000))
        #expect(state.find("0", maximumRun: .seconds(60), now: .seconds(5_000)) == .seconds(5_000))
        #expect(state.find("1", maximumRun: .seconds(60), now: .seconds(5_000)) == .seconds(5_060))
    }
}
