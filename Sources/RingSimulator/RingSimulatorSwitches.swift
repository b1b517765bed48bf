/// What is disputed about the service, or goes wrong with it. Every default is the fact sheet's.
public struct RingSimulatorSwitches: Hashable, Sendable, Codable {
    /// The life of access tokens, in seconds.
    public var accessTokenSeconds = 14_400
    /// The life of codes, in seconds.
    public var codeSeconds = 60
    /// The next so many token answers get lost after the rotation is done.
    public var loseTokenAnswers = 0
    /// The next so many token requests are answered with this status instead.
    public var failTokenRequests = 0
    /// The status of ``failTokenRequests``.
    public var failTokenStatus = 503
    /// The status of `users/me` for a bad token.
    public var badTokenStatusOfUsersMe = 403
    /// Whether a 401 has no body.
    public var isUnauthorizedBodyEmpty = false
    /// Whether app-integrations answers in the older flat form.
    public var hasFlatIntegrations = false
    /// Whether one element of the device list is no resource.
    public var hasBrokenDevice = false
    /// Whether the device list is no JSON.
    public var hasMalformedDevices = false
    /// Whether devices have attributes and values of the future.
    public var hasUnknownAttributes = false
    /// How a clip is delivered: `303`, `200` or `301`.
    public var clipDelivery = 303
    /// The next so many media requests are answered 425.
    public var notReadyMedia = 0
    /// Whether clips end short of their length.
    public var cutsMedia = false
    /// Whether the media origin answers with a page.
    public var answersMediaWithHTML = false
    /// Whether webhooks have the sub type in its older place.
    public var hasOldSubType = false
    /// Whether the WHEP `Location` is relative.
    public var hasRelativeLocation = false
    /// The status of the WHEP DELETE.
    public var whepDeleteStatus = 200
    /// Whether the rate limit is kept, and said in header fields.
    public var limitsRate = false

    /// The defaults.
    public init() {}
}
