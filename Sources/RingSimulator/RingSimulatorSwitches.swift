/// Every behaviour that Ring's documents leave open or dispute, and every failure to rehearse.
///
/// A new value behaves as the fact sheet's defaults say. Names on the control origin and in scenario files are the
/// property names in snake case: `historyPageSize` is `history_page_size`. Properties whose comment says *next* count
/// down by one each time they strike.
public struct RingSimulatorSwitches: Hashable, Sendable {
    // OAuth
    /// The body of a token error: `rfc6749`, `jsonapi` or `empty`.
    public var tokenErrorForm = "rfc6749"
    /// The life of an access token, in seconds.
    public var accessTokenSeconds = 14_400
    /// The life of a refresh token from its issue, in seconds.
    public var refreshTokenSeconds = 2_592_000
    /// How many of the *next* refreshes are done, but get no response: the connection is closed.
    public var refreshAnswersToLose = 0
    /// How many of the *next* refreshes wait, nothing done, until ``RingSimulator/RingSimulator/letGo(closing:)``.
    public var refreshesToHold = 0
    /// How many of the *next* refreshes are done, and their responses wait for ``RingSimulator/RingSimulator/letGo(closing:)``.
    public var refreshAnswersToHold = 0
    /// How many of the *next* token requests get a 503 response, nothing done.
    public var tokenFailures = 0
    /// How many of the *next* token requests get a 429 response, nothing done.
    public var tokenRateLimits = 0
    /// The life of a code, in seconds.
    public var codeSeconds = 60
    /// The life of a code of the PKCE flow, in seconds.
    public var pkceCodeSeconds = 600
    /// Whether codes are delivered to the Token Exchange URL as JSON instead of a form.
    public var codeDeliveryJson = false

    // Linking
    /// How old a link nonce may be, in seconds.
    public var nonceSeconds = 600
    /// How far in the future the time of a link nonce may be, in milliseconds.
    public var nonceFutureMilliseconds = 0
    /// Whether app-integrations responses are flat.
    public var integrationFlatAnswers = false
    /// Whether app-integrations responses lack `meta`.
    public var integrationWithoutMeta = false
    /// Whether partners of the one-way flow may DELETE their integration, too.
    public var integrationDeleteAllowed = false
    /// The status of `users/me` for a bad token: 403 or 401.
    public var usersMeUnauthorizedStatus = 403
    /// Whether the body of a 401 is empty.
    public var unauthorizedBodyEmpty = false

    // Devices
    /// Whether devices come without relationships.
    public var devicesWithoutRelationships = false
    /// Whether devices carry attributes nobody knows.
    public var devicesUnknownAttributes = false
    /// Whether the list holds one device without an id.
    public var devicesBrokenElement = false
    /// Whether the device list is no JSON.
    public var devicesMalformed = false

    // History
    /// Events on one page.
    public var historyPageSize = 50
    /// Whether `event_types` is ignored.
    public var historyIgnoresFilters = false
    /// Whether the last page links to a further, empty page.
    public var historyNextOnEmptyPage = false
    /// Whether `links.next` loses the filters.
    public var historyNextWithoutFilters = false
    /// Whether times are strings.
    public var historyStringTimestamps = false
    /// Whether events carry `sub_type`.
    public var historySubType = false

    // Webhooks
    /// Whether webhooks wait until the integration is completed.
    public var webhooksWithheld = true
    /// Where the sub type of a motion stands: `attributes`, `data` or `none`.
    public var webhookSubType = "attributes"
    /// The payload version, `1.1` or `1.0`.
    public var webhookVersion = "1.1"
    /// Whether request ids look like those of sensor deliveries.
    public var webhookSensorRequestIds = false
    /// Whether the signature is hex without `sha256=`.
    public var webhookBareSignature = false
    /// Whether a button press has the id that was seen live, with `ding`.
    public var webhookLiveButtonId = false
    /// How many further copies of each webhook are sent.
    public var webhookDuplicates = 0
    /// Whether every second webhook arrives behind its follower.
    public var webhookReordered = false
    /// How long a receiver may take, in real milliseconds.
    public var webhookAnswerMilliseconds = 5000
    /// Whether subscription webhooks say `devices` instead of `device`.
    public var webhookSubscriptionPlural = false

    // Live video
    /// The Location of a session: `absolute`, `relative`, `missing` or `foreign`.
    public var whepLocation = "absolute"
    /// The status of a successful DELETE.
    public var whepDeleteStatus = 200
    /// Whether an offer without an H.264 High profile gets a 500 response.
    public var whepRequiresHighProfile = true
    /// The status for video that is not `recvonly`.
    public var whepDirectionStatus = 400
    /// After how many seconds sessions end without a word; 0 for 30 or 60 by the device's power.
    public var whepSilentEndSeconds = 0
    /// How many of the *next* offers get a 500 response.
    public var whepFailures = 0
    /// How many of the *next* offers find the device offline: 503.
    public var whepOffline = 0

    // Media
    /// How clips travel: `two_step` (303), `direct` (200 or 206) or `moved` (301).
    public var clipDelivery = "two_step"
    /// Whether clips are sent as partial.
    public var clipPartial = false
    /// The name of the length header: `X-Media-Length`, `X-Media-Duration` or `both`.
    public var mediaLengthHeader = "X-Media-Length"
    /// The code of 416 for clips: `TIMESTAMP_NOT_FOUND` or `MEDIA_NOT_FOUND`.
    public var clipMissingCode = "TIMESTAMP_NOT_FOUND"
    /// How many of the *next* media requests are not ready: 425.
    public var mediaNotReady = 0
    /// How many of the *next* media requests find nothing: 416.
    public var mediaMissing = 0
    /// How many of the *next* media requests get a 422 response with `GRECO_NO_VALID_KEY`.
    public var mediaNoValidKey = 0
    /// Whether there is media for every time, not only around events.
    public var mediaEverywhere = false
    /// Whether the problems above show at step 1 instead of behind the redirect.
    public var mediaProblemsAtStepOne = false
    /// What comes with the 200: `real`, `html`, `json`, `garbage`.
    public var mediaBody = "real"
    /// The life of a pre-signed link, in seconds.
    public var mediaLinkSeconds = 300
    /// After how many bytes a media body is cut; 0 for never.
    public var mediaCutAfter = 0
    /// How many of the *next* media bodies are cut there.
    public var mediaCuts = 0

    // Everything
    /// Requests a second; 0 for no limit.
    public var rateLimit = 0
    /// Whether a 429 carries `Retry-After`.
    public var rateLimitRetryAfter = true
    /// How many of the *next* API requests get a 429 response.
    public var rateLimitStrikes = 0
    /// How many of the *next* API requests get a 500 response.
    public var apiFailures = 0
    /// The status of a removed device: 404 or 403.
    public var removedDeviceStatus = 404
    /// The status of a removed integration: 401 or 403.
    public var removedIntegrationStatus = 401
    /// The status of chime playback: 200, 202 or 204.
    public var chimeStatus = 200
    /// Whether subscriptions return 422, as on the Playground.
    public var subscriptionsUnprocessable = false

    /// The defaults of the fact sheet.
    public init() {}
}
