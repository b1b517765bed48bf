public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Where a device's RTSPS stream is, and how to present the token there.
///
/// **Unverified.** Ring's documents describe this way beside WHEP, disagree about its details, and do not say where the
/// media keys come from. These helpers build what the documents agree on; nobody has seen them work against the service.
/// There is no way here to put a token into a URL, although one document allows it: URLs end up in logs.
public struct RTSPSStream: Hashable, Sendable {
    /// The stream: `rtsps://video.rtsp.amazonvision.com:322/v1/devices/{id}/stream`.
    public let url: URL

    /// The documented origin.
    public static let origin = "rtsps://video.rtsp.amazonvision.com:322"

    /// Builds the URL of a device's stream.
    ///
    /// - Parameters:
    ///   - device: The device.
    ///   - component: The lens of a multi-camera device. Wire: query `component_id`.
    ///   - origin: Another origin, for tests; scheme `rtsps` and host alone.
    /// - Throws: `RingError` with `invalidArgument` when the identifier cannot stand in a path; `insecureURL` when the
    ///   scheme is not `rtsps`; `misconfigured` when the origin is no origin.
    public init(device: RingDeviceID, component: RingComponentID? = nil, origin: String = Self.origin) throws {
        guard let base = URL(string: origin), base.host()?.isEmpty == false else {
            throw RingError(code: .misconfigured, message: "the RTSPS origin is no URL; give scheme and host alone")
        }
        guard base.scheme?.lowercased() == "rtsps" else {
            throw RingError(code: .insecureURL, message: "the RTSPS origin has to begin with rtsps://")
        }
        guard base.user() == nil, base.password() == nil, base.query() == nil else {
            throw RingError(code: .misconfigured, message: "the RTSPS origin may hold no credentials and no query")
        }
        self.url = try RingURL.url(
            base, path: ["v1", "devices", device.rawValue, "stream"], query: [("component_id", component?.rawValue)])
    }

    /// The header field that carries the token, on DESCRIBE alone.
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
