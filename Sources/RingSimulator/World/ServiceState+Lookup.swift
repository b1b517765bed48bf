internal import RingCore

/// Finds accounts and devices without a search, however many there are.
extension ServiceState {
    /// The places of accounts and devices in their lists, which only grow.
    struct Places {
        private(set) var accounts: [RingAccountID: Int] = [:]
        private(set) var devices: [RingDeviceID: Int] = [:]
        private(set) var devicesOfAccount: [RingAccountID: [Int]] = [:]

        mutating func add(_ account: RingAccountID, at place: Int) {
            if self.accounts[account] == nil { self.accounts[account] = place }
        }

        mutating func add(_ device: Device, at place: Int) {
            if self.devices[device.id] == nil { self.devices[device.id] = place }
            self.devicesOfAccount[device.account, default: []].append(place)
        }
    }

    func place(of account: RingAccountID) -> Int? { self.places.accounts[account] }

    func account(_ id: RingAccountID) -> RingSimulatorAccount? { self.place(of: id).map { self.accounts[$0] } }

    /// The devices of an account, those that are no longer shared included.
    func devices(of account: RingAccountID) -> [Device] {
        (self.places.devicesOfAccount[account] ?? []).map { self.devices[$0] }
    }

    func device(_ id: RingDeviceID, of account: RingAccountID) -> Device? {
        if let place = self.places.devices[id], self.devices[place].account == account { return self.devices[place] }
        return self.devices(of: account).first { $0.id == id }
    }

    /// A device of any account, also one that is no longer shared.
    func device(_ id: RingDeviceID) -> Device? { self.places.devices[id].map { self.devices[$0] } }

    /// Where a device is, by its id or its name; of one account when that is given.
    func deviceIndex(named name: String, account: RingAccountID? = nil) -> Int? {
        if let place = self.places.devices[RingDeviceID(rawValue: name)] { return place }
        let candidates = account.map { self.places.devicesOfAccount[$0] ?? [] } ?? Array(self.devices.indices)
        return candidates.first { self.devices[$0].device.name == name }
    }
}
