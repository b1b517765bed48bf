import Foundation

/// Writes the device list of a household with any number of devices of all kinds, every part included: the same bytes
/// for the same number.
enum Household {
    static let kinds = ["doorbell", "camera", "elite", "chime", "contact", "flood", "climate", "air"]

    static func id(_ index: Int) -> String {
        "ava1.ring.device.\(self.kinds[index % self.kinds.count].uppercased())-" + self.blob(index, "D")
    }

    static func text(devices count: Int, broken: Set<Int> = []) -> String {
        var data: [String] = []
        var included: [String] = []
        for index in 0..<count {
            let id = self.id(index)
            let parts = ["status", "capabilities", "configurations"].map {
                ($0, "ava1.ring.device.\($0).\(self.blob(index, $0))")
            }
            let location = "7d0f9a52-7a0e-4b8e-9a9f-2b6f2f4f\(1000 + index % 3)"
            var relationships = parts.map { name, part in
                #""\#(name)":{"data":{"type":"device-\#(name)","id":"\#(part)"},"links":{"related":"/v1/devices/\#(id)/\#(name)"}}"#
            }
            relationships.append(
                #""location":{"data":{"type":"locations","id":"\#(location)"},"links":{"related":"/v1/devices/\#(id)/location"}}"#
            )
            // A broken device has no identifier; everything else about it is right.
            let identity = broken.contains(index) ? "" : #""id":"\#(id)","#
            data.append(
                #"{"type":"devices",\#(identity)"attributes":{"name":"Gerät \#(index)","image_url":"https://app-content.ring.com/devices/M\#(index % 9)/small.png"},"relationships":{\#(relationships.joined(separator: ","))}}"#
            )
            let attributes = self.attributes(of: index)
            for (part, attributes) in zip(parts, attributes) {
                included.append(#"{"type":"device-\#(part.0)","id":"\#(part.1)","attributes":\#(attributes)}"#)
            }
        }
        for index in 0..<3 {
            included.append(
                #"{"type":"locations","id":"7d0f9a52-7a0e-4b8e-9a9f-2b6f2f4f\#(1000 + index)","attributes":{"country":"US","state":"WA"}}"#
            )
        }
        // Any order is allowed: the last first.
        return
            #"{"meta":{"time":"2026-11-18T11:10:00Z"},"data":[\#(data.joined(separator: ","))],"included":[\#(included.reversed().joined(separator: ","))]}"#
    }

    private static func blob(_ index: Int, _ salt: String) -> String {
        let seed = "\(salt)\(index)AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"
        return String(String(repeating: seed, count: 3).prefix(80))
    }

    /// Status, capabilities and configurations.
    private static func attributes(of index: Int) -> [String] {
        let kind = self.kinds[index % self.kinds.count]
        let online = index % 5 != 4
        let common =
            #""online":\#(online),"reported_at":"2026-11-18T11:\#(10 + index % 50):15.\#(100 + index % 900)Z","state":null,"audio":{"snooze":{"active":null,"until":null}}"#
        let none =
            #""contact_detection":null,"flood_detection":null,"freeze_detection":null,"tamper_detection":null,"smoke_detection":null,"co_detection_listener":null,"glass_break_detection":null"#
        let vertices = stride(from: 0, to: 8, by: 1).map { corner in
            let angle = Double(corner) * .pi / 4
            return #"{"x":\#((50 + 40 * cos(angle)).rounded() / 100),"y":\#((50 + 40 * sin(angle)).rounded() / 100)}"#
        }.joined(separator: ",")
        let zone = #"{"id":"2f6f3a7c-2b54-4f4e-8f5e-1a9d3f0c\#(1000 + index)","vertices":[\#(vertices)]}"#
        switch kind {
        case "doorbell", "camera", "elite":
            let lenses =
                #""components":{"items":[{"component_id":"1","component_type":"lens","component_name":"View 1","video":{"codecs":["AVC"]}},{"component_id":"2","component_type":"lens","component_name":"View 2","video":{"codecs":["AVC"]}}]},"#
            return [
                "{\(common)}",
                #"{\#(kind == "elite" ? lenses : "")"video":{"configurations":["resolution_mode"],"codecs":["AVC","HEVC"],"ratio":"16:9","max_resolution":2160,"supported_resolutions":[1080,1440,2160]},"audio":{"customizable_slots":null,"supported_actions":null},"motion_detection":{"configurations":["enabled","motion_zones"]},"image_enhancements":{"configurations":["color_night_vision","hdr","privacy_zones","snapshot"]},\#(none),"battery_status":null}"#,
                #"{"motion_detection":{"enabled":"on","motion_zones":[\#(zone),\#(zone)]},"image_enhancements":{"color_night_vision":"off","hdr":"on","ir_led_night_vision":"off","auto_zoom_track":null,"privacy_zones":[\#(zone)]},"audio":{"volume":11,"customizable_slots":null},"e2e_encryption":{"enabled":\#(index % 40 == 0)}}"#,
            ]
        case "chime":
            return [
                #"{"online":\#(online),"reported_at":"2026-11-18T11:10:15Z","state":null,"audio":{"snooze":{"active":false,"until":null}}}"#,
                #"{"video":null,"audio":{"customizable_slots":2,"supported_actions":["chime.play"]},"motion_detection":null,"image_enhancements":null,\#(none),"battery_status":{"supported":false}}"#,
                #"{"motion_detection":null,"image_enhancements":null,"audio":{"volume":7,"customizable_slots":[{"event":"ring-appstore-event-1","disabled":false,"audio_ref":"aud-\#(index)","audio_url":null,"audio_name":"Gong"}]},"e2e_encryption":null}"#,
            ]
        default:
            let readings = [
                "contact": #""contact_detection":{"faulted":false}"#,
                "flood": #""flood_detection":{"faulted":false},"freeze_detection":{"faulted":true}"#,
                "climate": #""temperature":{"value":21.5,"unit":"celsius"},"humidity":{"value":40,"unit":"percent"}"#,
                "air": #""co":3,"pm25":{"value":12.5}"#,
            ]
            let detections = [
                "contact": #""contact_detection":{},"#, "flood": #""flood_detection":{},"freeze_detection":{},"#,
            ]
            return [
                #"{\#(readings[kind] ?? ""),"tamper_detection":{"detected":false},"sensor_reporting_state":{"value":"active"},"battery_status":{"percentage":\#(index % 3 == 0 ? 255 : index % 101)},"signal_strength":{"value":"good"},\#(common)}"#,
                #"{\#(detections[kind] ?? "")"video":{"codecs":null},"tamper_detection":{},"battery_status":{"supported":true}}"#,
                #"{"motion_detection":null,"image_enhancements":null,"audio":null,"e2e_encryption":null}"#,
            ]
        }
    }
}
