/// What each switch means, as the table on the module's page says; a test compares them.
enum SwitchMeanings {
    static let all: [String: String] = [
        "token_error_form": "The body of a token error: `rfc6749`, `jsonapi` or `empty`.",
        "access_token_seconds": "The life of an access token, in seconds.",
        "refresh_token_seconds": "The life of a refresh token from its issue, in seconds.",
        "refresh_token_life":
            "From when on that life counts: `issue`, or `inactivity` (the last call for the account).",
        "refresh_grace_seconds": "How long a refresh token that was used still works, in seconds.",
        "refresh_responses_to_lose":
            "How many of the next refreshes are done, but get no response: the connection is closed.",
        "refreshes_to_hold": "How many of the next refreshes wait, nothing done, until `POST /release`.",
        "refresh_responses_to_hold":
            "How many of the next refreshes are done, and their responses wait until `POST /release`.",
        "token_failures": "How many of the next token requests get a 503 response, nothing done.",
        "token_rate_limits": "How many of the next token requests get a 429 response, nothing done.",
        "token_scope": "The scope that token responses name: `ava.v1:read`, `ava.devices`, `ava.v1` or `ava`.",
        "token_read_only":
            "Whether new tokens may only read, as on the Playground: changes are 403, subscriptions 422.",
        "code_seconds": "The life of a code, in seconds.",
        "pkce_code_seconds": "The life of a code of the PKCE flow, in seconds.",
        "code_delivery_json": "Whether codes are delivered to the Token Exchange URL as JSON instead of a form.",
        "code_delivery_attempts": "How often a code is delivered until the partner responds with 2xx.",
        "nonce_seconds": "How old a link nonce may be, in seconds.",
        "nonce_future_milliseconds":
            "How far the time of a link redirect is in the future, as for a partner whose clock is behind, in "
            + "milliseconds.",
        "nonce_form":
            "The nonce of a link redirect: `correct`, or one that a partner must refuse: `standard_base64`, "
            + "`decoded_key` or `seconds`.",
        "nonce_mistakes_named":
            "Whether a nonce that one of these mistakes led to is refused with the name of the mistake.",
        "awaiting_at_redirect":
            "Whether an integration is `awaiting` from the redirect on instead of from the confirmation.",
        "pending_refused": "Whether calls for devices are refused with 403 while the integration is pending.",
        "consent_at_link":
            "Whether the consent of the user counts from the confirmation of the link on; otherwise, and for "
            + "accounts that start linked, from a day before the start.",
        "integration_flat_responses": "Whether app-integrations responses are flat.",
        "integration_without_meta": "Whether app-integrations responses lack `meta`.",
        "integration_delete_allowed": "Whether partners of the one-way flow may DELETE their integration, too.",
        "integration_delete_status": "The status of a successful DELETE of an integration.",
        "integration_get_missing": "Whether GET of app-integrations is 404: Ring's own reference does not have it.",
        "users_me_unauthorized_status": "The status of `users/me` for a bad token: 403 or 401.",
        "unauthorized_body_empty": "Whether the body of a 401 is empty.",
        "json_content_type":
            "The content type of JSON responses: this one, `application/json` or `application/vnd.api+json`.",
        "request_ids":
            "Whether every response of the API and the token endpoint has an `X-Request-ID`, not only those "
            + "for media.",
        "devices_without_relationships": "Whether devices come without relationships.",
        "devices_unknown_attributes": "Whether devices carry attributes that no document names.",
        "devices_broken_element": "Whether the list holds one device without an id.",
        "devices_malformed": "Whether the device list is not valid JSON.",
        "device_ids_with_slash":
            "Whether the ids that are made at the start contain a slash. No such id was seen live; it shows a "
            + "client that does not encode.",
        "devices_without_nulls": "Whether what a device does not have is left out instead of `null`.",
        "devices_e2e_encrypted": "Whether configurations say that the device is encrypted from end to end.",
        "component_ids_numeric": "Whether component ids are numbers in capabilities and webhooks.",
        "sensor_readings":
            "How the readings of sensors are written: `object` (`value` and `unit`), `value` (an object with "
            + "it) or `number`.",
        "locations_listed": "Whether `GET /v1/locations` lists the location, which no document has.",
        "history_page_size": "Events on one page.",
        "history_ignores_filters": "Whether `event_types` is ignored.",
        "history_next_on_empty_page": "Whether the last page links to a further, empty page.",
        "history_next_without_filters": "Whether `links.next` loses the filters.",
        "history_string_timestamps": "Whether times are strings.",
        "history_sub_type": "Whether events carry `sub_type`.",
        "history_riid": "Whether events carry a text in `meta.riid` instead of `null`.",
        "history_time_cursors": "Whether the key of a page is an ISO time instead of opaque text.",
        "history_delay_seconds": "How many seconds after its event an entry appears; about 120 were seen live.",
        "history_still_entries": "Whether requests for stills add an `on_demand` entry, as live sessions do.",
        "webhooks_withheld": "Whether webhooks wait until the integration is completed.",
        "webhook_sub_type":
            "Where the sub type of a motion stands: `attributes`, `data` (`data.subType`), `data_sub_type` "
            + "(`data.sub_type`) or `none`.",
        "webhook_version": "The payload version, `1.1` or `1.0`.",
        "webhook_timestamp_readable": "Whether a motion carries `timestamp_readable`.",
        "webhook_time_digits": "Digits behind the second in `meta.time`, at most 9.",
        "webhook_sensor_request_ids": "Whether request ids look like those of sensor deliveries.",
        "webhook_bare_signature": "Whether the signature is hex without `sha256=`.",
        "webhook_live_button_id": "Whether a button press has the id that was seen live, with `ding`.",
        "webhook_duplicates": "How many further copies of each webhook are sent.",
        "webhook_reordered": "Whether every second webhook arrives after its successor.",
        "webhook_silenced_by_live_view": "Whether a device with an open live session sends no motion and no ring.",
        "webhook_refusals_until_off":
            "After how many 4xx responses in a row, within 24 hours, webhooks are switched off until their "
            + "URL is set again; 0 for never.",
        "webhook_response_milliseconds": "How long a receiver may take to respond, in real milliseconds.",
        "webhook_subscription_plural": "Whether subscription webhooks say `devices` instead of `device`.",
        "whep_location": "The Location of a session: `absolute`, `relative`, `missing` or `foreign`.",
        "whep_delete_status": "The status of a successful DELETE.",
        "whep_requires_high_profile": "Whether an offer without an H.264 High profile gets a 500 response.",
        "whep_direction_status": "The status for video that is not `recvonly`.",
        "whep_requires_ice": "Whether an offer without ICE credentials or a fingerprint is refused.",
        "whep_incomplete_status": "The status for such an offer: 400 or 500.",
        "whep_requires_component": "Whether an offer to a device with several lenses must name one of them.",
        "whep_audio":
            "What an offer of audio leads to: `any` direction is accepted, `recvonly` alone, or `none` "
            + "(rejected in the SDP answer).",
        "whep_retransmission": "Whether an SDP answer accepts the retransmission (RTX) that the offer has.",
        "whep_etag": "Whether a live session has an `ETag`.",
        "whep_link": "Whether a live session has a `Link` with a STUN server.",
        "whep_history_entries": "Whether a live session adds an `on_demand` entry to the history.",
        "whep_sessions_per_device":
            "How many live sessions a device has at the same time, more are 503; 0 for any number.",
        "whep_video":
            "Whether a live session sends a moving picture, where GStreamer is installed. Without it the SDP answer is "
            + "that of a session without packets.",
        "whep_video_seconds":
            "After how many seconds the video of a live session stops without notice, while the session stays; 0 for "
            + "never.",
        "whep_packet_loss_percent":
            "How many of a hundred packets of live video are lost, in each direction.",
        "whep_packet_reordering_percent": "How many of a hundred packets of live video arrive after later ones.",
        "whep_packet_jitter_milliseconds":
            "The most milliseconds by which a packet of live video is delayed, each by another time.",
        "whep_silent_end_seconds":
            "After how many seconds a live session ends by itself; 0 for 30 or 60 by the device's power.",
        "whep_failures": "How many of the next offers get a 500 response.",
        "whep_offline": "How many of the next offers find the device offline: 503.",
        "clip_delivery":
            "How clips are delivered: `two_step` (303), `direct` (200 or 206), `moved` (301), `found` (302), "
            + "`temporary` (307) or `permanent` (308).",
        "clip_partial":
            "Whether clips are half as long as they were recorded. Without it a clip is 206 when its "
            + "recording is shorter than the range.",
        "clip_on_demand_forbidden": "Whether clips of live views are 403.",
        "media_length_header": "The name of the length header: `X-Media-Length`, `X-Media-Duration` or `both`.",
        "clip_missing_code": "The code of 416 for clips: `TIMESTAMP_NOT_FOUND` or `MEDIA_NOT_FOUND`.",
        "media_not_ready": "How many of the next media requests are not ready: 425.",
        "media_missing": "How many of the next media requests find nothing: 416.",
        "media_no_valid_key": "How many of the next media requests get a 422 response with `GRECO_NO_VALID_KEY`.",
        "media_corrupt": "How many of the next media requests find a damaged recording: 422 with `CORRUPT_RECORDING`.",
        "media_failures": "How many of the next media requests get a 500 response with `INTERNAL_ERROR`.",
        "media_busy": "How many of the next media requests get a 503 response with `SERVER_BUSY`.",
        "media_everywhere": "Whether there is media for every time, not only around events.",
        "media_problems_at_step_one": "Whether the problems above show at step 1 instead of after the redirect.",
        "media_malformed_forbidden": "Whether an empty body, or one without its time, is 403 instead of 400.",
        "media_offline_unavailable": "Whether media of a device that is offline are 503.",
        "media_body": "What the body of a media response contains: `real`, `html`, `json` or `garbage`.",
        "media_link_seconds": "The life of a pre-signed link, in seconds.",
        "media_cut_after": "After how many bytes a media body is cut; 0 for never.",
        "media_bytes_per_second":
            "Bytes of a media body that are sent in a second; 0 for as many as the connection takes.",
        "media_cuts": "How many of the next media bodies are cut after `media_cut_after` bytes.",
        "rate_limit": "Requests a second to the API and the token endpoint together; Ring's limit is 100, 0 is none.",
        "rate_limit_window":
            "How they are counted: in each second of the clock (`fixed`), or in the second before each "
            + "request (`sliding`).",
        "rate_limit_headers": "Whether every response says what is left of the limit, not only a 429.",
        "rate_limit_retry_after": "Whether a 429 carries `Retry-After`.",
        "rate_limit_strikes": "How many of the next API requests get a 429 response.",
        "rates":
            "The part of requests that fail, from 0 to 1, by the names of the counts in this table; a count "
            + "goes first.",
        "api_failures": "How many of the next API requests get a 500 response.",
        "api_unavailable": "How many of the next API requests get a 503 response.",
        "gateway_failures": "How many of the next API requests get the response of a gateway, without a body.",
        "gateway_status": "The status of that response: 502 or 504.",
        "plan_enforcement":
            "Which calls and events need a plan or trial of the app, else 403 and no webhook: `none`, those "
            + "of an `account` without any, or those of each `device` that none covers.",
        "scope_cameras":
            "Whether the app was granted cameras and doorbells. Devices of a group that was not granted are "
            + "not listed, are 403, and send no webhooks but those of the lifecycle.",
        "scope_contact_sensors": "Whether the app was granted contact sensors.",
        "scope_flood_freeze": "Whether the app was granted flood and freeze sensors.",
        "scope_temperature_humidity": "Whether the app was granted sensors of temperature and humidity.",
        "scope_air_quality": "Whether the app was granted air quality monitors.",
        "scope_chimes": "Whether the app was granted chimes.",
        "scope_chime_controls": "Whether the app may play sounds on chimes.",
        "removed_device_status": "The status of a removed device: 404 or 403.",
        "removed_integration_status": "The status of a removed integration: 401 or 403.",
        "chime_status": "The status of chime playback: 200, 202 or 204.",
        "chime_body": "Which body chime playback takes: `any`, `data`, `audio_ref` or `event`.",
        "chime_sounds_checked": "Whether a sound that is in no slot of the chime (`aud-17`, `aud-18`) is refused.",
        "subscriptions_unprocessable": "Whether subscriptions return 422, as on the Playground.",
        "subscriptions_status": "The status of subscriptions: 200 or a failure.",
    ]
}
