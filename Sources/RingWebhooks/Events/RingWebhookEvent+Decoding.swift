internal import RingCore
internal import RingCrypto
public import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingWebhookEvent {
    /// What a webhook may ask of the JSON reader: 1 MiB, 32 levels, 50,000 values.
    public static let limits = JSONAPILimits(bytes: 1 << 20, depth: 32, values: 50_000)

    /// Decodes a body whose signature was verified.
    ///
    /// Only what makes it an event is required: an object with an object `data` that has a `type`. Everything else may be
    /// missing or odd; the document keeps it.
    ///
    /// - Parameters:
    ///   - body: The raw bytes.
    ///   - limits: What the body may ask of the reader.
    /// - Throws: `RingWebhookError` with code `malformed_body` for what is no JSON or beyond a limit, `not_an_event` for
    ///   other JSON.
    public init(decoding body: [UInt8], limits: JSONAPILimits = Self.limits) throws(RingWebhookError) {
        let document: JSONAPIValue
        do throws(JSONAPIReadError) {
            document = try JSONAPIValue(parsing: body, limits: limits)
        } catch {
            throw RingWebhookError(code: .malformedBody, message: error.description)
        }
        guard document.kind == .object else { throw Self.notAnEvent("the body is no object") }
        guard let data = document["data"], data.kind == .object else { throw Self.notAnEvent("no object at /data") }
        guard let type = data["type"]?.string, !type.isEmpty else { throw Self.notAnEvent("no text at /data/type") }
        self.init(document: document, data: data, kind: RingEventKind(rawValue: type), body: body)
    }

    private init(document: JSONAPIValue, data: JSONAPIValue, kind: RingEventKind, body: [UInt8]) {
        let meta = document["meta"]
        let attributes = data["attributes"]
        self.document = document
        self.version = meta?["version"]?.string
        self.sentAt = meta?["time"]?.date
        self.accountID = meta?["account_id"]?.nonEmptyString.map(RingAccountID.init(rawValue:))
        self.id = RingEventID(rawValue: data["id"]?.string ?? "")
        if let requestID = meta?["request_id"]?.nonEmptyString {
            self.requestID = RingRequestID(rawValue: requestID)
        } else {
            // Something has to name it, or it could not be told from its own repetition.
            self.requestID = RingRequestID(rawValue: "sha256:\(RingSHA256.digest(of: body).hex)")
        }
        self.kind = kind
        let subType = attributes?["sub_type"]?.string ?? data["subType"]?.string ?? data["sub_type"]?.string
        self.subType = subType.map(RingEventSubType.init(rawValue:))
        self.deviceID = WebhookShape.device(kind: kind, attributes: attributes, data: data)
        self.occurredAt = attributes?["timestamp"]?.moment
        self.componentIDs = WebhookShape.components(attributes)
        self.content = .unknown(RingUnknownEvent(attributes: attributes))
        self.content = WebhookShape.content(of: self, attributes: attributes, data: data)
    }

    private static func notAnEvent(_ place: String) -> RingWebhookError {
        RingWebhookError(code: .notAnEvent, message: "\(place); a webhook has meta, data.id and data.type")
    }
}

extension JSONAPIValue {
    /// A string that says something.
    var nonEmptyString: String? { self.string.flatMap { $0.isEmpty ? nil : $0 } }

    /// Epoch milliseconds as a number or as digits, or an ISO 8601 string.
    var moment: Date? {
        if let milliseconds = self.integer { return Date(timeIntervalSince1970: Double(milliseconds) / 1_000) }
        return self.date
    }

    /// A string, or a whole number in its own digits.
    var identifierText: String? { self.nonEmptyString ?? self.int64.map { String($0) } }
}
