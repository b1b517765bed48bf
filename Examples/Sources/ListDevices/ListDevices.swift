import RingPartner
import RingSQLite
import Support

/// Lists the devices of one linked account, with status and capabilities.
@main
struct ListDevices {
    static func main() async throws {
        let settings = Settings()
        let client = try await settings.client(try await settings.database())
        let account = try await settings.account(client)

        let list = try await account.devices.devices(include: .all)
        for device in list.devices {
            let state = device.status?.isOnline.map { $0 ? "online" : "offline" } ?? "unknown"
            print("\(device.name ?? "unnamed"): \(device.kind().kind), \(state)")
        }
        for problem in list.problems { print("one device could not be read, at \(problem.path)") }
    }
}
