/// Writes a device list with its four includes, as the live service shapes it: about 3 KB a device, ids of some 110
/// characters, `null` blocks, zones of eight vertices. The same bytes for the same number of devices.
struct DeviceDocument {
    private var state: UInt64 = 7

    static func bytes(devices: Int) -> [UInt8] {
        var writer = DeviceDocument()
        return Array(writer.text(devices).utf8)
    }

    private mutating func random() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var value = self.state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    private mutating func id(_ kind: String) -> String {
        let prefix = "ava1.ring.\(kind)."
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let blob = (0..<110 - prefix.utf8.count).map { _ in letters[Int(self.random() % 64)] }
        return prefix + String(blob)
    }

    private mutating func uuid() -> String {
        func hex(_ value: UInt64, _ width: Int) -> String {
            let digits = String(value & (1 << UInt64(width * 4) - 1), radix: 16)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        return [8, 4, 4, 4, 12].map { hex(self.random(), $0) }.joined(separator: "-")
    }

    private mutating func text(_ count: Int) -> String {
        let locations = (0...count / 20).map { _ in self.uuid() }
        var data: [String] = []
        var included: [String] = []
        for index in 0..<count {
            let ids = ["device", "device.status", "device.capabilities", "device.configurations"].map { self.id($0) }
            let location = locations[index / 20]
            func relation(_ name: String, _ type: String, _ id: String, _ path: String) -> String {
                #""\#(name)":{"data":{"type":"\#(type)","id":"\#(id)"},"links":{"related":"/v1/devices/\#(ids[0])/\#(path)"}}"#
            }
            data.append(
                #"{"type":"devices","id":"\#(ids[0])","attributes":{"name":"Front Door \#(index)","#
                    + #""image_url":"https://app-content.ring.com/devices/DoorbellPro/small.png"},"relationships":{"#
                    + [
                        relation("status", "device-status", ids[1], "status"),
                        relation("capabilities", "device-capabilities", ids[2], "capabilities"),
                        relation("configurations", "device-configurations", ids[3], "configurations"),
                        relation("location", "locations", location, "location"),
                    ].joined(separator: ",") + "}}")
            included.append(
                #"{"type":"device-status","id":"\#(ids[1])","attributes":{"online":\#(index % 7 != 0),"#
                    + #""reported_at":"2026-11-18T11:\#(10 + index % 50):15Z","state":null,"#
                    + #""audio":{"snooze":{"active":null,"until":null}}}}"#)
            included.append(
                #"{"type":"device-capabilities","id":"\#(ids[2])","attributes":{"video":{"configurations":["resolution_mode"],"#
                    + #""codecs":["AVC"],"ratio":"16:9","max_resolution":1080,"supported_resolutions":[1080]},"#
                    + #""audio":{"customizable_slots":null,"supported_actions":null},"#
                    + #""motion_detection":{"configurations":["enabled","motion_zones"]},"#
                    + #""image_enhancements":{"configurations":["color_night_vision","privacy_zones","snapshot"]},"#
                    + #""contact_detection":null,"flood_detection":null,"freeze_detection":null,"#
                    + #""tamper_detection":null,"smoke_detection":null,"co_detection_listener":null,"#
                    + #""glass_break_detection":null,"battery_status":null},"relationships":{"configurations":"#
                    + #"{"links":{"related":"/v1/devices/\#(ids[0])/configurations"}}}}"#)
            let vertices = [(0, 0.25), (0.5, 0.25), (1, 0.25), (1, 0.6), (1, 1), (0.5, 1), (0, 1), (0, 0.6)]
                .map { "{\"x\":\(Self.short($0.0)),\"y\":\(Self.short($0.1))}" }.joined(separator: ",")
            included.append(
                #"{"type":"device-configurations","id":"\#(ids[3])","attributes":{"motion_detection":{"enabled":"on","#
                    + #""motion_zones":[{"id":"\#(self.uuid())","vertices":[\#(vertices)]}]},"image_enhancements":"#
                    + #"{"color_night_vision":"off","hdr":"off","ir_led_night_vision":"off","auto_zoom_track":"off","#
                    + #""privacy_zones":[]},"audio":{"volume":11,"customizable_slots":null},"#
                    + #""e2e_encryption":{"enabled":false}}}"#)
        }
        for location in locations {
            included.append(
                #"{"type":"locations","id":"\#(location)","attributes":{"country":"US","state":"WA"}}"#)
        }
        return #"{"meta":{"time":"2026-11-18T11:10:00Z"},"data":[\#(data.joined(separator: ","))],"#
            + #""included":[\#(included.joined(separator: ","))]}"#
    }

    private static func short(_ value: Double) -> String {
        value == value.rounded() ? String(Int(value)) : String(value)
    }
}
