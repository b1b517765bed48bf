internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// Event history and subscriptions, which are read in pages.
extension ServiceState {
    mutating func historyPage(_ request: RingListenerRequest, _ device: Device) -> Response {
        let items = request.queryItems
        let filter = items.first { $0.name == "event_types" }?.value
        let wanted = (filter ?? "").split(separator: ",").map(String.init)
        let offset = max(0, items.first { $0.name == "page[key]" }.flatMap { Int($0.value) } ?? 0)
        let consent = self.consents[device.account] ?? 0
        var events = (self.history[device.id] ?? []).filter { $0.start >= consent && $0.start <= self.now }
        if !wanted.isEmpty && !self.switches.history.contains(.ignoresFilters) {
            events = events.filter { event in
                wanted.contains(event.type) || wanted.contains("\(event.type).\(event.subType ?? "")")
            }
        }
        events.sort { ($0.start, $0.id) > ($1.start, $1.id) }
        let size = max(1, self.switches.limit(.historyPageSize))
        let page = events.dropFirst(offset).prefix(size)
        let data = page.map { self.eventResource($0, device) }
        var document: [(String, JSONAPILiteral)] = [("data", .array(Array(data)))]
        let next = offset + size
        if next < events.count || (self.switches.history.contains(.nextOnEmptyPage) && !page.isEmpty) {
            let id = RingPercentCoding.encode(device.id.rawValue)
            var link = "/v1/history/devices/\(id)/events?page%5Bkey%5D=\(next)"
            if let filter, !self.switches.history.contains(.nextWithoutFilters) {
                link += "&event_types=\(RingPercentCoding.encode(filter))"
            }
            document.append(("links", ["next": .string(link)]))
        }
        return .json(200, .object(document))
    }

    private func eventResource(_ event: Event, _ device: Device) -> JSONAPILiteral {
        func time(_ value: Int64) -> JSONAPILiteral {
            self.switches.history.contains(.stringTimestamps) ? .string(String(value)) : .int(value)
        }
        var attributes: [(String, JSONAPILiteral)] = [
            ("event_type", .string(event.type)), ("is_third_party_reviewed", .bool(event.isReviewed)),
            ("start", time(event.start)), ("end", time(event.end)),
        ]
        if self.switches.history.contains(.subTypes), let subType = event.subType {
            attributes.append(("sub_type", .string(subType)))
        }
        return [
            "type": "history-events", "id": .string(event.id), "attributes": .object(attributes),
            "relationships": [
                "source": ["data": ["type": "devices", "id": .string(device.id.rawValue)]],
                "cv_detections": ["data": []],
            ],
            "meta": ["riid": nil],
        ]
    }

    mutating func record(_ type: String, _ subType: String?, device: RingDeviceID, start: Int64, length: Int64)
        -> String
    {
        let id = "ava1.ring.history.event.\(self.random.text(40))"
        let event = Event(id: id, type: type, subType: subType, start: start, end: start + max(0, length))
        self.history[device, default: []].append(event)
        return id
    }

    func subscriptions(_ request: RingListenerRequest, account: RingAccountID) -> Response {
        if self.switches.api.contains(.unprocessableSubscriptions) {
            return .failure(422, title: "Unprocessable Entity")
        }
        let count = max(0, self.account(account)?.subscriptionCount ?? 0)
        let cursor = request.queryItems.first { $0.name == "page[cursor]" }?.value.dropFirst() ?? ""
        let offset = min(count, max(0, Int(cursor) ?? 0))
        let devices = self.devices.filter { $0.account == account && !$0.isRemoved }
        let data = (offset..<min(count, offset + 25)).map { number -> JSONAPILiteral in
            let covered = devices.isEmpty ? nil : devices[number % devices.count]
            let references =
                covered.map { device -> [JSONAPILiteral] in [["type": "devices", "id": .string(device.id.rawValue)]] }
                ?? []
            let isTrial = number % 2 == 1
            return [
                "type": "subscriptions", "id": .string("sub-opaque-\(number + 1)"),
                "attributes": [
                    "sub_type": isTrial ? "trial" : "paid", "status": isTrial ? "inactive" : "active",
                    "plan_id": isTrial ? nil : "5f0b1d2c-3a4e-4c5d-9b6f-7a8c9d0e1f22",
                    "expires_at": .string(isoTime(self.now + (isTrial ? -1 : 30) * 86_400_000)),
                    "created_at": .string(isoTime(self.now - 14 * 86_400_000)),
                ],
                "relationships": ["devices": ["data": .array(references)]],
            ]
        }
        var document: [(String, JSONAPILiteral)] = [("data", .array(data))]
        if offset + 25 < count {
            document.append(
                ("links", ["next": .string("/v1/accounts/me/subscriptions?page%5Bcursor%5D=c\(offset + 25)")]))
        }
        document.append(("meta", self.meta))
        return .json(200, .object(document))
    }
}
