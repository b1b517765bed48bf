import RingPartner
import RingSQLite
import Support

/// Lists the devices of one linked account: the lines of the README. `RING_ACCOUNT` is the account that
/// `LinkAccounts` showed after linking.
@main
struct ListDevices: Program {
    static func run() async throws {
        let accountID = RingAccountID(rawValue: Settings().required("RING_ACCOUNT"))

        let storage = try await RingSQLiteDatabase.open(.file("ring.sqlite"))
        let ring = try RingPartnerClient(.fromEnvironment(storage: storage))
        let account = ring.account(accountID)

        for device in try await account.devices.list() {
            print(device.name ?? "unnamed", device.likelyKind)
        }
    }
}
