/// What a request is for: a stable name for logs and metrics, and the row of the retry table it stands in.
public struct RingOperation: Hashable, Sendable, CustomStringConvertible {
    /// A stable name in words: `devices.list`.
    public var name: String
    /// The row of the retry table.
    public var kind: Kind

    /// Creates an operation, for requests this package has no name for.
    public init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }

    /// The stable name.
    public var description: String { self.name }

    /// The rows of the retry table: `Documentation/WireFacts.md`, "Retry matrix".
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A read of the API.
        case get
        /// The POST that asks for a clip or a still; it only reads.
        case mediaRequest
        /// The GET of a pre-signed URL. No bearer.
        case presignedGet
        /// POST app-integrations, the confirmation of a link.
        case confirmLink
        /// PATCH app-integrations.
        case updateLink
        /// DELETE app-integrations.
        case removeLink
        /// The WHEP POST. A camera starts.
        case startLive
        /// Changes to an open live session: counter-answer, trickle, ICE restart.
        case updateLive
        /// The WHEP DELETE.
        case endLive
        /// A chime makes a sound.
        case playChime
        /// A refresh token is spent.
        case tokenRefresh
        /// An authorization code is spent.
        case codeExchange
    }
}

extension RingOperation {
    /// `GET /v1/users/me`.
    public static let userProfile = Self(name: "users.me", kind: .get)
    /// `GET /v1/accounts/me/app-integrations`.
    public static let integrationStatus = Self(name: "app_integrations.get", kind: .get)
    /// `POST /v1/accounts/me/app-integrations`.
    public static let confirmLink = Self(name: "app_integrations.confirm", kind: .confirmLink)
    /// `PATCH /v1/accounts/me/app-integrations`.
    public static let updateLink = Self(name: "app_integrations.update", kind: .updateLink)
    /// `DELETE /v1/accounts/me/app-integrations`.
    public static let removeLink = Self(name: "app_integrations.remove", kind: .removeLink)
    /// `GET /v1/accounts/me/subscriptions`.
    public static let subscriptions = Self(name: "subscriptions.list", kind: .get)
    /// `GET /v1/devices`.
    public static let devices = Self(name: "devices.list", kind: .get)
    /// `GET /v1/devices/{id}`.
    public static let device = Self(name: "devices.get", kind: .get)
    /// `GET /v1/devices/{id}/status`.
    public static let deviceStatus = Self(name: "devices.status", kind: .get)
    /// `GET /v1/devices/{id}/capabilities`.
    public static let deviceCapabilities = Self(name: "devices.capabilities", kind: .get)
    /// `GET /v1/devices/{id}/configurations`.
    public static let deviceConfigurations = Self(name: "devices.configurations", kind: .get)
    /// `GET /v1/devices/{id}/location`.
    public static let deviceLocation = Self(name: "devices.location", kind: .get)
    /// `GET /v1/locations`.
    public static let locations = Self(name: "locations.list", kind: .get)
    /// `GET /v1/history/devices/{id}/events`.
    public static let history = Self(name: "history.list", kind: .get)
    /// `POST …/media/video/download`.
    public static let clipRequest = Self(name: "clips.request", kind: .mediaRequest)
    /// `POST …/media/image/download`.
    public static let stillRequest = Self(name: "stills.request", kind: .mediaRequest)
    /// The pre-signed GET of a clip.
    public static let clipDownload = Self(name: "clips.download", kind: .presignedGet)
    /// The pre-signed GET of a still.
    public static let stillDownload = Self(name: "stills.download", kind: .presignedGet)
    /// `POST …/media/streaming/whep/sessions`.
    public static let startLive = Self(name: "live.start", kind: .startLive)
    /// `PATCH` of a live session.
    public static let updateLive = Self(name: "live.update", kind: .updateLive)
    /// `DELETE` of a live session.
    public static let endLive = Self(name: "live.end", kind: .endLive)
    /// `POST …/media/audio/playback`.
    public static let playChime = Self(name: "chime.play", kind: .playChime)
    /// `POST /oauth/token` with `grant_type=refresh_token`.
    public static let tokenRefresh = Self(name: "oauth.refresh", kind: .tokenRefresh)
    /// `POST /oauth/token` with `grant_type=authorization_code`.
    public static let codeExchange = Self(name: "oauth.exchange", kind: .codeExchange)
}
