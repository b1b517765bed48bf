import Foundation
import RingCore
import RingDevices
import RingTesting
import Testing

@Suite struct RingDeviceDirectoryTests {
    private let stage = DirectoryStage()

    private func change(_ device: RingDeviceID, _ kind: RingEventKind, _ seconds: Double = 0) -> RingEventKey {
        RingEventKey(device: device, kind: kind, start: self.stage.clock.now() + seconds)
    }

    /// Waits for a load behind the caller's back.
    private func asked(_ count: Int) async {
        while self.stage.asked.count < count { await Task.yield() }
    }

    @Test func aFreshListIsAskedForOnce() async throws {
        self.stage.set([DirectoryStage.device("1"), DirectoryStage.device("2")])
        let directory = self.stage.directory()
        for _ in 0..<10 {
            let snapshot = try await directory.devices(of: "a")
            #expect(snapshot.devices.map(\.id) == ["1", "2"] && !snapshot.isStale)
            self.stage.clock.advance(by: .seconds(300))
        }
        #expect(try await directory.device("2", of: "a").device.name == "Device 2")
        #expect(self.stage.asked == ["list a"])
        #expect(await directory.statistics.hits == 10)
    }

    @Test func aHundredCallersShareOneLoad() async throws {
        self.stage.set([DirectoryStage.device("1")])
        self.stage.hold()
        let directory = self.stage.directory()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { try await directory.devices(of: "a").entries.count } }
            await self.stage.heldBack(atLeast: 1)
            while await directory.statistics.waits < 100 { await Task.yield() }
            self.stage.release()
            for try await count in group { #expect(count == 1) }
        }
        #expect(self.stage.asked == ["list a"])
    }

    @Test func aCancelledCallerLeavesAtOnceAndTheLoadGoesOn() async throws {
        self.stage.set([DirectoryStage.device("1")])
        self.stage.hold()
        let directory = self.stage.directory()
        let first = Task { try await directory.devices(of: "a") }
        await self.stage.heldBack(atLeast: 1)
        let second = Task { try await directory.devices(of: "a") }
        while await directory.statistics.waits < 2 { await Task.yield() }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        self.stage.release()
        #expect(try await second.value.entries.count == 1)
        #expect(self.stage.asked.count == 1)
    }

    @Test func aListPastItsAgeIsGivenAtOnceAndReloadedBehind() async throws {
        self.stage.set([DirectoryStage.device("1")])
        let directory = self.stage.directory()
        _ = try await directory.devices(of: "a")
        self.stage.set([DirectoryStage.device("1"), DirectoryStage.device("2")])
        self.stage.clock.advance(by: .seconds(3601))
        self.stage.hold()
        for _ in 0..<5 {
            let snapshot = try await directory.devices(of: "a")
            #expect(snapshot.isStale && snapshot.entries.count == 1)
        }
        await self.stage.heldBack(atLeast: 1)
        self.stage.release()
        while try await directory.devices(of: "a").isStale { await Task.yield() }
        #expect(try await directory.devices(of: "a").entries.count == 2)
        #expect(self.stage.asked.count == 2)
    }

    @Test func aFailureBehindTheCallersBackIsPausedAfterAndNeverRemembered() async throws {
        self.stage.set([DirectoryStage.device("1")])
        let directory = self.stage.directory()
        _ = try await directory.devices(of: "a")
        self.stage.fail(RingError(code: .serverFailure, message: "down"))
        self.stage.clock.advance(by: .seconds(4000))
        for _ in 0..<5 { #expect(try await directory.devices(of: "a").isStale) }
        while await directory.statistics.failures < 1 { await Task.yield() }
        for _ in 0..<5 { #expect(try await directory.devices(of: "a").isStale) }
        #expect(self.stage.asked.count == 2)
        // Too old to be shown: the failure is thrown, and the next caller tries again.
        self.stage.clock.advance(by: .seconds(86400))
        await #expect(throws: RingError.self) { try await directory.devices(of: "a") }
        self.stage.fail(nil)
        #expect(try await directory.devices(of: "a").entries.count == 1)
    }

    @Test(arguments: [RingError.Code.relinkRequired, .unauthorized, .forbidden])
    func whenAccessIsLostNothingIsShownAnyLonger(code: RingError.Code) async throws {
        self.stage.set([DirectoryStage.device("1")])
        let directory = self.stage.directory()
        _ = try await directory.devices(of: "a")
        self.stage.fail(RingError(code: code, message: "gone"))
        self.stage.clock.advance(by: .seconds(4000))
        _ = try await directory.devices(of: "a")
        while await directory.statistics.failures < 1 { await Task.yield() }
        let error = await #expect(throws: RingError.self) { try await directory.devices(of: "a") }
        #expect(error?.code == code)
        #expect(await directory.statistics.devices == 0)
    }

    @Test func anAddedDeviceIsFetchedBeforeTheNextReadAndNoSooner() async throws {
        self.stage.set([DirectoryStage.device("1")])
        let directory = self.stage.directory()
        _ = try await directory.devices(of: "a")
        self.stage.set([DirectoryStage.device("1"), DirectoryStage.device("2")])
        await directory.observe(self.change("2", .deviceAdded), of: "a")
        await directory.observe(self.change("2", .deviceAdded), of: "a")
        #expect(self.stage.asked.count == 1)
        #expect(try await directory.devices(of: "a").devices.map(\.id) == ["1", "2"])
        #expect(self.stage.asked == ["list a", "get 2"])
    }

    @Test func whenAnAddedDeviceCannotBeFetchedTheOthersAreGiven() async throws {
        self.stage.set([DirectoryStage.device("1")])
        let directory = self.stage.directory()
        _ = try await directory.devices(of: "a")
        await directory.observe(self.change("2", .deviceAdded), of: "a")
        self.stage.fail(RingError(code: .timedOut, message: "slow"))
        let snapshot = try await directory.devices(of: "a")
        #expect(snapshot.isStale && snapshot.devices.map(\.id) == ["1"])
        for _ in 0..<5 { #expect(try await directory.devices(of: "a").isStale) }
        #expect(self.stage.asked == ["list a", "get 2"])
        self.stage.fail(nil)
        self.stage.clock.advance(by: .seconds(61))
        self.stage.set([DirectoryStage.device("1"), DirectoryStage.device("2")])
        #expect(try await directory.devices(of: "a").entries.count == 2)
    }

    @Test func manyAddedDevicesAreOneList() async throws {
        let directory = self.stage.directory()
        _ = try await directory.devices(of: "a")
        let ids = (0..<9).map { RingDeviceID(rawValue: "n\($0)") }
        self.stage.set(ids.map { DirectoryStage.device($0) })
        for id in ids { await directory.observe(self.change(id, .deviceAdded), of: "a") }
        #expect(try await directory.devices(of: "a").entries.count == 9)
        #expect(self.stage.asked == ["list a", "list a"])
    }

    @Test func aRemovedDeviceIsGoneAtOnceAndALateWebhookDoesNotBringItBack() async throws {
        self.stage.set([DirectoryStage.device("1"), DirectoryStage.device("2")])
        let directory = self.stage.directory()
        _ = try await directory.devices(of: "a")
        self.stage.clock.advance(by: .seconds(100))
        await directory.observe(self.change("2", .deviceRemoved), of: "a")
        await directory.observe(self.change("2", .deviceAdded, -5), of: "a")
        await directory.observe(self.change("2", .deviceOnline, -5), of: "a")
        #expect(try await directory.devices(of: "a").devices.map(\.id) == ["1"])
        let error = await #expect(throws: RingError.self) { try await directory.device("2", of: "a") }
        #expect(error?.code == .deviceNotFound)
        #expect(self.stage.asked.count == 1)
        // A later addition does.
        await directory.observe(self.change("2", .deviceAdded, 5), of: "a")
        #expect(try await directory.devices(of: "a").entries.count == 2)
    }

    @Test func aRemovalDuringALoadIsNotUndoneByItsResponse() async throws {
        self.stage.set([DirectoryStage.device("1"), DirectoryStage.device("2")])
        self.stage.hold()
        let directory = self.stage.directory()
        let load = Task { try await directory.devices(of: "a") }
        await self.stage.heldBack(atLeast: 1)
        await directory.observe(self.change("2", .deviceRemoved), of: "a")
        await directory.observe(self.change("1", .deviceOffline), of: "a")
        self.stage.release()
        let snapshot = try await load.value
        #expect(snapshot.devices.map(\.id) == ["1"])
        #expect(snapshot.entries.first?.reachability.state == .offline)
    }

    @Test func connectionsFollowWebhooksAndKnowSinceWhen() async throws {
        self.stage.set([DirectoryStage.device("1")])
        let directory = self.stage.directory()
        _ = try await directory.devices(of: "a")
        let offline = self.change("1", .deviceOffline, 10)
        await directory.observe(offline, of: "a")
        #expect(
            try await directory.device("1", of: "a").reachability
                == RingReachability(state: .offline, since: offline.start))
        // Out of order: it came online before it went offline.
        await directory.observe(self.change("1", .deviceOnline, 5), of: "a")
        #expect(try await directory.device("1", of: "a").reachability.state == .offline)
        await directory.observe(self.change("1", .deviceOnline, 20), of: "a")
        #expect(try await directory.device("1", of: "a").reachability.state == .online)
        #expect(self.stage.asked.count == 1)
    }

    @Test func aWebhookFromBeforeTheListChangesNothing() async throws {
        self.stage.set([DirectoryStage.device("1")])
        let directory = self.stage.directory()
        _ = try await directory.devices(of: "a")
        // Ring repeats a webhook for up to 73 minutes.
        await directory.observe(self.change("1", .deviceOffline, -4000), of: "a")
        await directory.observe(self.change("1", .deviceRemoved, -4000), of: "a")
        #expect(try await directory.device("1", of: "a").reachability.state == .online)
    }

    @Test func aReloadKeepsSinceWhenIfItAgrees() async throws {
        self.stage.set([DirectoryStage.device("1", online: false)])
        let directory = self.stage.directory()
        _ = try await directory.devices(of: "a")
        let change = self.change("1", .deviceOffline, 10)
        await directory.observe(change, of: "a")
        self.stage.clock.advance(by: .seconds(500))
        _ = try await directory.refresh("a")
        #expect(try await directory.device("1", of: "a").connectionChangedAt == change.start)
        self.stage.set([DirectoryStage.device("1", online: true)])
        _ = try await directory.refresh("a")
        #expect(try await directory.device("1", of: "a").connectionChangedAt == nil)
    }

    @Test func sensorsFollowTheirWebhooks() async throws {
        self.stage.set([DirectoryStage.device("1")])
        let directory = self.stage.directory()
        _ = try await directory.devices(of: "a")
        await directory.observe(self.change("1", .contactSensorFaulted, 1), of: "a")
        await directory.observe(self.change("1", .floodDetected, 2), of: "a")
        await directory.observe(self.change("1", .floodCleared, 3), of: "a")
        await directory.observe(self.change("1", .contactSensorCleared, 0.5), of: "a")
        let status = try await directory.device("1", of: "a").device.status
        #expect(status?.contact?.isTriggered == true && status?.flood?.isTriggered == false)
        #expect(self.stage.asked.count == 1)
        // What it measures only Ring can tell.
        await directory.observe(self.change("1", .temperatureExceeded, 4), of: "a")
        _ = try await directory.devices(of: "a")
        #expect(self.stage.asked == ["list a", "get 1"])
    }

    @Test func anUnknownDeviceIsAskedForOnceAndItsAbsenceBelievedForAWhile() async throws {
        self.stage.set([DirectoryStage.device("1")])
        let directory = self.stage.directory()
        for _ in 0..<3 {
            let error = await #expect(throws: RingError.self) { try await directory.device("x", of: "a") }
            #expect(error?.code == .deviceNotFound)
        }
        #expect(self.stage.asked == ["list a", "get x"])
        self.stage.set([DirectoryStage.device("1"), DirectoryStage.device("x")])
        self.stage.clock.advance(by: .seconds(61))
        #expect(try await directory.device("x", of: "a").device.id == "x")
    }

    @Test func aForgottenAccountStaysForgotten() async throws {
        self.stage.set([DirectoryStage.device("1")])
        self.stage.hold()
        let directory = self.stage.directory()
        let load = Task { try await directory.devices(of: "a") }
        await self.stage.heldBack(atLeast: 1)
        try await directory.respond(to: RingLifecycleEvent(account: "a", change: .integrationRemoved))
        let error = await #expect(throws: RingError.self) { try await load.value }
        #expect(error?.code == .relinkRequired)
        self.stage.release()
        for _ in 0..<20 { await Task.yield() }
        #expect(await directory.statistics.accounts == 0)
    }

    @Test func memoryIsBoundedAndTheLongestUnusedGoFirst() async throws {
        let directory = self.stage.directory(RingDirectoryOptions(maximumDevices: 100, maximumAccounts: 1000))
        for index in 0..<200 {
            let account = RingAccountID(rawValue: "a\(index)")
            self.stage.set((0..<5).map { DirectoryStage.device(RingDeviceID(rawValue: "\(index)-\($0)")) }, of: account)
            _ = try await directory.devices(of: account)
            _ = try await directory.devices(of: "a0")
            #expect(await directory.statistics.devices <= 100)
        }
        #expect(await directory.statistics.evictions > 150)
        #expect(self.stage.asked.filter { $0 == "list a0" }.count == 1)
        // A household larger than the bound is still served.
        self.stage.set((0..<300).map { DirectoryStage.device(RingDeviceID(rawValue: "big\($0)")) }, of: "big")
        #expect(try await directory.devices(of: "big").entries.count == 300)
        #expect(await directory.statistics.accounts == 1)
    }
}
