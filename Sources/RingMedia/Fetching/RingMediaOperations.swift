package import RingCore

extension RingOperation {
    /// `POST …/media/video/download`. It only reads, so the media client may repeat it.
    package static let clipRequest = Self.request("clips.request")
    /// `POST …/media/image/download`. It only reads, so the media client may repeat it.
    package static let stillRequest = Self.request("stills.request")
    /// The pre-signed GET of a clip.
    package static let clipDownload = Self.download("clips.download")
    /// The pre-signed GET of a still.
    package static let stillDownload = Self.download("stills.download")

    // The pipeline repeats neither step, except after 429. An attempt is both steps together, and the media client repeats it:
    // repeats in both places would multiply.

    private static func request(_ name: String) -> Self {
        Self(
            name, retry: .whenRateLimited, lane: .media, redaction: .credentials, errorCodes: [404: .deviceNotFound])
    }

    private static func download(_ name: String) -> Self {
        var retry = RingRetryBehavior.whenRateLimited
        retry.tokenRefusals = []
        return Self(
            name, retry: retry, carriesAccessToken: false, countsAgainstRateLimit: false, lane: .media,
            redaction: .query)
    }
}
