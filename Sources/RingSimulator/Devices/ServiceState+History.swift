internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// The event history of a device, which is read in pages.
extension ServiceState {
    static let eventIDPrefix = "ava1.ring.history.event."
    /// How many events of a device are kept.
    private static let maximumHistoryCount = 10_000

    mutating func historyPage(_ request: RingListenerRequest, _ device: Device) -> Response {
        let items = request.queryItems
        let filter = items.first { $0.name == "event_types" }?.value
        let wanted = (filter ?? "").split(separator: ",").map(String.init)
        let isFiltered = !wanted.isEmpty && !self.switches.history.contains(.ignoresFilters)
        var cursor: HistoryCursor?
        if let key = items.first(where: { $0.name == "page[key]" })?.value {
            cursor = HistoryCursor(key)
            guard cursor != nil else {
                return .failure(400, title: "Bad Request", detail: "no such page", pointer: "page[key]")
            }
        }
        let consent = self.consent(to: device)
        let latest = self.now - Int64(self.switches.limit(.historyDelaySeconds)) * 1000
        let size = max(1, self.switches.limit(.historyPageSize))
        var page: [Event] = []
        var hasMore = false
        for event in (self.history[device.id] ?? []).reversed() where event.start <= latest {
            guard event.start >= consent else { break }
            if let cursor, !cursor.isBefore(event) { continue }
            if isFiltered, !wanted.contains(event.type), !wanted.contains("\(event.type).\(event.subType ?? "")") {
                continue
            }
            hasMore = page.count == size
            if hasMore { break }
            page.append(event)
        }
        var document: [(String, JSONAPILiteral)] = [("data", .array(page.map { self.eventResource($0, device) }))]
        if let last = page.last, hasMore || self.switches.history.contains(.nextOnEmptyPage) {
            let id = RingPercentCoding.encode(device.id.rawValue)
            let key = HistoryCursor(behind: last).text(isTime: self.switches.history.contains(.timeCursors))
            var link = "/v1/history/devices/\(id)/events?page%5Bkey%5D=\(RingPercentCoding.encode(key))"
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
            "meta": [
                "riid": self.switches.history.contains(.requestIDs) ? .string("riid-\(event.id.suffix(12))") : nil
            ],
        ]
    }

    /// Adds an event to the history, which is kept in the order of its times.
    @discardableResult
    mutating func record(_ type: String, _ subType: String?, device: RingDeviceID, start: Int64, length: Int64)
        -> String
    {
        let id = "\(Self.eventIDPrefix)\(self.random.text(40))"
        let event = Event(id: id, type: type, subType: subType, start: start, end: start + max(0, length))
        // Taken out, so that the list is not copied.
        var events = self.history.removeValue(forKey: device) ?? []
        if events.count >= Self.maximumHistoryCount { events.removeFirst(Self.maximumHistoryCount / 10) }
        let place = events.lastIndex { ($0.start, $0.id) < (event.start, event.id) }.map { $0 + 1 } ?? 0
        events.insert(event, at: place)
        self.history[device] = events
        self.boundHistory()
        return id
    }
}
