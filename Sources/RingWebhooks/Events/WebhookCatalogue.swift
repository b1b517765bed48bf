internal import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// The kinds of the fact sheet's section 9.4, each with its shape.
enum WebhookCatalogue {
    enum Shape {
        case motion, buttonPress
        case device(RingDeviceChangeEvent.Change)
        case integration(isAdded: Bool)
        case subscription(isActive: Bool)
        case sensor(RingSensorEvent.Quantity, isRaised: Bool)

        /// Whether it happens at a device; else its source is an account or a subscription.
        var hasDevice: Bool {
            switch self {
            case .motion, .buttonPress, .device, .sensor: true
            case .integration, .subscription: false
            }
        }
    }

    static let shapes: [(kind: RingEventKind, shape: Shape)] =
        [
            (.motionDetected, .motion), (.buttonPress, .buttonPress), (.deviceAdded, .device(.added)),
            (.deviceRemoved, .device(.removed)), (.deviceOnline, .device(.online)),
            (.deviceOffline, .device(.offline)), (.appIntegrationAdded, .integration(isAdded: true)),
            (.appIntegrationRemoved, .integration(isAdded: false)),
            (.subscriptionActivated, .subscription(isActive: true)),
            (.subscriptionDeactivated, .subscription(isActive: false)),
        ]
        + RingEventKind.sensors.map { kind in
            let word = kind.rawValue
            let cut = word.lastIndex(of: "_") ?? word.endIndex
            return (
                kind,
                .sensor(
                    RingSensorEvent.Quantity(rawValue: String(word[..<cut])), isRaised: !word.hasSuffix("_cleared"))
            )
        }

    static let kinds = Self.shapes.map(\.kind)
    static let names = JSONAPINames<RingEventKind>(Self.kinds)
}

extension WebhookFields {
    private var shape: WebhookCatalogue.Shape? {
        self.catalogued >= 0 ? WebhookCatalogue.shapes[self.catalogued].shape : nil
    }

    /// The device the event happened at; an account or a subscription as its source is none.
    var device: RingDeviceID? {
        let shape = self.shape
        if let shape, !shape.hasDevice { return nil }
        if let source {
            let isDevice = self.sourceType.map { $0 == "devices" || $0 == "device" } ?? (shape != nil)
            if isDevice { return RingDeviceID(rawValue: source) }
        }
        return self.relationships?["devices"]?["links"]?["self"]?.string.flatMap(Self.device(inLink:))
    }

    func content(kind: RingEventKind, device: RingDeviceID?) -> RingWebhookContent {
        let time = self.occurredAt
        switch (self.shape, device) {
        case (.motion?, let device?):
            return .motion(
                RingMotionEvent(
                    device: device, subType: self.subType, occurredAt: time, components: self.components))
        case (.buttonPress?, let device?):
            return .buttonPress(RingButtonPressEvent(device: device, occurredAt: time, components: self.components))
        case (.device(let change)?, let device?):
            return .device(RingDeviceChangeEvent(device: device, change: change, occurredAt: time))
        case (.sensor(let quantity, let isRaised)?, let device?):
            return .sensor(
                RingSensorEvent(
                    device: device, quantity: quantity, isRaised: isRaised, occurredAt: time, readings: self.readings))
        case (.integration(let isAdded)?, _):
            guard let account = self.accountID ?? self.source else { break }
            return .integration(
                RingIntegrationEvent(account: RingAccountID(rawValue: account), isAdded: isAdded, occurredAt: time))
        case (.subscription(let isActive)?, _):
            return .subscription(
                RingSubscriptionEvent(
                    isActive: isActive, subscription: self.subscription.map(RingSubscriptionID.init(rawValue:)),
                    subType: self.subType, planID: self.planID, expiresAt: self.expiresAt,
                    devices: self.coveredDevices))
        default: break
        }
        return .unknown
    }

    /// `relationships.devices.data`, of type `device` or `devices`; one object where a list is due is taken too.
    private var coveredDevices: [RingDeviceID] {
        guard let related = self.relationships?["devices"]?["data"] else { return [] }
        let identifiers = related.kind == .object ? [related] : related.elements
        return identifiers.compactMap { identifier in
            guard let type = identifier["type"]?.string, type == "device" || type == "devices",
                let id = identifier["id"].flatMap({ $0.string ?? $0.numberText }), !id.isEmpty
            else { return nil }
            return RingDeviceID(rawValue: id)
        }
    }

    /// The segment after `devices` in `/v1/devices/<id>`.
    private static func device(inLink link: String) -> RingDeviceID? {
        let path = link.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let segments = path.split(separator: UInt8(ascii: "/"))
        guard let position = segments.firstIndex(where: { $0.elementsEqual("devices".utf8) }),
            position + 1 < segments.endIndex
        else { return nil }
        return RingDeviceID(rawValue: RingPercentCoding.decode(segments[position + 1]))
    }
}
