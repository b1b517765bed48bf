import RingCore
import RingLive

/// The exit statuses of `ringctl`; scripts rely on them.
enum ExitStatus: Int32, Sendable {
    case done = 0
    case server = 1
    case usage = 2
    case notAuthorised = 3
    case notFound = 4
    case rateLimited = 5
    case mediaNotAvailable = 6
    case verificationFailed = 7
    case network = 8

    /// The status of a failure, by its code.
    init(_ code: RingError.Code) {
        switch code {
        case .invalidArgument, .misconfigured, .insecureURL: self = .usage
        case .unauthorized, .relinkRequired, .invalidClient, .forbidden: self = .notAuthorised
        case .notFound, .deviceNotFound: self = .notFound
        case .rateLimited: self = .rateLimited
        case .invalidNonce: self = .verificationFailed
        case .hostNotFound, .connectionFailed, .tlsFailed, .connectionLost, .timedOut, .deadlineExceeded:
            self = .network
        default: self = Self.named[code.rawValue] ?? .server
        }
    }

    /// The status of a failure of live media.
    init(_ code: RingLiveError.Code) {
        switch code {
        case .connectionFailed, .handshakeFailed: self = .network
        case .idle, .peerStopped, .noVideo, .snapshotFailed: self = .mediaNotAvailable
        default: self = .server
        }
    }

    /// Codes that the modules name themselves, by their stable word.
    private static let named: [String: ExitStatus] = [
        "media_not_found": .mediaNotAvailable, "media_not_ready": .mediaNotAvailable,
        "media_damaged": .mediaNotAvailable, "time_range_not_authorized": .mediaNotAvailable,
        "media_unreadable": .mediaNotAvailable, "media_key_unavailable": .mediaNotAvailable,
        "not_media": .mediaNotAvailable, "media_truncated": .network, "media_link_expired": .server,
        "stale_nonce": .verificationFailed, "nonce_mismatch": .verificationFailed,
        "wrong_signature": .verificationFailed, "malformed_signature": .verificationFailed,
        "link_expired": .verificationFailed, "link_from_future": .verificationFailed,
        "no_matching_account": .verificationFailed, "claimed_by_another": .notAuthorised,
        "invalid_code": .notAuthorised, "account_removed": .notAuthorised, "account_unknown": .notFound,
        "account_not_found": .notFound, "session_not_found": .notFound,
        "unusable_offer": .usage,
    ]
}

/// A failure that a command words itself, with a stable code.
struct CommandFailure: Error {
    var status: ExitStatus
    var code: String
    var message: String

    init(_ status: ExitStatus, code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }
}
