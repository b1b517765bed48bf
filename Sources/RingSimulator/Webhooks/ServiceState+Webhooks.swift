internal import RingCore
internal import RingCrypto
internal import RingJSONAPI

/// Webhooks: their bodies, their signatures, and whether they may be sent.
extension ServiceState {
    /// Makes an event happen and puts its webhooks into the outbox. Returns the request ids.
    @discardableResult
    mutating func trigger(_ event: RingSimulatorEvent) -> [String] {
        let index = event.device.flatMap { wanted in
            self.devices.firstIndex { $0.id == wanted } ?? self.devices.firstIndex { $0.device.name == wanted.rawValue }
        }
        let account = event.account ?? index.map { self.devices[$0].account } ?? self.firstAccountID
        if let index { self.change(index, by: event) }
        let body = self.body(of: event, device: index.map { self.devices[$0] }, account: account)
        let isLifecycle = event.type == "app_integration_removed"
        if isLifecycle { self.setState(.removed, of: account) }
        let isHeld =
            self.switches.webhooks.contains(.withheld) && !isLifecycle && self.account(account)?.state != .completed
        var digest = RingWebhookSignature(signing: body.bytes, key: self.key).headerValue
        if self.switches.webhooks.contains(.bareSignature) { digest = String(digest.dropFirst("sha256=".count)) }
        for _ in 0...max(0, min(self.switches.limit(.webhookDuplicates), 100)) {
            self.deliveries.append(
                RingSimulatorDelivery(
                    requestID: body.requestID, type: event.type, body: body.bytes, signature: digest, statuses: [],
                    outcome: isHeld ? .withheld : .pending, account: account))
            if !isHeld { self.outbox.append(self.deliveries.count - 1) }
        }
        return [body.requestID]
    }

    private mutating func change(_ index: Int, by event: RingSimulatorEvent) {
        let id = self.devices[index].id
        switch event.type {
        case "motion_detected", "button_press":
            let type = event.type == "button_press" ? "ding" : "motion"
            _ = self.record(type, event.subType, device: id, start: self.now, length: event.recording.wholeMilliseconds)
        case "device_removed": self.devices[index].isRemoved = true
        case "device_added": self.devices[index].isRemoved = false
        case "device_online": self.devices[index].device.isOnline = true
        case "device_offline": self.devices[index].device.isOnline = false
        case "flood_detected", "contact_sensor_faulted": self.devices[index].faulted = true
        case "flood_cleared", "contact_sensor_cleared": self.devices[index].faulted = false
        default: break
        }
    }

    private mutating func body(
        of event: RingSimulatorEvent, device: Device?, account: RingAccountID
    ) -> (bytes: [UInt8], requestID: String) {
        var requestID = self.random.uuid()
        if self.switches.webhooks.contains(.sensorRequestIDs) || event.type.hasPrefix("flood") {
            let suffix = event.type == "flood_cleared" ? "water_cleared" : "water_detecte"
            requestID += "-\(self.now)-\(suffix)"
        }
        let isOld = self.switches.webhookVersion == .version1_0
        var meta: [(String, JSONAPILiteral)] = [
            ("version", .string(self.switches.webhookVersion.rawValue)),
            ("time", .string(isoTime(self.now, digits: 9))),
            ("request_id", .string(requestID)),
        ]
        if !isOld { meta.append(("account_id", .string(account.rawValue))) }
        var data: [(String, JSONAPILiteral)] = []
        if event.type.hasPrefix("subscription_") {
            data = self.subscriptionData(event, device)
        } else {
            let source = device?.id.rawValue ?? account.rawValue
            let subType = event.type == "motion_detected" ? event.subType ?? "motion" : nil
            var word = subType ?? event.type
            if event.type == "button_press" && self.switches.webhooks.contains(.liveButtonID) { word = "ding" }
            let id = isOld ? "event\(self.deliveries.count + 1)" : "\(source)_\(word)_\(self.now)"
            data = [("id", .string(id)), ("type", .string(event.type))]
            var attributes: [(String, JSONAPILiteral)] = [
                ("source", .string(source)), ("source_type", device == nil ? "users" : "devices"),
                ("timestamp", .int(self.now)),
            ]
            if let subType, !isOld {
                switch self.switches.subTypePlace {
                case .attributes: attributes.append(("sub_type", .string(subType)))
                case .data: data.append(("subType", .string(subType)))
                case .none: break
                }
            }
            if !event.componentIDs.isEmpty {
                attributes.append(("component_ids", .array(event.componentIDs.map { .string($0) })))
            }
            data.append(("attributes", .object(attributes)))
            if let device, !isOld {
                let link = "/v1/devices/\(RingPercentCoding.encode(device.id.rawValue))"
                data.append(("relationships", ["devices": ["links": ["self": .string(link)]]]))
            }
        }
        let document: JSONAPILiteral = ["meta": .object(meta), "data": .object(data)]
        return (document.bytes, requestID)
    }

    private mutating func subscriptionData(_ event: RingSimulatorEvent, _ device: Device?) -> [(String, JSONAPILiteral)]
    {
        let subType = event.subType ?? "paid"
        var attributes: [(String, JSONAPILiteral)] = [
            ("source", "subscriptions"), ("source_id", "sub-opaque-1"), ("sub_type", .string(subType)),
            ("plan_id", subType == "paid" ? "5f0b1d2c-3a4e-4c5d-9b6f-7a8c9d0e1f22" : nil),
        ]
        if event.type == "subscription_activated" {
            attributes.append(("expires_at", .string(isoTime(self.now + 30 * 86_400_000))))
        }
        let type: JSONAPILiteral = self.switches.webhooks.contains(.pluralDevices) ? "devices" : "device"
        let references =
            device.map { device -> [JSONAPILiteral] in [["type": type, "id": .string(device.id.rawValue)]] } ?? []
        return [
            ("id", .string("evt-\(self.random.text(16))")), ("type", .string(event.type)),
            ("attributes", .object(attributes)),
            (
                "relationships",
                [
                    "devices": ["data": .array(references)],
                    "subscriptions": ["links": ["self": "/v1/accounts/me/subscriptions"]],
                ]
            ),
        ]
    }
}
