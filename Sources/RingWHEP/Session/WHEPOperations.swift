package import RingCore

extension RingOperation {
    /// `POST …/media/streaming/whep/sessions`. A camera starts; a repeat needs a new offer.
    package static let startLive = Self(
        "live.start", retry: .whenRateLimited, redaction: .sessionKeys,
        errorCodes: [404: .deviceNotFound, 503: .deviceUnavailable])
    /// `PATCH` of a live session.
    package static let updateLive = Self("live.update", retry: .whenRateLimited, redaction: .sessionKeys)
    /// `DELETE` of a live session. An ambiguous failure is ignored.
    package static let endLive = Self(
        "live.end",
        retry: RingRetryBehavior(rateLimited: .never, serverFailure: .once, notSent: .once, ambiguous: .never))
}

extension RingRedaction {
    /// The password and the fingerprint of an SDP body: they are enough to receive the camera's stream.
    fileprivate static let sessionKeys = RingRedaction { request in
        let text = String(decoding: request.body.bytes ?? [], as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).compactMap { (line: Substring) -> String? in
            guard line.hasPrefix("a=ice-pwd:") || line.hasPrefix("a=fingerprint:") else { return nil }
            return line.firstIndex(of: ":").map { String(line[line.index(after: $0)...]) }
        }
    }
}
