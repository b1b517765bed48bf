/// What a request is for: a stable name for logs and metrics, and the traits that decide how the pipeline treats it.
///
/// The operations of Ring's API are declared in the modules that send them. An operation of your own needs a name alone:
///
/// ```swift
/// extension RingOperation {
///     static let doorbellTune = RingOperation("doorbells.tune")
/// }
/// ```
///
/// Two operations are the same when they have the same name.
public struct RingOperation: Hashable, Sendable, CustomStringConvertible {
    /// A stable name in words: `devices.list`.
    public var name: String { self.traits.name }
    /// Which failures are followed by a repeat of the same request.
    package var retry: RingRetryBehavior { self.traits.retry }
    /// Whether requests carry the account's access token. It leaves this package for the API's origin alone.
    package var carriesAccessToken: Bool { self.traits.carriesAccessToken }
    /// Whether requests count against the rate limit of the client id.
    package var countsAgainstRateLimit: Bool { self.traits.countsAgainstRateLimit }
    /// Which connections the request shares.
    package var lane: Lane { self.traits.lane }
    /// What an error response may repeat of the request.
    package var redaction: RingRedaction { self.traits.redaction }
    /// What a status means for this operation, where that differs from its general meaning.
    package var errorCodes: [Int: RingError.Code] { self.traits.errorCodes }

    /// One reference instead of a copy of each trait, because the context of a request is copied often.
    private let traits: Traits

    /// Creates an operation. The defaults are safe for a request that changes something: it carries the access token, counts
    /// against the rate limit, and is repeated only after 401, after 429 and when it was not sent.
    ///
    /// - Parameters:
    ///   - name: A stable name in words.
    ///   - retry: Which failures are followed by a repeat.
    ///   - carriesAccessToken: Whether requests carry the account's access token.
    ///   - countsAgainstRateLimit: Whether requests count against the rate limit of the client id.
    ///   - lane: Which connections the request shares.
    ///   - secrets: Returns the secrets of a request beside its access token. Where an error response or a request id repeats
    ///     them, `…` stands in their place in errors and observations.
    public init(
        _ name: String, retry: RingRetryBehavior = .whenNotSent, carriesAccessToken: Bool = true,
        countsAgainstRateLimit: Bool = true, lane: Lane = .documents,
        secrets: (@Sendable (RingHTTPRequest) -> [String])? = nil
    ) {
        self.init(
            name, retry: retry, carriesAccessToken: carriesAccessToken,
            countsAgainstRateLimit: countsAgainstRateLimit, lane: lane,
            redaction: secrets.map { RingRedaction(secrets: $0) } ?? .credentials)
    }

    package init(
        _ name: String, retry: RingRetryBehavior, carriesAccessToken: Bool = true, countsAgainstRateLimit: Bool = true,
        lane: Lane = .documents, redaction: RingRedaction, errorCodes: [Int: RingError.Code] = [:]
    ) {
        self.traits = Traits(
            name: name, retry: retry, carriesAccessToken: carriesAccessToken,
            countsAgainstRateLimit: countsAgainstRateLimit, lane: lane, redaction: redaction, errorCodes: errorCodes)
    }

    /// The stable name.
    public var description: String { self.name }

    /// Which connections a request shares: a large transfer never delays a small one.
    public enum Lane: Hashable, Sendable {
        /// Small documents. The default time limit of a call applies. If the operation may be repeated after a request that was
        /// sent, the body of a successful response is read before the call returns, so that it is repeated when it breaks off.
        case documents
        /// Clips and stills. The default time limit of a call does not apply.
        case media
    }

    private final class Traits: Hashable, Sendable {
        let name: String
        let retry: RingRetryBehavior
        let carriesAccessToken: Bool
        let countsAgainstRateLimit: Bool
        let lane: Lane
        let redaction: RingRedaction
        let errorCodes: [Int: RingError.Code]

        init(
            name: String, retry: RingRetryBehavior, carriesAccessToken: Bool, countsAgainstRateLimit: Bool, lane: Lane,
            redaction: RingRedaction, errorCodes: [Int: RingError.Code]
        ) {
            self.name = name
            self.retry = retry
            self.carriesAccessToken = carriesAccessToken
            self.countsAgainstRateLimit = countsAgainstRateLimit
            self.lane = lane
            self.redaction = redaction
            self.errorCodes = errorCodes
        }

        static func == (left: Traits, right: Traits) -> Bool { left === right || left.name == right.name }

        func hash(into hasher: inout Hasher) { hasher.combine(self.name) }
    }
}
