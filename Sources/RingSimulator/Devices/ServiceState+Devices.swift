internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// Devices, their status, capabilities and configurations, and chimes.
extension ServiceState {
    private static let includable = ["status", "capabilities", "location", "configurations"]

    mutating func deviceList(_ request: RingListenerRequest, account: RingAccountID) -> Response {
        if self.switches.devices.contains(.malformed) {
            return Response(status: 200, contentType: "application/json", text: #"{"data":[{"type":"devices","id":"#)
        }
        let mine = self.devices(of: account).filter { device in
            !device.isRemoved && self.switches.scopes.contains(device.device.kind.scope)
        }
        return self.deviceResponse(request, mine, isList: true)
    }

    func deviceGet(_ request: RingListenerRequest, _ device: Device) -> Response {
        self.deviceResponse(request, [device], isList: false)
    }

    private func deviceResponse(_ request: RingListenerRequest, _ devices: [Device], isList: Bool) -> Response {
        let wanted = (request.queryItems.first { $0.name == "include" }?.value ?? "").split(separator: ",").map(
            String.init)
        if let odd = wanted.first(where: { !Self.includable.contains($0) }) {
            return .failure(400, title: "Bad Request", detail: "include: \(odd)", pointer: "include")
        }
        var resources = devices.map { self.deviceResource($0) }
        if isList && self.switches.devices.contains(.brokenElement) {
            resources.insert(["type": "devices", "attributes": ["name": 17]], at: min(1, resources.count))
        }
        var included: [JSONAPILiteral] = []
        for device in devices {
            if wanted.contains("status") { included.append(self.statusResource(device)) }
            if wanted.contains("capabilities") { included.append(self.capabilitiesResource(device, component: nil)) }
            if wanted.contains("configurations") {
                included.append(self.configurationsResource(device, component: nil))
            }
        }
        if wanted.contains("location"), let first = devices.first { included.append(self.location(of: first.account)) }
        var document: [(String, JSONAPILiteral)] = [
            ("meta", self.meta), ("data", isList ? .array(resources) : resources.first ?? nil),
        ]
        if !wanted.isEmpty { document.append(("included", .array(included))) }
        return .json(200, .object(document))
    }

    /// Related ids are not derivable from the device's id on the service; here they are numbers.
    private func relatedID(_ kind: String, _ device: Device) -> String {
        "ava1.ring.\(kind).\(self.configuration.seed)-\(self.place(of: device.account) ?? 0)-\(device.number)"
    }

    private func deviceResource(_ device: Device) -> JSONAPILiteral {
        let path = "/v1/devices/\(RingPercentCoding.encode(device.id.rawValue))"
        var attributes: [(String, JSONAPILiteral)] = [
            ("name", .string(device.device.name)),
            ("image_url", .string("https://app-content.ring.com/devices/\(device.device.kind.rawValue)/small.png")),
        ]
        if self.switches.devices.contains(.unknownAttributes) {
            attributes.append(("mood", "curious"))
            attributes.append(("future", ["nested": [1, 2.5, nil, true]]))
        }
        var members: [(String, JSONAPILiteral)] = [
            ("type", "devices"), ("id", .string(device.id.rawValue)), ("attributes", .object(attributes)),
        ]
        if !self.switches.devices.contains(.withoutRelationships) {
            func related(_ name: String, _ type: String, _ id: String) -> (String, JSONAPILiteral) {
                (
                    name,
                    [
                        "data": ["type": .string(type), "id": .string(id)],
                        "links": ["related": .string("\(path)/\(name)")],
                    ]
                )
            }
            members.append(
                (
                    "relationships",
                    .object([
                        related("status", "device-status", self.relatedID("device.status", device)),
                        related("capabilities", "device-capabilities", self.relatedID("device.capabilities", device)),
                        related(
                            "configurations", "device-configurations", self.relatedID("device.configurations", device)),
                        related("location", "locations", self.locationID(of: device.account)),
                    ])
                ))
        }
        return .object(members)
    }

    private func locationID(of account: RingAccountID) -> String {
        "7d0f9a52-7a0e-4b8e-9a9f-\(String(0x2_0000_0000_0000 + (self.place(of: account) ?? 0), radix: 16).suffix(12))"
    }

    func location(of account: RingAccountID) -> JSONAPILiteral {
        [
            "type": "locations", "id": .string(self.locationID(of: account)),
            "attributes": ["country": "US", "state": "WA"],
        ]
    }

    func statusResource(_ device: Device) -> JSONAPILiteral {
        let lastReport = device.device.isOnline ? self.now - 40_000 : 0
        var attributes: [(String, JSONAPILiteral)] = [
            ("online", .bool(device.device.isOnline)),
            ("reported_at", .string(isoTime(max(lastReport, device.sensors.reportedAt ?? 0)))),
            ("state", nil), ("audio", ["snooze": ["active": nil, "until": nil]]),
        ]
        attributes += device.sensors.attributes(of: device.device.kind, self.switches.sensorReadings)
        if device.device.kind.isSensor {
            attributes.append(("sensor_reporting_state", ["value": "active"]))
            attributes.append(("battery_status", ["percentage": device.device.isLinePowered ? 255 : 88]))
            attributes.append(("signal_strength", ["value": "good"]))
        }
        return [
            "type": "device-status", "id": .string(self.relatedID("device.status", device)),
            "attributes": self.pruned(.object(attributes)),
        ]
    }

    /// Attributes as the switch says: with `null` for what a device does not have, or without it.
    private func pruned(_ attributes: JSONAPILiteral) -> JSONAPILiteral {
        guard self.switches.devices.contains(.withoutNulls), case .object(let members) = attributes else {
            return attributes
        }
        return .object(
            members.compactMap { name, value in
                if case .null = value { return nil }
                return (name, self.pruned(value))
            })
    }

    /// A component's id as the switch says.
    func componentID(_ id: String) -> JSONAPILiteral {
        guard self.switches.devices.contains(.numericComponents), let number = Int64(id) else { return .string(id) }
        return .int(number)
    }

    static let components = ["1", "2"]

    /// The component that a request names; a response when the device has no such component.
    private func component(_ request: RingListenerRequest, _ device: Device) -> (String?, Response?) {
        guard let id = request.queryItems.first(where: { $0.name == "component_id" })?.value else { return (nil, nil) }
        guard device.device.kind == .elite, Self.components.contains(id) else {
            return (nil, .failure(400, title: "Bad Request", detail: "no such component", pointer: "component_id"))
        }
        return (id, nil)
    }

    func capabilities(_ request: RingListenerRequest, _ device: Device) -> Response {
        let (component, refusal) = self.component(request, device)
        return refusal
            ?? .json(200, ["meta": self.meta, "data": self.capabilitiesResource(device, component: component)])
    }

    func configurations(_ request: RingListenerRequest, _ device: Device) -> Response {
        let (component, refusal) = self.component(request, device)
        return refusal
            ?? .json(200, ["meta": self.meta, "data": self.configurationsResource(device, component: component)])
    }

    private func capabilitiesResource(_ device: Device, component: String?) -> JSONAPILiteral {
        let kind = device.device.kind
        var video: [(String, JSONAPILiteral)] = [
            ("configurations", ["resolution_mode"]), ("codecs", kind == .elite ? ["AVC", "HEVC"] : ["AVC"]),
            ("ratio", "16:9"),
            ("max_resolution", kind == .elite ? 2160 : 1080),
            ("supported_resolutions", kind == .elite ? [1080, 2160] : [1080]),
        ]
        if let component { video.append(("component_id", self.componentID(component))) }
        let chime: JSONAPILiteral = ["customizable_slots": 2, "supported_actions": ["chime.play"]]
        var attributes: [(String, JSONAPILiteral)] = [
            ("video", kind.hasVideo ? .object(video) : nil),
            ("audio", kind == .chime ? chime : ["customizable_slots": nil, "supported_actions": nil]),
            ("motion_detection", kind.hasVideo ? ["configurations": ["enabled", "motion_zones"]] : nil),
            (
                "image_enhancements",
                kind.hasVideo ? ["configurations": ["color_night_vision", "privacy_zones", "snapshot"]] : nil
            ),
            ("contact_detection", kind == .contact ? [:] : nil),
            ("flood_detection", kind == .floodFreeze ? [:] : nil),
            ("freeze_detection", kind == .floodFreeze ? [:] : nil),
            ("tamper_detection", kind.isSensor ? [:] : nil),
            ("smoke_detection", nil), ("co_detection_listener", nil), ("glass_break_detection", nil),
            ("battery_status", device.device.isLinePowered ? nil : ["supported": true]),
        ]
        if kind == .elite && component == nil {
            let items = Self.components.map { id -> JSONAPILiteral in
                [
                    "component_id": self.componentID(id), "component_type": "lens",
                    "component_name": .string("View \(id)"),
                    "video": .object(video),
                ]
            }
            attributes.append(("components", ["items": .array(items)]))
        }
        let path = "/v1/devices/\(RingPercentCoding.encode(device.id.rawValue))/configurations"
        return [
            "type": "device-capabilities", "id": .string(self.relatedID("device.capabilities", device)),
            "attributes": self.pruned(.object(attributes)),
            "relationships": ["configurations": ["links": ["related": .string(path)]]],
        ]
    }

    func configurationsResource(_ device: Device, component: String?) -> JSONAPILiteral {
        let hasVideo = device.device.kind.hasVideo
        let motionZones = device.device.presentMotionZones
        let privacyZones = device.device.presentPrivacyZones
        let slots = ChimeSlot.all.map { slot -> JSONAPILiteral in
            [
                "event": .string(slot.event), "disabled": false, "audio_ref": .string(slot.sound), "audio_url": nil,
                "audio_name": .string(slot.name),
            ]
        }
        let motion: JSONAPILiteral = [
            "enabled": "on",
            "motion_zones": .array(
                motionZones.enumerated().map { $0.element.literal(device: device.number, number: $0.offset) }),
        ]
        let image: JSONAPILiteral = [
            "color_night_vision": "off", "hdr": "off", "ir_led_night_vision": "off", "auto_zoom_track": "off",
            "privacy_zones": .array(
                privacyZones.enumerated().map {
                    $0.element.literal(device: device.number, number: motionZones.count + $0.offset)
                }),
        ]
        return [
            "type": "device-configurations", "id": .string(self.relatedID("device.configurations", device)),
            "attributes": self.pruned([
                "motion_detection": hasVideo ? motion : nil, "image_enhancements": hasVideo ? image : nil,
                "audio": ["volume": 11, "customizable_slots": device.device.kind == .chime ? .array(slots) : nil],
                "e2e_encryption": ["enabled": .bool(self.switches.devices.contains(.encrypted))],
            ]),
        ]
    }
}
