/// Behaviours with more than two forms.
extension RingSimulatorSwitches {
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
        /// `data.sub_type`.
        case snakeCase = "data_sub_type"
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
        /// A 302 response, then the media.
        case found
        /// A 307 response, then the media.
        case temporary
        /// A 308 response, then the media.
        case permanent
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

    /// Which calls need a plan or a trial of the app.
    package enum PlanEnforcement: String, Hashable, Sendable, CaseIterable {
        /// None.
        case none
        /// Those for devices: the account needs an active subscription.
        case account
        /// Those for one device: an active subscription must cover it.
        case device
    }

    /// How the limiter counts.
    package enum RateWindow: String, Hashable, Sendable, CaseIterable {
        /// In each second of the simulated clock.
        case fixed
        /// In the second before each request.
        case sliding
    }

    /// The content type of JSON responses of the API.
    package enum JSONType: String, Hashable, Sendable, CaseIterable {
        /// With its character set.
        case withCharset = "application/json; charset=utf-8"
        /// Without it.
        case plain = "application/json"
        /// That of JSON:API.
        case jsonapi = "application/vnd.api+json"
    }

    /// The scope that a token response names.
    package enum TokenScope: String, Hashable, Sendable, CaseIterable {
        /// As seen on the Playground and in partner-initiated flows.
        case read = "ava.v1:read"
        /// As in a checklist of the documents.
        case devices = "ava.devices"
        /// As in other clients.
        case version = "ava.v1"
        /// As in other clients.
        case short = "ava"
    }

    /// From when on the life of a refresh token counts.
    package enum RefreshLife: String, Hashable, Sendable, CaseIterable {
        /// From its issue.
        case issue
        /// From the last call for its account.
        case inactivity
    }

    /// How the nonce of a link redirect is computed. A partner must refuse all forms but the first.
    package enum NonceForm: String, Hashable, Sendable, CaseIterable {
        /// As documented.
        case correct
        /// In standard Base64 with padding.
        case standardBase64 = "standard_base64"
        /// With a key that was decoded from Base64.
        case decodedKey = "decoded_key"
        /// Over the time in seconds.
        case seconds
    }

    /// Which body chime playback takes.
    package enum ChimeBody: String, Hashable, Sendable, CaseIterable {
        /// All of the forms below.
        case any
        /// `{"data": {"type": "audio", "attributes": {"audio_ref": …}}}`.
        case data
        /// `{"audio_ref": …}`.
        case flat = "audio_ref"
        /// `{"event": …}`.
        case event
    }

    /// How the readings of sensors are written.
    package enum SensorReadings: String, Hashable, Sendable, CaseIterable {
        /// As an object with `value` and `unit`.
        case object
        /// As an object with `value` alone.
        case value
        /// As a number.
        case number
    }

    /// What an offer of audio leads to.
    package enum LiveAudio: String, Hashable, Sendable, CaseIterable {
        /// `recvonly` and `sendrecv` are accepted.
        case any
        /// Any direction but `recvonly` is refused.
        case recvonly
        /// Audio is rejected in the SDP answer.
        case none
    }
}
