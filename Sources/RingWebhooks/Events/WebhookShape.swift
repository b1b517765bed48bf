internal import RingCore
internal import RingCrypto
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The shapes of the fact sheet's sections 9.5 to 9.8: which kind reads what from where.
enum WebhookShape {
    static func content(of event: RingWebhookEvent, attributes: JSONAPIValue?, data: JSONAPIValue) -> RingWebhookContent
    {
        let unknown = RingWebhookContent.unknown(RingUnknownEvent(attributes: attributes))
        switch event.kind {
        case .motionDetected:
            guard let device = event.deviceID else { return unknown }
            return .motion(
                RingMotionEvent(
                    device: device, subType: event.subType, occurredAt: event.occurredAt,
                    components: event.componentIDs))
        case .buttonPress:
            guard let device = event.deviceID else { return unknown }
            return .buttonPress(
                RingButtonPressEvent(
                    device: device, occurredAt: event.occurredAt, components: event.componentIDs))
        case .appIntegrationAdded, .appIntegrationRemoved:
            let source = attributes?["source"]?.nonEmptyString.map(RingAccountID.init(rawValue:))
            guard let account = event.accountID ?? source else { return unknown }
            return .integration(
                RingIntegrationEvent(
                    account: account, isAdded: event.kind == .appIntegrationAdded, occurredAt: event.occurredAt))
        case .subscriptionActivated, .subscriptionDeactivated:
            return .subscription(Self.subscription(event, attributes, data))
        default: break
        }
        guard let device = event.deviceID else { return unknown }
        if let change = Self.changes[event.kind] {
            return .device(RingDeviceChangeEvent(device: device, change: change, occurredAt: event.occurredAt))
        }
        guard RingEventKind.sensorKinds.contains(event.kind) else { return unknown }
        return .sensor(Self.sensor(event, device, attributes))
    }

    /// The device an event happened at; an account's or subscription's source is none.
    static func device(kind: RingEventKind, attributes: JSONAPIValue?, data: JSONAPIValue) -> RingDeviceID? {
        switch kind {
        case .appIntegrationAdded, .appIntegrationRemoved, .subscriptionActivated, .subscriptionDeactivated: return nil
        default: break
        }
        let type = attributes?["source_type"]?.string
        if let source = attributes?["source"]?.nonEmptyString,
            type == nil ? RingEventKind.known.contains(kind) : (type == "devices" || type == "device")
        {
            return RingDeviceID(rawValue: source)
        }
        return data["relationships"]?["devices"]?["links"]?["self"]?.string.flatMap(Self.device(inLink:))
    }

    /// The segment after `devices` in `/v1/devices/<id>`.
    private static func device(inLink link: String) -> RingDeviceID? {
        let path = link.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let segments = path.split(separator: UInt8(ascii: "/"))
        guard let position = segments.firstIndex(where: { $0.elementsEqual("devices".utf8) }),
            position + 1 < segments.endIndex
        else { return nil }
        return RingDeviceID(rawValue: Self.percentDecoded(segments[position + 1]))
    }

    private static func percentDecoded(_ text: Substring.UTF8View) -> String {
        var bytes = [UInt8]()
        var rest = text
        while let byte = rest.popFirst() {
            let digits = byte == UInt8(ascii: "%") && rest.count >= 2 ? RingHex.decode(Substring(rest.prefix(2))) : nil
            bytes.append(digits?.first ?? byte)
            if digits != nil { rest = rest.dropFirst(2) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Strings, numbers, or objects with an `id`: all three forms have been seen.
    static func components(_ attributes: JSONAPIValue?) -> [RingComponentID] {
        guard let list = attributes?["component_ids"] else { return [] }
        if let single = list.identifierText { return [RingComponentID(rawValue: single)] }
        return list.elements.compactMap { element in
            let text =
                element.identifierText ?? element["id"]?.identifierText ?? element["component_id"]?.identifierText
            return text.map(RingComponentID.init(rawValue:))
        }
    }

    private static func subscription(
        _ event: RingWebhookEvent, _ attributes: JSONAPIValue?, _ data: JSONAPIValue
    ) -> RingSubscriptionEvent {
        let related = data["relationships"]?["devices"]?["data"]
        // One object where a list is due has been seen elsewhere in this API.
        let identifiers =
            related?.kind == .object ? [related].compactMap { $0 } : related.map { Array($0.elements) } ?? []
        return RingSubscriptionEvent(
            isActive: event.kind == .subscriptionActivated,
            subscription: attributes?["source_id"]?.nonEmptyString.map(RingSubscriptionID.init(rawValue:)),
            subType: event.subType, planID: attributes?["plan_id"]?.string,
            expiresAt: attributes?["expires_at"]?.moment,
            devices: identifiers.compactMap { identifier in
                guard let type = identifier["type"]?.string, type == "device" || type == "devices" else { return nil }
                return identifier["id"]?.nonEmptyString.map(RingDeviceID.init(rawValue:))
            })
    }

    private static func sensor(
        _ event: RingWebhookEvent, _ device: RingDeviceID, _ attributes: JSONAPIValue?
    ) -> RingSensorEvent {
        let word = event.kind.rawValue
        let cut = word.lastIndex(of: "_") ?? word.endIndex
        var readings = [String: Double]()
        if let attributes, attributes.count > 3 {
            for (name, value) in attributes.members where !Self.commonAttributes.contains(name) {
                if let number = value.number { readings[name] = number }
            }
        }
        return RingSensorEvent(
            device: device, quantity: .init(rawValue: String(word[..<cut])), isRaised: !word.hasSuffix("_cleared"),
            occurredAt: event.occurredAt, readings: readings)
    }

    private static let commonAttributes: Set<String> = [
        "source", "source_type", "timestamp", "timestamp_readable", "sub_type", "component_ids",
    ]
    private static let changes: [RingEventKind: RingDeviceChangeEvent.Change] = [
        .deviceAdded: .added, .deviceRemoved: .removed, .deviceOnline: .online, .deviceOffline: .offline,
    ]
}

extension RingEventKind {
    fileprivate static let sensorKinds = Set(Self.sensors)
}
