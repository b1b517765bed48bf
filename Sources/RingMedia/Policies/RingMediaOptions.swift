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
    /// Where redirects may lead.
    public var redirects: RingRedirectPolicy
    /// The time for one clip or still, waits and body included.
    public var limit: Duration
    /// Limits for the phases of one exchange. A still takes Ring three to seven seconds to make.
    public var timeouts: RingTimeouts
    /// The most times one clip or still is asked for again from the beginning, because a link expired or a transfer was
    /// cut.
    public var restarts: Int
    /// The most times an interrupted transfer is continued where it stopped.
    public var resumes: Int
    /// The most bytes that are accepted of one clip or still.
    public var maximumBytes: Int64
    /// Makes the digest that a file is fed to while it is written; `nil` for none. Pass RingCrypto's SHA-256 here.
    public var digest: (@Sendable () -> any RingMediaDigest)?
    /// Whether a file is forced to the disk before it gets its final name. Costs a moment; survives a power cut.
    public var isDurable: Bool
    /// The mode of finished files, whatever the process' umask is. Clips show people's homes, so the default lets nobody but
    /// this user read them.
    public var fileMode: UInt32
    /// When the user agreed to share the device. Windows that this library chooses itself (the latest still, an event's
    /// roll, long ranges) begin a second later at the earliest, since Ring refuses an earlier one as a whole.
    public var consentedAt: Date?

    /// Creates options.
    public init(
        waiting: RingMediaWaiting = RingMediaWaiting(), redirects: RingRedirectPolicy = RingRedirectPolicy(),
        limit: Duration = .seconds(3600),
        timeouts: RingTimeouts = RingTimeouts(firstByte: .seconds(60), silence: .seconds(30)), restarts: Int = 3,
        resumes: Int = 8, maximumBytes: Int64 = 16 << 30, digest: (@Sendable () -> any RingMediaDigest)? = nil,
        isDurable: Bool = true, fileMode: UInt32 = 0o600, consentedAt: Date? = nil
    ) {
        self.waiting = waiting
        self.redirects = redirects
        self.limit = limit
        self.timeouts = timeouts
        self.restarts = max(0, restarts)
        self.resumes = max(0, resumes)
        self.maximumBytes = maximumBytes
        self.digest = digest
        self.isDurable = isDurable
        self.fileMode = fileMode
        self.consentedAt = consentedAt
    }

    /// The earliest moment a window of this library's own choice may begin.
    var earliest: Date? { self.consentedAt.map { $0 + 1 } }
}
