internal import RingJSONAPI
internal import RingListener
internal import Synchronization

extension SimulatorWorld {
    private static let parts = ["status", "capabilities", "location", "configurations"]

    func deviceList(_ request: RingListenerRequest) -> RingListenerResponse {
        let (devices, isBroken, isMalformed) = self.state.withLock {
            ($0.devices.filter { !$0.isRemoved }, $0.switches.hasBrokenDevice, $0.switches.hasMalformedDevices)
        }
        if isMalformed {
            return RingListenerResponse(status: 200, contentType: "application/json", text: #"{"data":[{"type":"#)
        }
        guard let include = self.include(request) else { return .errors(400, "Bad Request", detail: "unknown include") }
        var data = devices.map(self.resource)
        if isBroken { data.insert(["type": "devices", "attributes": ["name": "has no id"]], at: min(1, data.count)) }
        return .json(200, self.document(.array(data), included: devices, include))
    }

    func deviceDocument(_ device: SimulatedDevice, _ request: RingListenerRequest) -> RingListenerResponse {
        guard let include = self.include(request) else { return .errors(400, "Bad Request", detail: "unknown include") }
        return .json(200, self.document(self.resource(device), included: [device], include))
    }

    func part(_ device: SimulatedDevice, _ name: String) -> RingListenerResponse {
        .json(200, ["data": self.included(device, name), "meta": self.meta])
    }

    private func document(
        _ data: JSONAPILiteral, included: [SimulatedDevice], _ include: [String]
    ) -> JSONAPILiteral {
        var members: [(String, JSONAPILiteral)] = [("meta", self.meta), ("data", data)]
        if !include.isEmpty {
            var resources = included.flatMap { device in
                include.filter { $0 != "location" }.map { self.included(device, $0) }
            }
            if include.contains("location"), let first = included.first {
                resources.append(self.included(first, "location"))
            }
            members.append(("included", .array(resources)))
        }
        return .object(members)
    }

    private func include(_ request: RingListenerRequest) -> [String]? {
        let names = request.queryItems.filter { $0.name == "include" }.flatMap {
            $0.value.split(separator: ",").map(String.init)
        }
        return names.allSatisfy(Self.parts.contains) ? names : nil
    }

    private static func type(_ part: String) -> String { part == "location" ? "locations" : "device-\(part)" }

    private func id(_ device: SimulatedDevice, _ part: String) -> String {
        part == "location" ? "7d0f9a52-7a0e-4b8e-9a9f-2b6f2f4f1c10" : device.related(part)
    }

    private func resource(_ device: SimulatedDevice) -> JSONAPILiteral {
        let relationships: [(String, JSONAPILiteral)] = Self.parts.map { part in
            (
                part,
                [
                    "data": ["type": .string(Self.type(part)), "id": .string(self.id(device, part))],
                    "links": ["related": .string("/v1/devices/\(device.id)/\(part)")],
                ]
            )
        }
        var attributes: [(String, JSONAPILiteral)] = [
            ("name", .string(device.name)),
            ("image_url", "https://app-content.ring.com/devices/Simulated/small.png"),
        ]
        if self.state.withLock({ $0.switches.hasUnknownAttributes }) { attributes.append(("mood", "sunny")) }
        return [
            "type": "devices", "id": .string(device.id), "attributes": .object(attributes),
            "relationships": .object(relationships),
        ]
    }

    private func included(_ device: SimulatedDevice, _ part: String) -> JSONAPILiteral {
        let attributes: JSONAPILiteral =
            switch part {
            case "status": device.status
            case "capabilities": device.capabilities
            case "configurations": device.configurations
            default: ["country": "US", "state": "WA"]
            }
        return ["type": .string(Self.type(part)), "id": .string(self.id(device, part)), "attributes": attributes]
    }

    func history(_ id: String, _ request: RingListenerRequest) -> RingListenerResponse {
        guard self.device(id) != nil else { return .errors(404, "Not Found") }
        let types = request.queryItems.filter { $0.name == "event_types" }.flatMap { $0.value.split(separator: ",") }
        let events = self.state.withLock { state in
            state.events.filter { event in
                event.device == id
                    && (types.isEmpty
                        || types.contains { $0 == event.type || $0 == "\(event.type).\(event.subType ?? "")" })
            }
        }
        let data: [JSONAPILiteral] = events.sorted { $0.start > $1.start }.prefix(50).map { event in
            [
                "type": "history-events", "id": .string(event.id),
                "attributes": [
                    "event_type": .string(event.type), "is_third_party_reviewed": false, "start": .int(event.start),
                    "end": .int(event.start + 25_000),
                ],
                "relationships": ["source": ["data": ["type": "devices", "id": .string(event.device)]]],
                "meta": ["riid": nil],
            ]
        }
        return .json(200, ["data": .array(data)])
    }
}
