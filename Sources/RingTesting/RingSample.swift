public import RingAccounts
public import RingCore
public import RingDevices
internal import RingJSONAPI
public import RingMedia
public import RingWebhooks

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Models for tests: from defaults, or from JSON through the decoders that read Ring's responses.
///
/// Models that only arrive from Ring have no public initialiser. A test changes a property of a sample, or gives the JSON that
/// Ring would send:
///
/// ```swift
/// import RingCore
/// import RingDevices
/// import RingTesting
///
/// var camera = try RingSample.device(name: "Garden", status: #"{"online": false}"#)
/// camera.location = nil
/// ```
public enum RingSample: Sendable {
    /// A camera with all four parts, or a device with the given ones.
    ///
    /// - Parameters:
    ///   - id: The device's id.
    ///   - name: The name that its user gave it.
    ///   - status: The attributes of its status as JSON; `nil` for a device without a status.
    ///   - capabilities: The attributes of its capabilities as JSON; `nil` for none.
    ///   - configurations: The attributes of its configurations as JSON; `nil` for none.
    ///   - location: The attributes of its location as JSON; `nil` for none.
    /// - Returns: The device as the decoder of the device list makes it.
    /// - Throws: `JSONAPIReadError` when a part is not valid JSON.
    public static func device(
        id: RingDeviceID = "device-1", name: String = "Front Door", status: String? = Self.status,
        capabilities: String? = Self.capabilities, configurations: String? = Self.configurations,
        location: String? = Self.location
    ) throws -> RingDevice {
        let parts = [
            ("status", "device-status", status), ("capabilities", "device-capabilities", capabilities),
            ("configurations", "device-configurations", configurations), ("location", "locations", location),
        ].compactMap { name, type, attributes in attributes.map { (name: name, type: type, attributes: $0) } }
        let relationships = parts.map { #""\#($0.name)":{"data":{"type":"\#($0.type)","id":"\#($0.name)"}}"# }
        let included = parts.map { #"{"type":"\#($0.type)","id":"\#($0.name)","attributes":\#($0.attributes)}"# }
        let document = """
            {"data":[{"type":"devices","id":\(Self.quoted(id.rawValue)),"attributes":{"name":\(Self.quoted(name))},
            "relationships":{\(relationships.joined(separator: ","))}}],"included":[\(included.joined(separator: ","))]}
            """
        guard let device = try Self.devices(document).first else {
            throw RingError(code: .malformedResponse, message: "sample device: the document has no device")
        }
        return device
    }

    /// The devices of a document as `GET /v1/devices` returns it.
    ///
    /// - Parameter document: The JSON of the response.
    /// - Returns: The devices, and what could not be read.
    /// - Throws: `JSONAPIReadError` when the text is not a JSON:API document.
    public static func devices(_ document: String) throws -> RingDeviceList {
        RingDeviceList(try JSONAPIDocument(parsing: Array(document.utf8)))
    }

    /// An entry of a camera's event history.
    public static func historyEvent(
        id: RingEventID = "event-1", device: RingDeviceID = "device-1", kind: RingEventKind = .motionDetected,
        start: Date = Self.date, duration: Duration = .seconds(25)
    ) -> RingHistoryEvent {
        let (seconds, attoseconds) = duration.components
        let end = start + (Double(seconds) + Double(attoseconds) / 1e18)
        return RingHistoryEvent(id: id, kind: kind, start: start, end: end, device: device)
    }

    /// The event of a webhook as the inbox decodes it.
    ///
    /// - Parameter draft: The webhook; motion at a camera unless another is given.
    /// - Returns: The decoded event.
    /// - Throws: `RingWebhookError` when the webhook cannot be decoded.
    public static func webhookEvent(
        _ draft: RingWebhookDraft = RingWebhookDraft(
            kind: .motionDetected, account: "account-1", device: "device-1", subType: .human, occurredAt: Self.date)
    ) throws(RingWebhookError) -> RingWebhookEvent {
        try Self.webhookEvent(body: draft.body)
    }

    /// The event of a webhook's body as the inbox decodes it.
    ///
    /// - Throws: `RingWebhookError` when the body is not a webhook.
    public static func webhookEvent(body: [UInt8]) throws(RingWebhookError) -> RingWebhookEvent {
        try RingWebhookEvent(decoding: body)
    }

    /// A webhook as a handler receives it.
    public static func delivery(
        of event: RingWebhookEvent, attempt: Int = 1, receivedAt: Date = Self.date
    ) -> RingWebhookDelivery {
        RingWebhookDelivery(key: event.key, event: event, attempt: attempt, receivedAt: receivedAt)
    }

    /// The user of an account, from the attributes that `GET /v1/users/me` returns.
    ///
    /// - Throws: `JSONAPIReadError` when the attributes are not valid JSON.
    public static func user(
        id: RingAccountID = "account-1",
        attributes: String = #"{"first_name":"Robin","last_name":"Vale","email":"robin.vale@example.org"}"#
    ) throws -> RingUser {
        RingUser(try Self.resource("users", id.rawValue, attributes))
    }

    /// A subscription, from its attributes.
    ///
    /// - Throws: `JSONAPIReadError` when the attributes are not valid JSON.
    public static func subscription(
        id: RingSubscriptionID = "subscription-1", attributes: String = #"{"sub_type":"paid","status":"active"}"#
    ) throws -> RingSubscription {
        RingSubscription(try Self.resource("subscriptions", id.rawValue, attributes))
    }

    /// What the response to a media request tells of its clip or still.
    public static func mediaInfo(
        contentType: String = "video/mp4", isPartial: Bool = false,
        headerFields: RingHTTPFields = ["X-Media-Timestamp": "1795000000000", "X-Media-Length": "25000"]
    ) -> RingMediaInfo {
        RingMediaInfo(
            RingHTTPResponse(status: isPartial ? 206 : 200, headerFields: headerFields), requested: .seconds(25),
            contentType: contentType)
    }

    /// The attributes of a camera's status: online.
    public static let status = #"{"online":true,"reported_at":"2026-11-18T11:06:40Z"}"#
    /// The attributes of a camera's capabilities: 1080 lines, motion detection, snapshots.
    public static let capabilities = """
        {"video":{"configurations":["resolution_mode"],"codecs":["AVC"],"ratio":"16:9","max_resolution":1080,
        "supported_resolutions":[1080]},"motion_detection":{"configurations":["enabled","motion_zones"]},
        "image_enhancements":{"configurations":["privacy_zones","snapshot"]}}
        """
    /// The attributes of a camera's configurations: motion detection on, no end-to-end encryption.
    public static let configurations = """
        {"motion_detection":{"enabled":"on","motion_zones":[]},"image_enhancements":{"privacy_zones":[]},
        "e2e_encryption":{"enabled":false}}
        """
    /// The attributes of a location.
    public static let location = #"{"country":"US","state":"WA"}"#
    /// The date of samples: the start of ``ManualClock``.
    public static let date = Date(timeIntervalSince1970: 1_795_000_000)

    private static func quoted(_ text: String) -> String {
        let literal: JSONAPILiteral = .string(text)
        return String(decoding: literal.bytes, as: UTF8.self)
    }

    private static func resource(_ type: String, _ id: String, _ attributes: String) throws -> JSONAPIResource {
        let text = #"{"data":{"type":"\#(type)","id":\#(Self.quoted(id)),"attributes":\#(attributes)}}"#
        guard let resource = try JSONAPIDocument(parsing: Array(text.utf8)).resources.first else {
            throw RingError(code: .malformedResponse, message: "sample \(type): the document has no resource")
        }
        return resource
    }
}
