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
    /// The durations, sizes and counts that differ from the defaults.
    public var limits: [Limit: Int] = [:]
    /// The statuses that differ from the defaults.
    public var statuses: [Status: Int] = [:]
    /// How codes are delivered and integrations respond.
    public var linking: Set<LinkingBehavior> = []
    /// How devices are described.
    public var devices: Set<DeviceBehavior> = []
    /// How pages of the event history look.
    public var history: Set<HistoryBehavior> = []
    /// How webhooks look and when they are sent.
    public var webhooks: Set<WebhookBehavior> = [.withheld]
    /// Which offers are refused.
    public var liveVideo: Set<LiveVideoBehavior> = [.requiresHighProfile]
    /// Which media there is and how it is sent.
    public var media: Set<MediaBehavior> = []
    /// What applies to all requests of the API, and to subscriptions.
    public var api: Set<APIBehavior> = [.retryAfter]
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

    /// A failure of one of the next requests.
    public enum Failure: String, Hashable, Sendable, CaseIterable {
        /// A refresh is done and its response is lost: the connection is closed.
        case refreshResponseLost = "refresh_responses_to_lose"
        /// A refresh waits, not done, until ``RingSimulator/RingSimulator/release(closing:)``.
        case refreshHeld = "refreshes_to_hold"
        /// A refresh is done and its response waits until ``RingSimulator/RingSimulator/release(closing:)``.
        case refreshResponseHeld = "refresh_responses_to_hold"
        /// A token request gets a 503 response and is not done.
        case tokenUnavailable = "token_failures"
        /// A token request gets a 429 response and is not done.
        case tokenRateLimited = "token_rate_limits"
        /// An offer gets a 500 response.
        case offerFailed = "whep_failures"
        /// An offer finds the device offline: 503.
        case offerOffline = "whep_offline"
        /// A media request is not ready: 425.
        case mediaNotReady = "media_not_ready"
        /// A media request finds nothing: 416.
        case mediaMissing = "media_missing"
        /// A media request gets a 422 response with `GRECO_NO_VALID_KEY`.
        case mediaWithoutKey = "media_no_valid_key"
        /// A media body is cut after ``Limit/mediaCutBytes``.
        case mediaCut = "media_cuts"
        /// An API request gets a 429 response.
        case rateLimited = "rate_limit_strikes"
        /// An API request gets a 500 response.
        case apiFailed = "api_failures"
    }

    /// A duration, a size or a count.
    public enum Limit: String, Hashable, Sendable, CaseIterable {
        /// The life of an access token, in seconds.
        case accessTokenSeconds = "access_token_seconds"
        /// The life of a refresh token from its issue, in seconds.
        case refreshTokenSeconds = "refresh_token_seconds"
        /// The life of a code, in seconds.
        case codeSeconds = "code_seconds"
        /// The life of a code of the PKCE flow, in seconds.
        case pkceCodeSeconds = "pkce_code_seconds"
        /// How old a link nonce may be, in seconds.
        case nonceSeconds = "nonce_seconds"
        /// How far in the future the time of a link nonce may be, in milliseconds.
        case nonceFutureMilliseconds = "nonce_future_milliseconds"
        /// Events on one page of the history.
        case historyPageSize = "history_page_size"
        /// How many further copies of each webhook are sent.
        case webhookDuplicates = "webhook_duplicates"
        /// How long a receiver of a webhook may take to respond, in real milliseconds.
        case webhookResponseMilliseconds = "webhook_response_milliseconds"
        /// After how many seconds a live session ends by itself; 0 for 30 or 60 by the device's power.
        case sessionSeconds = "whep_silent_end_seconds"
        /// The life of a pre-signed link, in seconds.
        case mediaLinkSeconds = "media_link_seconds"
        /// After how many bytes a media body is cut when ``Failure/mediaCut`` applies; 0 for never.
        case mediaCutBytes = "media_cut_after"
        /// Requests a second; 0 for no limit.
        case requestsPerSecond = "rate_limit"

        /// The value when ``RingSimulatorSwitches/limits`` has none.
        package var standard: Int {
            switch self {
            case .accessTokenSeconds: 14_400
            case .refreshTokenSeconds: 2_592_000
            case .codeSeconds: 60
            case .pkceCodeSeconds, .nonceSeconds: 600
            case .historyPageSize: 50
            case .webhookResponseMilliseconds: 5000
            case .mediaLinkSeconds: 300
            case .nonceFutureMilliseconds, .webhookDuplicates, .sessionSeconds, .mediaCutBytes, .requestsPerSecond: 0
            }
        }
    }

    /// A disputed status.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        /// `users/me` with a token that is not valid: 403 or 401.
        case usersMeUnauthorized = "users_me_unauthorized_status"
        /// A removed device: 404 or 403.
        case removedDevice = "removed_device_status"
        /// A removed integration: 401 or 403.
        case removedIntegration = "removed_integration_status"
        /// The successful DELETE of a live session: 200 or 204.
        case sessionDeleted = "whep_delete_status"
        /// An offer whose video is not `recvonly`: 400 or another failure.
        case offerDirection = "whep_direction_status"
        /// Chime playback: 200, 202 or 204.
        case chimePlayed = "chime_status"

        /// The value when ``RingSimulatorSwitches/statuses`` has none.
        package var standard: Int {
            switch self {
            case .usersMeUnauthorized: 403
            case .removedDevice: 404
            case .removedIntegration: 401
            case .sessionDeleted, .chimePlayed: 200
            case .offerDirection: 400
            }
        }
    }

    /// A behaviour of codes and integrations.
    public enum LinkingBehavior: String, Hashable, Sendable, CaseIterable {
        /// Codes are delivered to the Token Exchange URL as JSON instead of a form.
        case codesAsJSON = "code_delivery_json"
        /// Responses of app-integrations are flat.
        case flatIntegrations = "integration_flat_responses"
        /// Responses of app-integrations lack `meta`.
        case integrationsWithoutMeta = "integration_without_meta"
        /// Partners of the one-way flow may DELETE their integration, too.
        case deletionAllowed = "integration_delete_allowed"
    }

    /// A behaviour of the device list.
    public enum DeviceBehavior: String, Hashable, Sendable, CaseIterable {
        /// Devices come without relationships.
        case withoutRelationships = "devices_without_relationships"
        /// Devices carry attributes that no document names.
        case unknownAttributes = "devices_unknown_attributes"
        /// The list holds one device without an id.
        case brokenElement = "devices_broken_element"
        /// The device list is not valid JSON.
        case malformed = "devices_malformed"
    }

    /// A behaviour of the event history.
    public enum HistoryBehavior: String, Hashable, Sendable, CaseIterable {
        /// `event_types` is ignored.
        case ignoresFilters = "history_ignores_filters"
        /// The last page links to a further, empty page.
        case nextOnEmptyPage = "history_next_on_empty_page"
        /// `links.next` loses the filters.
        case nextWithoutFilters = "history_next_without_filters"
        /// Times are strings.
        case stringTimestamps = "history_string_timestamps"
        /// Events carry `sub_type`.
        case subTypes = "history_sub_type"
    }

    /// A behaviour of webhooks.
    public enum WebhookBehavior: String, Hashable, Sendable, CaseIterable {
        /// Webhooks wait until the integration is completed.
        case withheld = "webhooks_withheld"
        /// Request ids look like those of sensor deliveries.
        case sensorRequestIDs = "webhook_sensor_request_ids"
        /// The signature is hex without `sha256=`.
        case bareSignature = "webhook_bare_signature"
        /// A button press has the id that was seen live, with `ding`.
        case liveButtonID = "webhook_live_button_id"
        /// Every second webhook arrives after its successor.
        case reordered = "webhook_reordered"
        /// Subscription webhooks say `devices` instead of `device`.
        case pluralDevices = "webhook_subscription_plural"
    }

    /// A behaviour of live video.
    public enum LiveVideoBehavior: String, Hashable, Sendable, CaseIterable {
        /// An offer without an H.264 High profile gets a 500 response.
        case requiresHighProfile = "whep_requires_high_profile"
    }

    /// A behaviour of clips and stills.
    public enum MediaBehavior: String, Hashable, Sendable, CaseIterable {
        /// Clips are sent as partial.
        case partialClips = "clip_partial"
        /// There is media for every time, not only around events.
        case everywhere = "media_everywhere"
        /// Media problems show at step 1 instead of after the redirect.
        case problemsAtStepOne = "media_problems_at_step_one"
    }

    /// A behaviour of all requests of the API, or of subscriptions.
    public enum APIBehavior: String, Hashable, Sendable, CaseIterable {
        /// A 429 response carries `Retry-After`.
        case retryAfter = "rate_limit_retry_after"
        /// The body of a 401 response is empty.
        case emptyUnauthorizedBody = "unauthorized_body_empty"
        /// Subscriptions return 422, as on the Playground.
        case unprocessableSubscriptions = "subscriptions_unprocessable"
    }

    /// The body of a token error.
    public enum TokenErrorForm: String, Hashable, Sendable, CaseIterable {
        /// `error` and `error_description`.
        case rfc6749
        /// A JSON:API errors document.
        case jsonapi
        /// No body.
        case empty
    }

    /// Where a motion webhook has its sub type.
    package enum SubTypePlace: String, Hashable, Sendable, CaseIterable {
        /// `data.attributes.sub_type`.
        case attributes
        /// `data.subType`.
        case data
        /// Nowhere.
        case none
    }

    /// The payload version of webhooks.
    package enum WebhookVersion: String, Hashable, Sendable, CaseIterable {
        /// With account, sub type and relationships.
        case version1_1 = "1.1"
        /// Without them.
        case version1_0 = "1.0"
    }

    /// The `Location` of a live session.
    public enum SessionLocation: String, Hashable, Sendable, CaseIterable {
        /// A whole URL.
        case absolute
        /// A path.
        case relative
        /// None.
        case missing
        /// A URL on another host.
        case foreign
    }

    /// How clips are delivered.
    public enum ClipDelivery: String, Hashable, Sendable, CaseIterable {
        /// A 303 response, then the media.
        case twoStep = "two_step"
        /// The media at once: 200 or 206.
        case direct
        /// A 301 response, then the media.
        case moved
    }

    /// The header field with the length of a partial clip.
    package enum LengthHeader: String, Hashable, Sendable, CaseIterable {
        /// `X-Media-Length`.
        case length = "X-Media-Length"
        /// `X-Media-Duration`.
        case duration = "X-Media-Duration"
        /// Both.
        case both
    }

    /// The error code of a 416 response for a clip.
    package enum MissingClipCode: String, Hashable, Sendable, CaseIterable {
        /// `TIMESTAMP_NOT_FOUND`.
        case timestampNotFound = "TIMESTAMP_NOT_FOUND"
        /// `MEDIA_NOT_FOUND`.
        case mediaNotFound = "MEDIA_NOT_FOUND"
    }

    /// What the body of a media response contains.
    public enum MediaBody: String, Hashable, Sendable, CaseIterable {
        /// The clip or still.
        case real
        /// A web page.
        case html
        /// An errors document.
        case json
        /// Random bytes.
        case garbage
    }

    /// A limit that is not negative, and small enough to count seconds or milliseconds with.
    func limit(_ limit: Limit) -> Int { min(max(self.limits[limit] ?? limit.standard, 0), 1_000_000_000) }

    func status(_ status: Status) -> Int { self.statuses[status] ?? status.standard }
}
