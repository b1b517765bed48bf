/// Behaviours that are on or off.
extension RingSimulatorSwitches {
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
        /// GET of app-integrations finds nothing: Ring's own reference does not have it.
        case unreadableIntegrations = "integration_get_missing"
        /// An integration is `awaiting` from the redirect on instead of from the confirmation.
        case awaitingAtRedirect = "awaiting_at_redirect"
        /// Calls for devices are refused while the integration is pending.
        case pendingRefused = "pending_refused"
        /// The user's consent counts from the confirmation of the link on, instead of from a day before the start.
        case consentAtLink = "consent_at_link"
        /// A nonce that a known mistake led to is refused with the name of that mistake.
        case nonceMistakesNamed = "nonce_mistakes_named"
        /// New tokens may only read, as those of the Playground.
        case readOnlyTokens = "token_read_only"
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
        /// The ids that are made when the simulator starts contain a slash.
        case slashedIDs = "device_ids_with_slash"
        /// What a device does not have is left out instead of `null`.
        case withoutNulls = "devices_without_nulls"
        /// Component ids are numbers in capabilities and webhooks.
        case numericComponents = "component_ids_numeric"
        /// Configurations say that the device is encrypted from end to end.
        case encrypted = "devices_e2e_encrypted"
        /// Chimes refuse a sound that is not in one of their slots.
        case chimeSoundsChecked = "chime_sounds_checked"
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
        /// The key of a page is an ISO time, as in the documents, instead of opaque text.
        case timeCursors = "history_time_cursors"
        /// Events carry a text in `meta.riid` instead of `null`.
        case requestIDs = "history_riid"
        /// Requests for stills add an `on_demand` entry, as live sessions do.
        case stillEntries = "history_still_entries"
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
        /// A motion carries `timestamp_readable`.
        case readableTimestamps = "webhook_timestamp_readable"
        /// A device with an open live session sends no motion and no ring.
        case silencedByLiveView = "webhook_silenced_by_live_view"
    }

    /// A behaviour of live video.
    public enum LiveVideoBehavior: String, Hashable, Sendable, CaseIterable {
        /// An offer without an H.264 High profile gets a 500 response.
        case requiresHighProfile = "whep_requires_high_profile"
        /// An offer without ICE credentials or a fingerprint is refused.
        case requiresICE = "whep_requires_ice"
        /// An offer to a device with several lenses must name one of them.
        case requiresComponent = "whep_requires_component"
        /// A live session adds an `on_demand` entry to the history.
        case historyEntries = "whep_history_entries"
        /// An SDP answer accepts the retransmission that the offer has.
        case retransmission = "whep_retransmission"
        /// A live session has an `ETag`.
        case entityTags = "whep_etag"
        /// A live session has a `Link` with a STUN server.
        case iceServerLinks = "whep_link"
        /// A live session sends a moving picture, where GStreamer is installed.
        case movingPicture = "whep_video"
    }

    /// A behaviour of clips and stills.
    public enum MediaBehavior: String, Hashable, Sendable, CaseIterable {
        /// Clips are sent as partial.
        case partialClips = "clip_partial"
        /// There is media for every time, not only around events.
        case everywhere = "media_everywhere"
        /// Media problems show at step 1 instead of after the redirect.
        case problemsAtStepOne = "media_problems_at_step_one"
        /// Media of a device that is offline get a 503 response.
        case offlineUnavailable = "media_offline_unavailable"
        /// An empty body, or one without its time, gets a 403 response instead of 400.
        case malformedForbidden = "media_malformed_forbidden"
        /// Clips of live views get a 403 response.
        case onDemandForbidden = "clip_on_demand_forbidden"
    }

    /// A behaviour of all requests of the API, or of subscriptions.
    public enum APIBehavior: String, Hashable, Sendable, CaseIterable {
        /// A 429 response carries `Retry-After`.
        case retryAfter = "rate_limit_retry_after"
        /// The body of a 401 response is empty.
        case emptyUnauthorizedBody = "unauthorized_body_empty"
        /// Subscriptions return 422, as on the Playground.
        case unprocessableSubscriptions = "subscriptions_unprocessable"
        /// While there is a rate limit, every response says how much of it is left, not only a 429.
        case rateLimitHeaders = "rate_limit_headers"
        /// Every response of the API and the token endpoint has an `X-Request-ID`, not only those for media.
        case requestIDs = "request_ids"
        /// `GET /v1/locations` lists the location, which no document has.
        case locationsListed = "locations_listed"
    }

    /// A group of scopes that an app was granted.
    package enum Scope: String, Hashable, Sendable, CaseIterable {
        /// Cameras and doorbells: events, live video, clips and stills.
        case cameras = "scope_cameras"
        /// Contact sensors.
        case contactSensors = "scope_contact_sensors"
        /// Flood and freeze sensors.
        case floodFreeze = "scope_flood_freeze"
        /// Sensors of temperature and humidity.
        case temperatureHumidity = "scope_temperature_humidity"
        /// Air quality monitors.
        case airQuality = "scope_air_quality"
        /// Chimes.
        case chimes = "scope_chimes"
        /// Playing sounds on chimes.
        case chimeControls = "scope_chime_controls"
    }
}
