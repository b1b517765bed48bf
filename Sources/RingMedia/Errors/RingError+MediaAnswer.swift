internal import RingCore

extension RingError {
    /// The error of a media call, told apart by its code where it has one, and by its status else.
    ///
    /// - Parameter isLinked: Whether the answer came from a pre-signed URL.
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
        case .mediaNotReady: return "the recording is not ready; ask again later, or allow more waiting"
        case .mediaNotFound: return "Ring has nothing recorded then; take the time of an event of the history"
        case .mediaDamaged: return "the recording is damaged at Ring; asking again does not help"
        case .mediaKeyUnavailable:
            return "the key to the recording is not available; it mostly comes within seconds, so allow more waiting"
        case .timeRangeNotAuthorized:
            return "the range begins before the user agreed to share the device, and Ring refuses it as a whole; "
                + "begin later"
        default: return "the link to the media expired before it was used; ask for the media again"
        }
    }

    /// Whether another attempt from the beginning may end better.
    var allowsRestart: Bool {
        switch self.code {
        case .mediaLinkExpired, .mediaTruncated, .connectionLost, .connectionFailed, .timedOut, .protocolViolation,
            .hostNotFound:
            return true
        case .serverFailure: return self.status.map { $0 != 503 && $0 >= 500 && $0 <= 504 && $0 != 501 } ?? false
        default: return false
        }
    }

    /// Whether a broken transfer may be continued where it stopped.
    var allowsResume: Bool {
        switch self.code {
        case .connectionLost, .timedOut, .protocolViolation: return true
        default: return false
        }
    }
}
