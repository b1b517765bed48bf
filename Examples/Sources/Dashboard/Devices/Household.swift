import RingPartner

/// What one user has linked.
struct Household: Sendable {
    /// A device, and the account that shares it.
    struct Device: Sendable {
        var account: RingAccountID
        var entry: RingDirectoryEntry
        var device: RingDevice { self.entry.device }
        var name: String { self.device.name ?? "unnamed" }
        var hasCamera: Bool { self.device.capabilities?.hasCamera == true }
        /// The lens of a device with several: Ring wants one to be named.
        var component: RingComponentID? {
            let components = self.device.capabilities?.components ?? []
            return components.count > 1 ? components[0].id : nil
        }
    }

    var accounts: [RingTokenStatus] = []
    var devices: [Device] = []
    /// What could not be read, in words.
    var problems: [String] = []

    func has(_ account: RingAccountID) -> Bool { self.accounts.contains { $0.accountID == account } }

    func device(_ account: String?, _ id: String?) -> Device? {
        self.devices.first { $0.account.rawValue == account && $0.device.id.rawValue == id }
    }
}
