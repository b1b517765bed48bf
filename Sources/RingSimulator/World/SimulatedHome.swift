internal import RingJSONAPI

/// The devices of the simulated user: one of each kind that a partner meets.
struct SimulatedDevice: Sendable {
    var id: String
    var name: String
    var isOnline = true
    var kind: Kind
    var isRemoved = false

    enum Kind: String, Sendable { case doorbell, camera, elite, flood, contact, chime }

    /// The id of a related resource: not derivable from the device's in any documented way.
    func related(_ part: String) -> String { "ava1.ring.device.\(part).\(String(self.id.reversed().prefix(40)))" }

    /// A live id: about 110 characters, some of which need encoding in a path.
    static func id(_ name: String, seed: UInt64) -> String {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var blob = ""
        for _ in 0..<88 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            blob.append(alphabet[Int(state >> 33) % alphabet.count])
        }
        return "ava1.ring.device.\(blob)=="
    }

    static func household(seed: UInt64) -> [SimulatedDevice] {
        func make(_ name: String, _ kind: Kind, online: Bool = true) -> SimulatedDevice {
            SimulatedDevice(id: Self.id(name, seed: seed), name: name, isOnline: online, kind: kind)
        }
        return [
            make("Front Door", .doorbell), make("Driveway", .camera), make("Garden Elite", .elite),
            make("Shed", .camera, online: false), make("Cellar", .flood), make("Back Window", .contact),
            make("Hall Chime", .chime),
        ]
    }
}

extension SimulatedDevice {
    var status: JSONAPILiteral {
        var members: [(String, JSONAPILiteral)] = [
            ("online", .bool(self.isOnline)), ("reported_at", "2026-11-18T11:09:15Z"), ("state", nil),
            ("audio", ["snooze": ["active": self.kind == .chime ? .bool(false) : nil, "until": nil]]),
        ]
        if self.kind == .flood {
            members += [("flood_detection", ["faulted": false]), ("freeze_detection", ["faulted": false])]
        }
        if self.kind == .contact { members.append(("contact_detection", ["faulted": false])) }
        if self.kind == .flood || self.kind == .contact {
            members += [
                ("tamper_detection", ["detected": false]), ("sensor_reporting_state", ["value": "active"]),
                ("battery_status", ["percentage": 88]), ("signal_strength", ["value": "good"]),
            ]
        }
        return .object(members)
    }

    private static let video: JSONAPILiteral = [
        "configurations": ["resolution_mode"], "codecs": ["AVC"], "ratio": "16:9", "max_resolution": 1080,
        "supported_resolutions": [1080],
    ]

    var capabilities: JSONAPILiteral {
        let isCamera = [.doorbell, .camera, .elite].contains(self.kind)
        var members: [(String, JSONAPILiteral)] = [
            ("video", isCamera ? Self.video : nil),
            (
                "audio",
                self.kind == .chime
                    ? ["customizable_slots": 2, "supported_actions": ["chime.play"]]
                    : ["customizable_slots": nil, "supported_actions": nil]
            ),
            ("motion_detection", isCamera ? ["configurations": ["enabled", "motion_zones"]] : nil),
            (
                "image_enhancements",
                isCamera
                    ? ["configurations": ["color_night_vision", "privacy_zones", "snapshot"]] : nil
            ),
            ("contact_detection", self.kind == .contact ? ["supported": true] : nil),
            ("flood_detection", self.kind == .flood ? ["supported": true] : nil),
            ("freeze_detection", self.kind == .flood ? ["supported": true] : nil),
            ("tamper_detection", nil), ("smoke_detection", nil), ("co_detection_listener", nil),
            ("glass_break_detection", nil), ("battery_status", nil),
        ]
        if self.kind == .elite {
            let items: [JSONAPILiteral] = ["1", "2"].map { id in
                [
                    "component_id": .string(id), "component_type": "lens", "component_name": .string("View \(id)"),
                    "video": Self.video,
                ]
            }
            members.append(("components", ["items": .array(items)]))
        }
        return .object(members)
    }

    var configurations: JSONAPILiteral {
        let corners: [JSONAPILiteral] = [
            (0, 0.25), (0.5, 0.25), (1, 0.25), (1, 0.6), (1, 1), (0.5, 1), (0, 1), (0, 0.6),
        ]
        .map { ["x": .double($0.0), "y": .double($0.1)] }
        let zone: JSONAPILiteral = ["id": "2f6f3a7c-2b54-4f4e-8f5e-1a9d3f0c7b21", "vertices": .array(corners)]
        let slot: JSONAPILiteral = [
            "event": "ring-appstore-event-1", "disabled": false, "audio_ref": "aud-17",
            "audio_url": "https://app-content.ring.com/audio/17.mp3", "audio_name": "Bell",
        ]
        return [
            "motion_detection": ["enabled": "on", "motion_zones": [zone]],
            "image_enhancements": [
                "color_night_vision": "off", "hdr": "off", "ir_led_night_vision": "off", "auto_zoom_track": "off",
                "privacy_zones": [],
            ],
            "audio": ["volume": 11, "customizable_slots": self.kind == .chime ? [slot] : nil],
            "e2e_encryption": ["enabled": false],
        ]
    }
}
