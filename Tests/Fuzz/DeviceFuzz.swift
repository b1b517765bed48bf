import Foundation
import RingCore
import RingDevices
import RingJSONAPI

/// Documents of devices: every attribute of every part is read, and what cannot be is a problem of its place.
func fuzzDevices(_ bytes: [UInt8]) {
    guard let document = try? JSONAPIDocument(parsing: bytes) else { return }
    let list = RingDeviceList(document)
    check(list.count <= document.resources.count, "no device is made up")
    for device in list {
        check(!device.id.rawValue.isEmpty, "a device has an id")
        _ = (device.name, device.likelyKind, device.reachability.state, device.isEncrypted, device.location?.country)
        _ = (device.status?.battery?.percentage, device.capabilities?.video?.maximumHeight)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let text = try? encoder.encode(device) else { continue }
        let again = try? JSONDecoder().decode(RingDevice.self, from: text)
        check(again.flatMap { try? encoder.encode($0) } == text, "a device survives its own JSON")
    }
}
