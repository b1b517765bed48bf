internal import RingCore
internal import RingCrypto
internal import RingJSONAPI

/// Webhooks: their bodies, their signatures, and whether they may be sent.
extension ServiceState {
    /// Makes an event happen and puts its webhooks into the outbox. Returns the request ids.
    @discardableResult
    mutating func trigger(_ event: RingSimulatorEvent) -> [String] {
        let index = event.device.flatMap { self.deviceIndex(named: $0.rawValue, account: event.account) }
        let account = event.account ?? index.map { self.devices[$0].account } ?? self.firstAccountID
        // An event of the past is recorded and described at its moment, and reported now.
        let present = self.now
        self.now = min(present, event.moment ?? present)
        defer { self.now = present }
        if let index { self.change(index, by: event) }
        let device = index.map { self.devices[$0] }
        let subscription =
            event.type.hasPrefix("subscription_") ? self.changeSubscription(event, device, account) : nil
        let isLifecycle = event.type == "app_integration_removed"
        if isLifecycle { self.setState(.removed, of: account) }
        if event.type == "app_integration_added", self.account(account)?.state != .completed {
            self.setState(.completed, of: account)
        }
        // What a back-dated scenario has behind it was reported then.
        if self.isPast { return [] }
        guard self.silence(of: event.type, device, account) == nil else { return [] }
        let body = self.body(of: event, device: device, account: account, subscription, sentAt: present)
        self.now = present
        let isHeld =
            self.switches.webhooks.contains(.withheld) && !isLifecycle && self.account(account)?.state != .completed
        var digest = RingWebhookSignature(signing: body.bytes, key: self.key).headerValue
        if self.switches.webhooks.contains(.bareSignature) { digest = String(digest.dropFirst("sha256=".count)) }
        for _ in 0...max(0, min(self.switches.limit(.webhookDuplicates), 100)) {
            self.add(
                RingSimulatorDelivery(
                    requestID: body.requestID, type: event.type, body: body.bytes, signature: digest,
                    outcome: isHeld ? .withheld : .pending, account: account,
                    device: index.map { self.devices[$0].id }))
        }
        return [body.requestID]
    }

    /// Why an event sent no webhook; `nil` when it sends one.
    func silence(of event: RingSimulatorEvent) -> String? {
        let index = event.device.flatMap { self.deviceIndex(named: $0.rawValue, account: event.account) }
        let account = event.account ?? index.map { self.devices[$0].account } ?? self.firstAccountID
        return self.silence(of: event.type, index.map { self.devices[$0] }, account)
    }

    private mutating func change(_ index: Int, by event: RingSimulatorEvent) {
        let id = self.devices[index].id
        switch event.type {
        case "motion_detected", "button_press":
            let type = event.type == "button_press" ? "ding" : "motion"
            self.record(type, event.subType, device: id, start: self.now, length: event.recording.wholeMilliseconds)
        case "device_removed":
            self.devices[index].isRemoved = true
            for (session, value) in self.sessions where value.device == id { self.sessions[session]?.isClosed = true }
        case "device_added":
            if self.devices[index].isRemoved { self.devices[index].sharedAt = self.now }
            self.devices[index].isRemoved = false
        case "device_online": self.devices[index].device.isOnline = true
        case "device_offline": self.devices[index].device.isOnline = false
        default:
            self.devices[index].sensors.follow(event.type, of: self.devices[index].device.kind, at: self.now)
        }
    }

    private mutating func body(
        of event: RingSimulatorEvent, device: Device?, account: RingAccountID, _ subscription: Subscription?,
        sentAt: Int64
    ) -> (bytes: [UInt8], requestID: String) {
        var requestID = self.random.uuid()
        if self.switches.webhooks.contains(.sensorRequestIDs) {
            let suffix = event.type == "flood_cleared" ? "water_cleared" : "water_detecte"
            requestID += "-\(self.now)-\(suffix)"
        }
        let isOld = self.switches.webhookVersion == .version1_0
        var meta: [(String, JSONAPILiteral)] = [
            ("version", .string(self.switches.webhookVersion.rawValue)),
            ("time", .string(isoTime(sentAt, digits: min(9, self.switches.limit(.webhookTimeDigits))))),
            ("request_id", .string(requestID)),
        ]
        if !isOld { meta.append(("account_id", .string(account.rawValue))) }
        let data =
            if let subscription {
                self.subscriptionData(event, device, subscription)
            } else if event.type.hasPrefix("app_integration_") {
                self.integrationData(event, account)
            } else {
                self.deviceData(event, device, account, isOld: isOld)
            }
        let document: JSONAPILiteral = ["meta": .object(meta), "data": .object(data)]
        return (document.bytes, requestID)
    }

    private func deviceData(
        _ event: RingSimulatorEvent, _ device: Device?, _ account: RingAccountID, isOld: Bool
    ) -> [(String, JSONAPILiteral)] {
        let source = device?.id.rawValue ?? account.rawValue
        let isMotion = event.type == "motion_detected"
        let subType = isMotion ? event.subType ?? "motion" : nil
        var word = subType ?? event.type
        if event.type == "button_press" && self.switches.webhooks.contains(.liveButtonID) { word = "ding" }
        let id = isOld ? "event\(self.deliveries.nextNumber)" : "\(source)_\(word)_\(self.now)"
        var data: [(String, JSONAPILiteral)] = [("id", .string(id)), ("type", .string(event.type))]
        var attributes: [(String, JSONAPILiteral)] = [
            ("source", .string(source)), ("source_type", device == nil ? "users" : "devices"),
            ("timestamp", .int(self.now)),
        ]
        if isMotion, self.switches.webhooks.contains(.readableTimestamps) {
            let text = isoTime(self.now).map { $0 == "T" ? " " : $0 }.filter { $0 != "Z" }
            attributes.append(("timestamp_readable", .string(String(text))))
        }
        if let subType, !isOld {
            switch self.switches.subTypePlace {
            case .attributes: attributes.append(("sub_type", .string(subType)))
            case .data: data.append(("subType", .string(subType)))
            case .snakeCase: data.append(("sub_type", .string(subType)))
            case .none: break
            }
        }
        var lenses = event.componentIDs
        if lenses.isEmpty, isMotion, device?.device.kind == .elite { lenses = [Self.components[0]] }
        if !lenses.isEmpty {
            attributes.append(("component_ids", .array(lenses.map(self.componentID))))
        }
        data.append(("attributes", .object(attributes)))
        if let device, !isOld {
            let link = "/v1/devices/\(RingPercentCoding.encode(device.id.rawValue))"
            data.append(("relationships", ["devices": ["links": ["self": .string(link)]]]))
        }
        return data
    }

    /// An event of the integration, which has no relationships.
    private mutating func integrationData(
        _ event: RingSimulatorEvent, _ account: RingAccountID
    ) -> [(String, JSONAPILiteral)] {
        let isAdded = event.type == "app_integration_added"
        let id = isAdded ? "\(Self.clientResourceID)_client_created_\(self.now)" : "evt-\(self.random.text(16))"
        let attributes: JSONAPILiteral = [
            "source": .string(account.rawValue), "source_type": "users", "timestamp": .int(self.now),
        ]
        return [("id", .string(id)), ("type", .string(event.type)), ("attributes", attributes)]
    }

    private mutating func subscriptionData(
        _ event: RingSimulatorEvent, _ device: Device?, _ subscription: Subscription
    ) -> [(String, JSONAPILiteral)] {
        var attributes: [(String, JSONAPILiteral)] = [
            ("source", "subscriptions"), ("source_id", .string(subscription.id)),
            ("sub_type", subscription.isTrial ? "trial" : "paid"),
            ("plan_id", subscription.isTrial ? nil : .string(Self.planID)),
        ]
        if event.type == "subscription_activated" {
            attributes.append(("expires_at", .string(isoTime(subscription.end(at: self.now)))))
        }
        let type: JSONAPILiteral = self.switches.webhooks.contains(.pluralDevices) ? "devices" : "device"
        let devices = device.map { [$0.id] } ?? subscription.devices
        let references = devices.map { id -> JSONAPILiteral in ["type": type, "id": .string(id.rawValue)] }
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
