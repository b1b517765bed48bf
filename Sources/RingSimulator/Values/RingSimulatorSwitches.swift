/// Every behaviour that Ring's documents leave open or dispute, and every failure to rehearse.
///
/// A new value behaves as the fact sheet's defaults say. The raw value of each case is its name on the control origin and in
/// scenario files.
///
/// <!-- given: simulator: RingSimulator -->
/// ```swift
/// simulator.change {
///     $0.next[.mediaNotReady] = 2
///     $0.limits[.historyPageSize] = 5
///     $0.history.insert(.stringTimestamps)
///     $0.clipDelivery = .direct
/// }
/// ```
public struct RingSimulatorSwitches: Hashable, Sendable {
    /// How many of the next requests fail, by the kind of failure. A count goes down by one with each failure.
    public var next: [Failure: Int] = [:]
    /// The part of requests that fail, from 0 to 1, by the kind of failure. The seed decides which; counts go first.
    public var rates: [Failure: Double] = [:]
    /// The durations, sizes and counts that differ from the defaults.
    public var limits: [Limit: Int] = [:]
    /// The statuses that differ from the defaults.
    public var statuses: [Status: Int] = [:]
    /// How codes are delivered and integrations respond.
    public var linking: Set<LinkingBehavior> = [.pendingRefused, .consentAtLink]
    /// How devices are described.
    public var devices: Set<DeviceBehavior> = [.chimeSoundsChecked]
    /// How pages of the event history look.
    public var history: Set<HistoryBehavior> = []
    /// How webhooks look and when they are sent.
    public var webhooks: Set<WebhookBehavior> = [.withheld]
    /// Which offers are refused.
    public var liveVideo: Set<LiveVideoBehavior> = [
        .requiresHighProfile, .requiresICE, .requiresComponent, .historyEntries, .retransmission,
        .movingPicture,
    ]
    /// Which media there is and how it is sent.
    public var media: Set<MediaBehavior> = [.malformedForbidden]
    /// What applies to all requests of the API, and to subscriptions.
    public var api: Set<APIBehavior> = [.retryAfter, .rateLimitHeaders, .requestIDs, .locationsListed]
    /// The groups of scopes that the app was granted.
    package var scopes = Set(Scope.allCases)
    /// Which calls need a plan or a trial of the app.
    package var planEnforcement = PlanEnforcement.account
    /// How the limiter counts.
    package var rateWindow = RateWindow.fixed
    /// The content type of JSON responses of the API.
    package var jsonType = JSONType.withCharset
    /// The scope that a token response names.
    package var tokenScope = TokenScope.read
    /// From when on the life of a refresh token counts.
    package var refreshLife = RefreshLife.issue
    /// How the nonce of a link redirect is computed.
    package var nonceForm = NonceForm.correct
    /// Which body chime playback takes.
    package var chimeBody = ChimeBody.any
    /// How the readings of sensors are written.
    package var sensorReadings = SensorReadings.object
    /// What an offer of audio leads to.
    package var liveAudio = LiveAudio.any
    /// The body of a token error.
    public var tokenErrorForm = TokenErrorForm.rfc6749
    /// Where a motion webhook has its sub type.
    package var subTypePlace = SubTypePlace.attributes
    /// The payload version of webhooks.
    package var webhookVersion = WebhookVersion.version1_1
    /// The `Location` of a live session.
    public var sessionLocation = SessionLocation.absolute
    /// How clips are delivered.
    public var clipDelivery = ClipDelivery.twoStep
    /// The header field with the length of a partial clip.
    package var lengthHeader = LengthHeader.length
    /// The error code of a 416 response for a clip.
    package var missingClipCode = MissingClipCode.timestampNotFound
    /// What the body of a media response contains.
    public var mediaBody = MediaBody.real

    /// The defaults of the fact sheet.
    public init() {}

    /// A limit that is not negative, and small enough to count seconds or milliseconds with.
    func limit(_ limit: Limit) -> Int { min(max(self.limits[limit] ?? limit.standard, 0), 1_000_000_000) }

    func status(_ status: Status) -> Int { self.statuses[status] ?? status.standard }
}
