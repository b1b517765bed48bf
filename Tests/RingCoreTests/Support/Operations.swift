import RingCore

/// Operations with the traits of those that the features declare, which these tests do not import.
extension RingOperation {
    static let devices = Self("devices.list", retry: .idempotent)
    static let device = Self(
        "devices.get", retry: .idempotent, redaction: .credentials, errorCodes: [404: .deviceNotFound])
    static let history = Self("history.list", retry: .idempotent)
    static let subscriptions = Self("subscriptions.list", retry: .idempotent)
    static let userProfile = Self(
        "users.me",
        retry: RingRetryBehavior(
            tokenRefusals: [401, 403], rateLimited: .always, serverFailure: .always, notSent: .always,
            ambiguous: .always))
    static let confirmLink = Self(
        "app_integrations.confirm", retry: .idempotent, redaction: RingRedaction { _ in ["bm9uY2U+Lw=="] })
    static let clipRequest = Self(
        "clips.request", retry: .idempotent, lane: .media, redaction: .credentials, errorCodes: [404: .deviceNotFound])
    static let clipDownload = Self(
        "clips.download",
        retry: RingRetryBehavior(
            tokenRefusals: [], rateLimited: .always, serverFailure: .always, notSent: .always, ambiguous: .never),
        carriesAccessToken: false, countsAgainstRateLimit: false, lane: .media, redaction: .query)
    static let stillDownload = clipDownload
    static let startLive = Self(
        "live.start", retry: .whenRateLimited,
        redaction: RingRedaction { request in
            String(decoding: request.body.bytes ?? [], as: UTF8.self).split(whereSeparator: \.isNewline)
                .filter { $0.hasPrefix("a=ice-pwd:") || $0.hasPrefix("a=fingerprint:") }
                .map { String($0.drop { $0 != ":" }.dropFirst()) }
        }, errorCodes: [404: .deviceNotFound, 503: .deviceUnavailable])
    static let endLive = Self(
        "live.end",
        retry: RingRetryBehavior(rateLimited: .never, serverFailure: .once, notSent: .once, ambiguous: .never))
    static let playChime = Self("chime.play", retry: .whenRateLimited)
    static let tokenRefresh = Self(
        "oauth.refresh",
        retry: RingRetryBehavior(
            tokenRefusals: [], rateLimited: .always, serverFailure: .never, notSent: .always, ambiguous: .never),
        carriesAccessToken: false, redaction: .form)
    static let codeExchange = Self("oauth.exchange", retry: .never, carriesAccessToken: false, redaction: .form)
}
