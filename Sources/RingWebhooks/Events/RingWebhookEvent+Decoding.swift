internal import RingCore
internal import RingCrypto
package import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingWebhookEvent {
    /// What a webhook may demand of the JSON reader: 1 MiB, 32 levels, 50,000 values.
    package static let limits = JSONAPILimits(bytes: 1 << 20, depth: 32, values: 50_000)

    /// Decodes a body whose signature was verified.
    ///
    /// Only what makes it an event is required: an object with an object `data` that has a `type`. Everything else may be
    /// missing or of another type; the document keeps it.
    ///
    /// - Parameter body: The raw bytes, at most 1 MiB.
    /// - Throws: `RingWebhookError` with code `malformed_body` for what is not JSON or beyond a limit, `not_an_event` for
    ///   other JSON.
    public init(decoding body: [UInt8]) throws(RingWebhookError) { try self.init(decoding: body, limits: Self.limits) }

    /// Decodes a body whose signature was verified, within limits of its own.
    package init(decoding body: [UInt8], limits: JSONAPILimits) throws(RingWebhookError) {
        let document: JSONAPIValue
        do throws(JSONAPIReadError) {
            document = try JSONAPIValue(parsing: body, limits: limits)
        } catch {
            throw RingWebhookError(code: .malformedBody, message: error.description)
        }
        guard document.kind == .object else { throw Self.notAnEvent("the body is not an object") }
        let fields = WebhookFields(document)
        guard fields.hasData else { throw Self.notAnEvent("no object at /data") }
        guard let kind = fields.kind else { throw Self.notAnEvent("no text at /data/type") }
        let device = fields.device
        self.init(
            version: fields.version, sentAt: fields.sentAt,
            // Something has to name it, so that a duplicate is recognised. The send time may differ, and with it the body.
            requestID: RingRequestID(
                rawValue: fields.requestID ?? fields.eventID.map { "event:\($0)" }
                    ?? "sha256:\(RingSHA256.digest(of: body).hex)"),
            accountID: fields.accountID.map(RingAccountID.init(rawValue:)),
            id: RingEventID(rawValue: fields.eventID ?? ""), kind: kind, subType: fields.subType, deviceID: device,
            occurredAt: fields.occurredAt, componentIDs: fields.components,
            content: fields.content(kind: kind, device: device), document: document)
    }

    private static func notAnEvent(_ place: String) -> RingWebhookError {
        RingWebhookError(code: .notAnEvent, message: "\(place); a webhook has meta, data.id and data.type")
    }
}
