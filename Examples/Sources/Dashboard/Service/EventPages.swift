import Foundation
import RingPartner

/// The event panel, and the stream that keeps it current.
extension Service {
    /// What the router does with every webhook.
    func note(_ delivery: RingWebhookDelivery) async throws {
        let event = delivery.event
        guard let account = event.accountID else { return }
        if event.kind == .appIntegrationRemoved {
            // The tokens are erased already: this package does that before a handler runs.
            // Repeated later when something could not be deleted.
            try await self.forget(account)
            return
        }
        if let device = event.deviceID {
            if event.kind == .deviceAdded {
                try self.consents.set(event.occurredAt ?? delivery.receivedAt, of: account, device)
            }
            if event.kind == .deviceRemoved { try self.consents.remove(account, device) }
        }
        // A name is a nicety: an event without one is an event.
        let name =
            event.deviceID == nil
            ? nil : try? await self.ring.directory.device(event.deviceID ?? "", of: account).device.name
        try self.feed.add(
            FeedEvent(
                number: 0, key: delivery.key, account: account, device: event.deviceID, deviceName: name ?? nil,
                components: event.componentIDs, kind: event.kind, subType: event.subType,
                moment: event.occurredAt ?? delivery.receivedAt))
        if event.deviceID != nil { self.feed.tell(.changed(account)) }
    }

    func eventPanel(_ filter: EventFilter, _ household: Household, _ user: SignIn) -> HTML {
        // Before the list is read: an event between the two is sent again, and the page knows it by its id.
        let last = self.feed.lastNumber
        let events = self.feed.newest(50) { household.has($0.account) && filter.shows($0) }
        let rows = events.html { $0.row(household) }
        let devices = [("", "All devices")] + household.devices.map { ($0.device.id.rawValue, $0.name) }
        let kinds = [
            ("", "All types"), (RingEventKind.motionDetected.rawValue, "Motion"),
            (RingEventKind.buttonPress.rawValue, "Doorbell"),
            (RingEventKind.deviceOffline.rawValue, "Device offline"),
            (RingEventKind.deviceOnline.rawValue, "Device online"),
            (RingEventKind.floodDetected.rawValue, "Flood"), (RingEventKind.contactSensorFaulted.rawValue, "Opened"),
        ]
        return """
            <section class="panel stack events" aria-labelledby="events-title" data-after="\(last)" data-filter="\(filter.query)">\
            <h2 id="events-title">Events</h2><form class="fields" method="get" action="/">\
            \(Part.select("Device", name: "device", options: devices, selected: filter.device?.rawValue ?? ""))\
            \(Part.select("Type", name: "type", options: kinds, selected: filter.kind?.rawValue ?? ""))\
            <noscript><button>Show</button></noscript></form>\
            <ul data-events aria-live="polite">\(events.isEmpty ? "<li data-empty class=\"empty\">No events yet</li>" : rows)</ul></section>
            """
    }

    /// The stream of a page: the events after the one that it saw last.
    func eventStream(_ request: PageRequest, _ user: SignIn) async -> RingHTTPResponse {
        let household = await self.household(of: user.principal)
        let last = request.http.headerFields["Last-Event-ID"] ?? request.query["after"]
        guard let messages = self.feed.messages(after: last.flatMap { Int($0) } ?? self.feed.lastNumber) else {
            return .text(503, "too many pages are open")
        }
        return .events(
            EventStream(
                service: self, user: user, filter: EventFilter(request.query, household), household: household,
                messages: messages))
    }
}

/// The bytes of an event stream. It ends when the browser has gone, when its user signs out, and when the service stops.
private struct EventStream: AsyncSequence, Sendable {
    let service: Service
    let user: SignIn
    let filter: EventFilter
    let household: Household
    let messages: AsyncStream<EventFeed.Message>

    struct AsyncIterator: AsyncIteratorProtocol {
        let stream: EventStream
        var household: Household
        var messages: AsyncStream<EventFeed.Message>.Iterator
        var hasBegun = false

        mutating func next() async throws -> [UInt8]? {
            guard self.hasBegun else {
                self.hasBegun = true
                return ServerSentEvent.start
            }
            while let message = await self.messages.next() {
                guard self.stream.service.signIns.isSignedIn(self.stream.user) else { return nil }
                switch message {
                case .event(let event):
                    guard self.stream.filter.shows(event) else { continue }
                    await self.readHousehold()
                    guard self.household.has(event.account) else { continue }
                    return ServerSentEvent(id: event.number, name: "row", data: event.row(self.household).text).bytes
                case .changed(let account):
                    guard self.household.has(account) else { continue }
                    return ServerSentEvent(name: "changed", data: "").bytes
                case .linked(let account):
                    // Its own now, or until now.
                    let wasOwn = self.household.has(account)
                    await self.readHousehold()
                    guard wasOwn || self.household.has(account) else { continue }
                    return ServerSentEvent(name: "reload", data: "").bytes
                case .reload: return ServerSentEvent(name: "reload", data: "").bytes
                case .beat: return ServerSentEvent.beat
                }
            }
            return nil
        }

        /// Reads which accounts are the user's: what is no longer linked is no longer shown.
        private mutating func readHousehold() async {
            self.household = await self.stream.service.household(of: self.stream.user.principal)
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(stream: self, household: self.household, messages: self.messages.makeAsyncIterator())
    }
}
