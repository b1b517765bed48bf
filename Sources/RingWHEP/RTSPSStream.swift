public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The URL of a device's RTSPS stream, and the header fields with the access token.
///
/// **Unverified.** Ring's documents describe this stream beside WHEP, disagree about its details, and do not specify the source
/// of the media keys. This type builds what the documents agree on; it has not been tested against the service. It never
/// puts the token into a URL, although one document allows it, because URLs appear in logs.
public struct RTSPSStream: Hashable, Sendable {
    /// The stream: `rtsps://video.rtsp.amazonvision.com:322/v1/devices/{id}/stream`.
    public let url: URL

    /// Builds the URL of a device's stream.
    ///
    /// - Parameters:
    ///   - device: The device.
    ///   - component: The lens of a multi-camera device. Wire: query `component_id`.
    ///   - origin: Another origin, for tests: scheme `rtsps` and host alone.
    /// - Throws: `RingError` with `invalidArgument` when the identifier cannot be part of a path; `insecureURL` when the
    ///   scheme is not `rtsps`; `misconfigured` when the origin is not an origin.
    public init(
        device: RingDeviceID, component: RingComponentID? = nil,
        origin: String = "rtsps://video.rtsp.amazonvision.com:322"
    ) throws {
        guard let base = URL(string: origin), base.host()?.isEmpty == false else {
            throw RingError(
                code: .misconfigured, message: "the RTSPS origin is not a URL; pass scheme and host alone")
        }
        guard base.scheme?.lowercased() == "rtsps" else {
            throw RingError(code: .insecureURL, message: "the RTSPS origin has to begin with rtsps://")
        }
        guard base.user() == nil, base.password() == nil, base.query() == nil else {
            throw RingError(
                code: .misconfigured, message: "the RTSPS origin must not contain credentials or a query")
        }
        self.url = try RingURL.url(
            base, path: ["v1", "devices", device.rawValue, "stream"], query: [("component_id", component?.rawValue)])
    }

    /// The header field with the access token, for DESCRIBE only.
    ///
    /// Wire: `X-Auth-Token`, which the documents prefer.
    public func tokenField(_ token: RingAccessToken) -> RingHTTPField {
        RingHTTPField(name: "X-Auth-Token", value: token.revealed)
    }

    /// The same as HTTP Basic with an empty user, for clients that can set no other field.
    public func basicField(_ token: RingAccessToken) -> RingHTTPField {
        let text = Data((":" + token.revealed).utf8).base64EncodedString()
        return RingHTTPField(name: .authorization, value: "Basic " + text)
    }
}
