public import RingCore

extension RingError.Code {
    /// The recording is not ready (425, 202), after the permitted wait. Try again later.
    public static let mediaNotReady = Self("media_not_ready", isTransient: true)
    /// Nothing was recorded at that time (416).
    public static let mediaNotFound = Self("media_not_found")
    /// The recording is damaged (422 `CORRUPT_RECORDING`, or a complete file without pictures). Another request does not
    /// help.
    public static let mediaDamaged = Self("media_damaged")
    /// The key to the recording is not available (422 `GRECO_NO_VALID_KEY`), after the permitted wait.
    public static let mediaKeyUnavailable = Self("media_key_unavailable", isTransient: true)
    /// The range begins before the user agreed to share the device (403 `TIME_RANGE_NOT_AUTHORIZED`).
    public static let timeRangeNotAuthorized = Self("time_range_not_authorized")
    /// The body of a successful response is an HTML page, JSON or text.
    public static let notMedia = Self("not_media")
    /// The body cannot be read: most likely the device is encrypted with a key that was deleted (TAKE).
    public static let mediaUnreadable = Self("media_unreadable")
    /// The body is truncated: bytes, boxes or chunks are missing at its end.
    public static let mediaTruncated = Self("media_truncated")
    /// Links to the media expired faster than they could be used.
    public static let mediaLinkExpired = Self("media_link_expired", isTransient: true)
}

extension RingError {
    /// The error of a media call, identified by its server code, or by its status without one.
    ///
    /// - Parameter isLinked: Whether the response came from a pre-signed URL.
    func asMedia(isLinked: Bool) -> RingError {
        var error = self
        guard let status else { return error }
        let known: [(server: String, code: Code)] = [
            ("RECORDING_NOT_READY", .mediaNotReady), ("MEDIA_NOT_FOUND", .mediaNotFound),
            ("TIMESTAMP_NOT_FOUND", .mediaNotFound), ("CORRUPT_RECORDING", .mediaDamaged),
            ("GRECO_NO_VALID_KEY", .mediaKeyUnavailable), ("TIME_RANGE_NOT_AUTHORIZED", .timeRangeNotAuthorized),
        ]
        if (400..<500).contains(status), let match = known.first(where: { self.serverCodes.contains($0.server) }) {
            error.code = match.code
        } else {
            switch status {
            case 202, 425: error.code = .mediaNotReady
            case 416: error.code = .mediaNotFound
            case 401 where isLinked, 410 where isLinked: error.code = .mediaLinkExpired
            case 403 where isLinked && self.serverCodes.isEmpty: error.code = .mediaLinkExpired
            default: return error
            }
        }
        error.message = Self.mediaAdvice(error.code)
        return error
    }

    private static func mediaAdvice(_ code: Code) -> String {
        switch code {
        case .mediaNotReady: return "the recording is not ready; try again later, or allow more waiting"
        case .mediaNotFound: return "Ring has no recording of that time; use the time of an event of the history"
        case .mediaDamaged: return "the recording is damaged at Ring; another request does not help"
        case .mediaKeyUnavailable:
            return "the key to the recording is not available; usually it is within seconds, so allow more waiting"
        case .timeRangeNotAuthorized:
            return "the range begins before the user agreed to share the device, and Ring refuses it as a whole; "
                + "begin later"
        default: return "the link to the media expired before it was used; request the media again"
        }
    }

    /// Whether another attempt from the beginning may succeed.
    var allowsRestart: Bool {
        switch self.code {
        case .mediaLinkExpired, .mediaTruncated, .connectionLost, .connectionFailed, .timedOut, .protocolViolation,
            .hostNotFound:
            return true
        case .serverFailure:
            return self.status.map { [500, 502, 503, 504].contains($0) || RingRetryBehavior.isAmbiguous($0) } ?? false
        default: return false
        }
    }

    /// Whether an interrupted transfer may be continued where it stopped.
    var allowsResume: Bool {
        switch self.code {
        case .connectionLost, .timedOut, .protocolViolation: return true
        default: return false
        }
    }
}
