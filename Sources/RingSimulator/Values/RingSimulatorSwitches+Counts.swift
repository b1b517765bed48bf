/// Failures of the next requests, limits and statuses.
extension RingSimulatorSwitches {
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
        /// An API request gets a 503 response.
        case apiUnavailable = "api_unavailable"
        /// An API request gets the ``Status/gateway`` of a gateway, without a body of the service.
        case gatewayFailed = "gateway_failures"
        /// A media request finds a damaged recording: 422 with `CORRUPT_RECORDING`.
        case mediaCorrupt = "media_corrupt"
        /// A media request gets a 500 response with `INTERNAL_ERROR`.
        case mediaFailed = "media_failures"
        /// A media request gets a 503 response with `SERVER_BUSY`.
        case mediaBusy = "media_busy"
    }

    /// A duration, a size or a count.
    public enum Limit: String, Hashable, Sendable, CaseIterable {
        /// The life of an access token, in seconds.
        case accessTokenSeconds = "access_token_seconds"
        /// The life of a refresh token from its issue, in seconds.
        case refreshTokenSeconds = "refresh_token_seconds"
        /// The life of a code, in seconds.
        case codeSeconds = "code_seconds"
        /// How often a code is delivered to the Token Exchange URL until the partner responds with 2xx.
        case codeDeliveries = "code_delivery_attempts"
        /// The life of a code of the PKCE flow, in seconds.
        case pkceCodeSeconds = "pkce_code_seconds"
        /// How old a link nonce may be, in seconds.
        case nonceSeconds = "nonce_seconds"
        /// How far the time of a link redirect is in the future, as for a partner whose clock is behind, in milliseconds.
        case nonceFutureMilliseconds = "nonce_future_milliseconds"
        /// Events on one page of the history.
        case historyPageSize = "history_page_size"
        /// How many further copies of each webhook are sent.
        case webhookDuplicates = "webhook_duplicates"
        /// How long a receiver of a webhook may take to respond, in real milliseconds.
        case webhookResponseMilliseconds = "webhook_response_milliseconds"
        /// After how many seconds a live session ends by itself; 0 for 30 or 60 by the device's power.
        case sessionSeconds = "whep_silent_end_seconds"
        /// After how many seconds the video of a live session stops without notice, while the session stays; 0 for never.
        case videoSeconds = "whep_video_seconds"
        /// How many of a hundred packets of live video are lost, in each direction.
        case lostPackets = "whep_packet_loss_percent"
        /// How many of a hundred packets of live video arrive after later ones.
        case reorderedPackets = "whep_packet_reordering_percent"
        /// The most milliseconds by which a packet of live video is delayed; each by another time.
        case packetJitter = "whep_packet_jitter_milliseconds"
        /// The life of a pre-signed link, in seconds.
        case mediaLinkSeconds = "media_link_seconds"
        /// After how many bytes a media body is cut when ``Failure/mediaCut`` applies; 0 for never.
        case mediaCutBytes = "media_cut_after"
        /// Bytes of a media body that are sent in a second; 0 for as many as the connection takes.
        case mediaBytesPerSecond = "media_bytes_per_second"
        /// Requests a second to the API and the token endpoint together; 0 for no limit.
        case requestsPerSecond = "rate_limit"
        /// How long a refresh token that was used still works, in seconds.
        case refreshGraceSeconds = "refresh_grace_seconds"
        /// How many seconds after its event an entry of the history appears.
        case historyDelaySeconds = "history_delay_seconds"
        /// How many live sessions a device has at the same time; 0 for any number.
        case sessionsPerDevice = "whep_sessions_per_device"
        /// After how many 4xx responses in a row, within 24 hours, webhooks are switched off; 0 for never.
        case webhookRefusals = "webhook_refusals_until_off"
        /// Digits behind the second in a webhook's `meta.time`, at most 9.
        case webhookTimeDigits = "webhook_time_digits"

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
            case .webhookRefusals: 10
            case .codeDeliveries: 1
            case .webhookTimeDigits: 9
            case .nonceFutureMilliseconds, .webhookDuplicates, .sessionSeconds, .mediaCutBytes, .requestsPerSecond,
                .mediaBytesPerSecond, .videoSeconds, .lostPackets, .reorderedPackets, .packetJitter,
                .refreshGraceSeconds, .historyDelaySeconds, .sessionsPerDevice:
                0
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
        /// The successful DELETE of an integration: any 2xx.
        case integrationDeleted = "integration_delete_status"
        /// Subscriptions: 200, or a failure.
        case subscriptions = "subscriptions_status"
        /// An offer without ICE credentials or a fingerprint: 400 or 500.
        case incompleteOffer = "whep_incomplete_status"
        /// A failure of a gateway: 502 or 504.
        case gateway = "gateway_status"

        /// The value when ``RingSimulatorSwitches/statuses`` has none.
        package var standard: Int {
            switch self {
            case .usersMeUnauthorized: 403
            case .removedDevice: 404
            case .removedIntegration: 401
            case .sessionDeleted, .chimePlayed, .subscriptions: 200
            case .integrationDeleted: 204
            case .offerDirection, .incompleteOffer: 400
            case .gateway: 502
            }
        }
    }
}
