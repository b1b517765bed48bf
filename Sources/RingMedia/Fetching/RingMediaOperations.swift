package import RingCore

extension RingOperation {
    /// `POST …/media/video/download`. It only reads, so it may be repeated.
    package static let clipRequest = Self.request("clips.request")
    /// `POST …/media/image/download`. It only reads, so it may be repeated.
    package static let stillRequest = Self.request("stills.request")
    /// The pre-signed GET of a clip.
    package static let clipDownload = Self.download("clips.download")
    /// The pre-signed GET of a still.
    package static let stillDownload = Self.download("stills.download")

    private static func request(_ name: String) -> Self {
        Self(name, retry: .idempotent, lane: .media, redaction: .credentials, errorCodes: [404: .deviceNotFound])
    }

    /// After an ambiguous failure the media client starts again with the POST.
    private static func download(_ name: String) -> Self {
        Self(
            name,
            retry: RingRetryBehavior(
                tokenRefusals: [], rateLimited: .always, serverFailure: .always, notSent: .always, ambiguous: .never),
            carriesAccessToken: false, countsAgainstRateLimit: false, lane: .media, redaction: .query)
    }
}
