import Foundation
import RingCore
import RingDevices
import RingJSONAPI
import Testing

/// The directory's state by value: every transition, without a clock, tasks or requests.
@Suite struct DirectoryStateTests {
    private var state = DirectoryState(options: RingDirectoryOptions())
    private let epoch = Date(timeIntervalSince1970: 1_795_000_000)

    private static func device(_ id: RingDeviceID, online: Bool? = true) -> RingDevice {
        RingDevice(id: id, status: RingDeviceStatus(isOnline: online))
    }

    /// Loads the list of account `a`.
    private mutating func load(
        _ devices: RingDevice..., at now: Duration = .zero, time: Date? = nil, during changes: [RingEventKey] = []
    ) {
        self.state.begin(.list("a"), at: self.epoch)
        for change in changes { self.state.observe(change, of: "a") }
        self.state.finish(.list("a"), .list(RingDeviceList(devices, time: time)), at: now, spread: 1)
    }

    private func change(_ device: RingDeviceID, _ kind: RingEventKind, _ seconds: Double = 1) -> RingEventKey {
        RingEventKey(device: device, kind: kind, start: self.epoch + seconds)
    }

    private mutating func read(at now: Duration = .seconds(1)) -> DirectoryState.Reading {
        self.state.read("a", at: now)
    }

    private mutating func ids(at now: Duration = .seconds(1)) -> [RingDeviceID] {
        guard case .known(let snapshot, _) = self.read(at: now) else { return [] }
        return snapshot.devices.map(\.id)
    }

    private mutating func loads(at now: Duration = .seconds(1)) -> Set<DirectoryState.Load> {
        guard case .incomplete(let loads) = self.read(at: now) else { return [] }
        return Set(loads)
    }

    @Test mutating func anAccountThatIsNotKnownNeedsItsList() {
        guard case .unknown(.list("a")) = self.read() else {
            Issue.record("a list is needed")
            return
        }
        #expect(self.state.snapshot(of: "a") == nil)
        #expect(self.state.lookup("1", of: "a", at: .zero) == nil)
    }

    @Test(arguments: [
        (0, true, false), (3599, true, false), (3601, true, true), (86_399, true, true), (86_401, false, false),
    ])
    mutating func aListIsFreshThenUsableThenUnknown(seconds: Int, isKnown: Bool, isStale: Bool) {
        self.load(Self.device("1"))
        switch self.read(at: .seconds(seconds)) {
        case .known(let snapshot, let renews):
            #expect(isKnown && snapshot.isStale == isStale && renews == isStale)
            #expect(snapshot.loadedAt == self.epoch)
        case .unknown(let load): #expect(!isKnown && load == .list("a"))
        case .incomplete: Issue.record("nothing is missing")
        }
    }

    @Test(arguments: [(0.0, 3060), (0.5, 3330), (1.0, 3600)])
    mutating func theSpreadShortensTheLifeOfAList(spread: Double, seconds: Int) {
        self.state.begin(.list("a"), at: self.epoch)
        self.state.finish(.list("a"), .list(RingDeviceList([Self.device("1")])), at: .zero, spread: spread)
        for (moment, isStale) in [(seconds - 1, false), (seconds + 1, true)] {
            guard case .known(let snapshot, _) = self.read(at: .seconds(moment)) else {
                Issue.record("the list is usable")
                return
            }
            #expect(snapshot.isStale == isStale)
        }
    }

    @Test mutating func aListIsRenewedOnceAtATimeAndNotRightAfterAFailure() {
        self.load(Self.device("1"))
        func renews(_ reading: DirectoryState.Reading) -> Bool {
            if case .known(_, let renews) = reading { renews } else { false }
        }
        #expect(renews(self.read(at: .seconds(4000))))
        self.state.begin(.list("a"), at: self.epoch)
        #expect(!renews(self.read(at: .seconds(4000))))
        let error = RingError(code: .serverFailure, message: "down")
        self.state.finish(.list("a"), .failure(error), at: .seconds(4000), spread: 1)
        #expect(!renews(self.read(at: .seconds(4059))))
        #expect(renews(self.read(at: .seconds(4060))))
        #expect(self.state.statistics.failures == 1)
    }

    @Test(arguments: [RingError.Code.relinkRequired, .unauthorized, .forbidden])
    mutating func lostAccessForgetsTheDevices(code: RingError.Code) {
        self.load(Self.device("1"))
        self.state.begin(.list("a"), at: self.epoch)
        self.state.finish(.list("a"), .failure(RingError(code: code, message: "gone")), at: .zero, spread: 1)
        #expect(self.state.snapshot(of: "a") == nil)
        #expect(self.state.statistics.devices == 0)
    }

    @Test mutating func anAddedDeviceIsLoadedBeforeTheNextRead() {
        self.load(Self.device("1"))
        self.state.observe(self.change("2", .deviceAdded), of: "a")
        #expect(self.loads() == [.device("2", of: "a")])
        self.state.begin(.device("2", of: "a"), at: self.epoch)
        self.state.finish(.device("2", of: "a"), .device(Self.device("2")), at: .seconds(2), spread: 1)
        #expect(self.ids() == ["1", "2"])
        #expect(self.state.statistics.devices == 2)
    }

    @Test mutating func manyAddedDevicesAreOneList() {
        self.load()
        for number in 0..<5 {
            self.state.observe(self.change(RingDeviceID(rawValue: "n\(number)"), .deviceAdded), of: "a")
        }
        #expect(self.loads() == [.list("a")])
    }

    @Test mutating func whileLoadsFailTheKnownDevicesAreGiven() {
        self.load(Self.device("1"))
        self.state.observe(self.change("2", .deviceAdded), of: "a")
        self.state.begin(.device("2", of: "a"), at: self.epoch)
        let error = RingError(code: .timedOut, message: "slow")
        self.state.finish(.device("2", of: "a"), .failure(error), at: .seconds(1), spread: 1)
        #expect(self.state.snapshot(of: "a")?.isStale == true)
        #expect(self.ids(at: .seconds(60)) == ["1"])
        #expect(self.loads(at: .seconds(61)) == [.device("2", of: "a")])
    }

    @Test mutating func aDeviceThatRingDoesNotKnowIsAbsentForAWhile() {
        self.load(Self.device("1"))
        let error = RingError(code: .deviceNotFound, message: "none")
        self.state.begin(.device("x", of: "a"), at: self.epoch)
        self.state.finish(.device("x", of: "a"), .failure(error), at: .seconds(1), spread: 1)
        guard case .absent? = self.state.lookup("x", of: "a", at: .seconds(60)) else {
            Issue.record("its absence is believed")
            return
        }
        guard case .unknown(.device("x", of: "a"))? = self.state.lookup("x", of: "a", at: .seconds(62)) else {
            Issue.record("it is looked up once more")
            return
        }
    }

    @Test mutating func aRemovedDeviceStaysRemovedWhateverComesLate() {
        self.load(Self.device("1"), Self.device("2"))
        self.state.observe(self.change("2", .deviceRemoved, 10), of: "a")
        self.state.observe(self.change("2", .deviceAdded, 5), of: "a")
        self.state.observe(self.change("2", .deviceOnline, 20), of: "a")
        #expect(self.ids() == ["1"])
        guard case .absent? = self.state.lookup("2", of: "a", at: .seconds(1)) else {
            Issue.record("it was removed")
            return
        }
        self.state.observe(self.change("2", .deviceAdded, 30), of: "a")
        #expect(self.loads() == [.device("2", of: "a")])
    }

    @Test mutating func aRemovalDuringALoadIsNotUndoneByItsResponse() {
        self.load(Self.device("1"), Self.device("2"), during: [self.change("2", .deviceRemoved)])
        #expect(self.ids() == ["1"])
        // The next list no longer contains it, and was requested long after.
        self.load(Self.device("1"), at: .seconds(10), time: self.epoch + 1000)
        #expect(self.ids() == ["1"])
        #expect(self.state.statistics.devices == 1)
    }

    @Test mutating func changesDuringALoadCountInTheOrderOfTheirTimes() {
        self.load(
            Self.device("1"), during: [self.change("1", .deviceOffline, 5), self.change("1", .deviceOnline, 3)])
        #expect(self.state.snapshot(of: "a")?["1"]?.reachability.state == .offline)
    }

    @Test(arguments: [
        (-61.0, RingReachability.State.online), (-59, .offline), (0, .offline), (100, .offline),
    ])
    mutating func aWebhookFromLongBeforeTheListChangesNothing(seconds: Double, expected: RingReachability.State) {
        self.load(Self.device("1"), time: self.epoch)
        self.state.observe(self.change("1", .deviceOffline, seconds), of: "a")
        #expect(self.state.snapshot(of: "a")?["1"]?.reachability.state == expected)
    }

    @Test mutating func theSameChangeAgainKeepsTheFirstTime() {
        self.load(Self.device("1"))
        self.state.observe(self.change("1", .deviceOffline, 10), of: "a")
        self.state.observe(self.change("1", .deviceOffline, 10), of: "a")
        self.state.observe(self.change("1", .deviceOffline, 20), of: "a")
        #expect(self.state.snapshot(of: "a")?["1"]?.connectionChangedAt == self.epoch + 10)
    }

    @Test(arguments: [
        (RingEventKind.contactSensorFaulted, "contact true"), (.contactSensorCleared, "contact false"),
        (.floodDetected, "flood true"), (.floodCleared, "flood false"), (.freezeDetected, "freeze true"),
        (.freezeCleared, "freeze false"), (.tamperDetected, "tamper true"), (.tamperCleared, "tamper false"),
    ])
    mutating func sensorsFollowTheirWebhooks(kind: RingEventKind, expected: String) {
        self.load(Self.device("1"))
        self.state.observe(self.change("1", kind), of: "a")
        let status = self.state.snapshot(of: "a")?["1"]?.device.status
        let detections = [
            ("contact", status?.contact), ("flood", status?.flood), ("freeze", status?.freeze),
            ("tamper", status?.tamper),
        ]
        let changed = detections.compactMap { name, detection in detection?.isTriggered.map { "\(name) \($0)" } }
        #expect(changed == [expected])
    }

    @Test(arguments: [RingEventKind.motionDetected, .buttonPress, RingEventKind(rawValue: "new_kind")])
    mutating func eventsThatChangeNoDeviceChangeNothing(kind: RingEventKind) {
        self.load(Self.device("1"))
        self.state.observe(self.change("1", kind), of: "a")
        self.state.observe(self.change("unknown", kind), of: "a")
        #expect(self.ids() == ["1"])
    }

    @Test mutating func aChangeOfAnUnknownDeviceMeansThatItWasAdded() {
        self.load(Self.device("1"))
        self.state.observe(self.change("2", .deviceOnline), of: "a")
        #expect(self.loads() == [.device("2", of: "a")])
    }

    @Test mutating func aForgottenAccountIgnoresTheResultsOfItsLoads() {
        self.load(Self.device("1"))
        self.state.begin(.list("a"), at: self.epoch)
        self.state.begin(.list("b"), at: self.epoch)
        self.state.forget("a")
        self.state.finish(.list("a"), .list(RingDeviceList([Self.device("1")])), at: .zero, spread: 1)
        self.state.finish(.list("b"), .list(RingDeviceList([Self.device("9")])), at: .zero, spread: 1)
        #expect(self.state.snapshot(of: "a") == nil)
        #expect(self.state.snapshot(of: "b")?.devices.map(\.id) == ["9"])
        #expect(self.state.statistics.devices == 1 && self.state.statistics.accounts == 1)
    }

    @Test mutating func theAccountsUsedLongestAgoAreDropped() {
        self.state = DirectoryState(options: RingDirectoryOptions(maximumDevices: 1000, maximumAccounts: 10))
        for number in 0..<11 {
            let account = RingAccountID(rawValue: "\(number)")
            self.state.begin(.list(account), at: self.epoch)
            self.state.finish(.list(account), .list(RingDeviceList([Self.device("1")])), at: .zero, spread: 1)
            // The first account stays in use.
            _ = self.state.read("0", at: .zero)
            _ = self.state.read(account, at: .zero)
        }
        #expect(self.state.statistics.accounts == 9 && self.state.statistics.evictions == 2)
        #expect(self.state.snapshot(of: "0") != nil && self.state.snapshot(of: "10") != nil)
        #expect(self.state.snapshot(of: "1") == nil && self.state.snapshot(of: "2") == nil)
    }

    @Test(arguments: [false, true]) mutating func rawAttributesAreKeptOnlyOnRequest(keepsRaw: Bool) throws {
        self.state = DirectoryState(options: RingDirectoryOptions(keepsRaw: keepsRaw))
        let document = try JSONAPIDocument(
            parsing: Array(#"{"data":[{"type":"devices","id":"1","attributes":{"name":"Door"}},7]}"#.utf8))
        self.state.begin(.list("a"), at: self.epoch)
        self.state.finish(.list("a"), .list(RingDeviceList(document)), at: .zero, spread: 1)
        let snapshot = try #require(self.state.snapshot(of: "a"))
        #expect(snapshot.devices.first?.name == "Door")
        #expect((snapshot.devices.first?.attributes != nil) == keepsRaw)
        #expect(snapshot.problems.isEmpty == !keepsRaw)
    }
}
