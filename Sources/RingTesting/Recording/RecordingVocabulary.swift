internal import RingCore
internal import RingJSONAPI

/// What may stand in a recording as it was received.
enum RecordingVocabulary {
    /// Segments of paths that are no ids.
    static let routes: Set<String> = [
        "v1", "devices", "users", "me", "accounts", "app-integrations", "subscriptions", "history", "events", "status",
        "capabilities", "configurations", "location", "locations", "media", "streaming", "whep", "sessions", "video",
        "image", "images", "clips", "download", "oauth", "token", "audio", "chime", "playback", "play", "v2",
    ]

    /// Names of query items and form fields whose values are words of Ring's.
    static let queryNames: Set<String> = [
        "include", "event_types", "component_id", "grant_type", "req_type", "type", "page[size]", "page[limit]",
        "limit",
    ]

    /// Members whose strings are words of Ring's.
    private static let words: Set<String> = [
        "type", "event_type", "event_types", "sub_type", "subtype", "status", "ratio", "codec", "codecs",
        "configurations",
        "supported_actions", "enabled", "color_night_vision", "hdr", "ir_led_night_vision", "auto_zoom_track", "format",
        "token_type", "scope", "error", "title", "code", "pointer", "parameter", "version", "resolution_mode", "mode",
        "power_source", "video_options", "image_options", "audio_ref", "unit", "active", "supported_resolutions",
    ]

    /// Parts of the names of members that tell a place.
    static let places = ["latitude", "longitude", "postal", "zip"]

    /// Parts of the names of members that name a person or a way to reach one.
    static let personal = ["phone", "email", "mail", "name", "address", "secret", "password", "signature", "nonce"]

    /// Values that never have to be the same when a request is repeated: secrets, and what is derived from them.
    static let secretFields: Set<String> = [
        "nonce", "account_identifier", "client_id", "client_secret", "code", "code_verifier", "refresh_token",
        "access_token",
    ]

    /// Header fields of responses that are kept.
    static let headers: Set<String> = [
        "content-type", "location", "link", "etag", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining",
        "x-media-timestamp", "x-media-length", "x-media-duration", "x-media-origin", "content-range", "accept-ranges",
        "date", "x-request-id", "accept-patch",
    ]

    /// Whether a number is a time in epoch seconds or milliseconds.
    static func isTime(_ number: Int64) -> Bool {
        (1_000_000_000...5_000_000_000).contains(number) || (1_000_000_000_000...5_000_000_000_000).contains(number)
    }

    /// Whether a text tells nothing about anybody.
    static func isHarmless(_ text: String, name: String) -> Bool {
        if ["", "on", "off", "true", "false", "yes", "no", "null"].contains(text) { return true }
        let lower = name.lowercased()
        let isPersonal = lower == "id" || lower.hasSuffix("_id") || Self.personal.contains(where: lower.contains)
        let isToken = lower.contains("token") && lower != "token_type"
        guard !isPersonal, !isToken, !Self.places.contains(where: lower.contains) else { return false }
        if text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2D }) {
            return text.utf8.count <= 6 || Int64(text).map(Self.isTime) == true
        }
        if text.utf8.count <= 35, text.utf8.first.map({ (0x30...0x39).contains($0) }) == true,
            JSONAPITime.parse(text) != nil
        {
            return true
        }
        guard Self.words.contains(lower), text.utf8.count <= 60, text.utf8.allSatisfy(Self.isOfWord) else {
            return false
        }
        if lower == "code" { return Self.isErrorCode(text) }
        return text.utf8.count { (0x30...0x39).contains($0) } <= 4
    }

    /// `MEDIA_NOT_FOUND`, `invalid_grant`; no authorization code.
    private static func isErrorCode(_ text: String) -> Bool {
        let isUpper = text.utf8.allSatisfy { (0x41...0x5A).contains($0) || $0 == UInt8(ascii: "_") }
        return isUpper || ["invalid_", "unsupported_", "unauthorized_"].contains(where: text.hasPrefix)
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: " "),
            UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
