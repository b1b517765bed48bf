public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// How media is fetched.
public struct RingMediaOptions: Sendable {
    /// How long to wait for media that is not ready.
    public var waiting: RingMediaWaiting
    /// Host names to which a request may be redirected, with everything below them: `amazonvision.com`. `nil` allows any
    /// host. The access token is sent to none of them.
    ///
    /// The name of Ring's media host is not documented and has changed, so there is no list by default.
    public var redirectHostSuffixes: [String]?
    /// The time for one clip or still, including waits and body.
    public var timeout: Duration
    /// Limits for the phases of one exchange. Ring needs three to seven seconds for a still.
    public var timeouts: RingTimeouts
    /// The maximum number of bytes of one clip or still.
    public var maximumBytes: Int64
    /// Creates the digest that a file is passed to while it is written; `nil` for none.
    public var digest: (@Sendable () -> any RingMediaDigest)?
    /// Whether a file is forced to the disk before it gets its final name. This takes a moment, and the file survives a
    /// power failure.
    public var isDurable: Bool
    /// The mode of finished files, regardless of the umask of the process. Clips show people's homes, so by default only
    /// this user can read them.
    public var fileMode: UInt32
    /// When the user agreed to share the device. Windows that this library chooses itself (the latest still, the clips of
    /// an event, long ranges) begin a second later at the earliest, because Ring refuses an earlier one completely.
    public var consentedAt: Date?
    /// The maximum number of times that a clip or still is requested again from the beginning, because a step failed, a link
    /// expired or a transfer was truncated. `RingRetryPolicy.attempts` limits it, too.
    package var maximumRestartCount = 2
    /// The maximum number of times that an interrupted transfer is continued, over all attempts of one call.
    package var maximumResumeCount = 8
    /// The maximum number of redirects of one attempt.
    var maximumRedirectCount: Int { 5 }

    /// Creates options.
    public init(
        waiting: RingMediaWaiting = RingMediaWaiting(), redirectHostSuffixes: [String]? = nil,
        timeout: Duration = .seconds(3600),
        timeouts: RingTimeouts = RingTimeouts(firstByte: .seconds(60), silence: .seconds(30)),
        maximumBytes: Int64 = 16 << 30, digest: (@Sendable () -> any RingMediaDigest)? = nil, isDurable: Bool = true,
        fileMode: UInt32 = 0o600, consentedAt: Date? = nil
    ) {
        self.waiting = waiting
        self.redirectHostSuffixes = redirectHostSuffixes
        self.timeout = timeout
        self.timeouts = timeouts
        self.maximumBytes = maximumBytes
        self.digest = digest
        self.isDurable = isDurable
        self.fileMode = fileMode
        self.consentedAt = consentedAt
    }

    /// The earliest start of a window that this library chooses.
    var earliest: Date? { self.consentedAt.map { $0 + 1 } }
}

/// A digest that is updated piece by piece. `RingMediaSHA256` of `RingPartner` is one.
public protocol RingMediaDigest: Sendable {
    /// Adds bytes at the end.
    mutating func update(_ bytes: [UInt8])

    /// The digest of all bytes so far, in lower-case hexadecimal.
    func hexadecimal() -> String
}
