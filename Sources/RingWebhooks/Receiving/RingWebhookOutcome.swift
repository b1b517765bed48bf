/// What became of a request to the webhook URL. Its ``status`` is the one table of responses to Ring.
///
/// The rules behind the table: what Ring signed is never refused for good, because Ring never repeats a refused event and
/// ten refusals in a row may switch the endpoint off; a temporary fault of ours is always 503; only what cannot be Ring's
/// delivery is 4xx.
public enum RingWebhookOutcome: String, Hashable, Sendable, CaseIterable {
    /// Kept for work, of a known kind.
    case accepted
    /// Kept for work, of a kind this library does not know.
    case acceptedUnknown = "accepted_unknown"
    /// Kept before, by this process or another.
    case duplicate
    /// Signed by Ring, but no event, or older than the replay window: kept for a person to look at.
    case quarantined
    /// Without a signature, or with a malformed one.
    case unsigned
    /// With a signature that no key made.
    case forged
    /// Not a POST.
    case wrongMethod = "wrong_method"
    /// Longer than the limit.
    case tooLarge = "too_large"
    /// The body broke off before its end.
    case incomplete
    /// The storage failed, or took longer than Ring waits.
    case storeFailed = "store_failed"
    /// More is waiting than may.
    case queueFull = "queue_full"
    /// The inbox takes nothing any more because its process ends.
    case stopped

    /// The status of the response to Ring.
    public var status: Int {
        switch self {
        case .accepted, .acceptedUnknown, .duplicate, .quarantined: 200
        case .unsigned, .forged: 401
        case .wrongMethod: 405
        case .tooLarge: 413
        case .incomplete, .storeFailed, .queueFull, .stopped: 503
        }
    }

    /// Whether the response counts against the endpoint: 4xx.
    package var isRefusal: Bool { (400..<500).contains(self.status) }
}
