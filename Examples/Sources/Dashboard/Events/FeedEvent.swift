import Foundation
import RingPartner

/// An event as the panel keeps it.
struct FeedEvent: Codable, Sendable {
    /// Higher than that of every earlier one; what a browser resumes after.
    var number: Int
    /// What names the webhook, so that a handler that runs again adds nothing.
    var key: RingWebhookKey
    var account: RingAccountID
    var device: RingDeviceID?
    /// As it was called then: a removed device has no name any more.
    var deviceName: String?
    var components: [RingComponentID]
    var kind: RingEventKind
    var subType: RingEventSubType?
    var moment: Date

    /// Whether there is a recording of it.
    var hasClip: Bool { self.device != nil && (self.kind == .motionDetected || self.kind == .buttonPress) }

    /// What media requests are made from.
    var media: RingMediaEvent? {
        guard let device, self.hasClip else { return nil }
        return RingMediaEvent(device: device, moment: self.moment, components: self.components)
    }

    var title: String {
        switch self.kind {
        case .motionDetected: self.subType.map { "Motion: \($0.rawValue.replacing("_", with: " "))" } ?? "Motion"
        case .buttonPress: "Rang the doorbell"
        default: self.kind.rawValue.replacing("_", with: " ").capitalizedFirst
        }
    }

    /// Its row in the panel, in one line.
    func row(_ household: Household) -> HTML {
        let device = self.device.flatMap { household.device(self.account.rawValue, $0.rawValue) }
        let time = self.moment.formatted(.iso8601.year().month().day().dateSeparator(.dash))
        let clock = self.moment.formatted(.iso8601.time(includingFractionalSeconds: false).timeSeparator(.colon))
        let name = self.deviceName ?? device?.name ?? ""
        let still: HTML = device.flatMap { self.hasClip && $0.hasCamera ? $0.still(ofEvent: self.number) : nil } ?? ""
        let title: HTML =
            device.flatMap { device in
                self.hasClip && device.hasCamera
                    ? "<a href=\"\(device.address)&amp;event=\(self.number)\">\(self.title)</a>" : nil
            } ?? "\(self.title)"
        return """
            <li id="event-\(self.number)" class="event" data-type="\(self.kind.rawValue)">\(still.text.isEmpty ? "<span></span>" : still)<div><strong>\(title)</strong>\
            <span class="soft small">\(name)</span></div><time class="soft small number" datetime="\(time)T\(clock)Z">\(clock) UTC</time></li>
            """
    }
}

extension String {
    var capitalizedFirst: String { self.prefix(1).uppercased() + self.dropFirst() }
}

/// Which events somebody wants to see.
struct EventFilter: Sendable {
    var device: RingDeviceID?
    var kind: RingEventKind?

    init(device: RingDeviceID? = nil) { self.device = device }

    /// Reads `device` and `type` of a query. A device that is not the user's is none.
    init(_ query: RingHTTPForm, _ household: Household) {
        let id = query["device"] ?? ""
        self.device = household.devices.first { $0.device.id.rawValue == id }?.device.id
        self.kind = query["type"].flatMap { $0.isEmpty ? nil : RingEventKind(rawValue: $0) }
    }

    func shows(_ event: FeedEvent) -> Bool {
        (self.device == nil || event.device == self.device) && (self.kind == nil || event.kind == self.kind)
    }

    var query: String {
        [("device", self.device?.rawValue), ("type", self.kind?.rawValue)]
            .compactMap { name, value in value.map { "\(name)=\($0.queryEncoded)" } }.joined(separator: "&")
    }
}
