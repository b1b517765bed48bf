/// How old a link nonce may be: valid while `0 ≤ now − time ≤ 600 s`.
public struct RingLinkNonceWindow: Hashable, Sendable {
    /// What a time says about its nonce.
    package enum Verdict: Hashable, Sendable {
        /// Inside the window.
        case fresh
        /// Older than ``RingLinkNonceWindow/maximumAge``.
        case expired
        /// Further in the future than ``RingLinkNonceWindow/futureTolerance``.
        case future
        /// No decimal number of milliseconds.
        case malformed
    }

    /// The greatest age; Ring's is 600 seconds.
    package var maximumAge: Duration
    /// How far a clock that is behind Ring's may see the time in the future. Ring's sample allows none; 30 to 60 seconds
    /// are practical.
    package var futureTolerance: Duration

    /// Creates a window; without arguments, Ring's.
    ///
    /// - Parameters:
    ///   - maximumAge: The greatest age.
    ///   - futureTolerance: The greatest distance into the future.
    public init(maximumAge: Duration = .seconds(600), futureTolerance: Duration = .zero) {
        self.maximumAge = maximumAge
        self.futureTolerance = futureTolerance
    }

    /// Judges a link time.
    ///
    /// - Parameters:
    ///   - time: The `time` parameter of the redirect: epoch milliseconds as a decimal string.
    ///   - nowMilliseconds: The present moment, in epoch milliseconds.
    /// - Returns: Whether the nonce that came with it may be used.
    package func verdict(time: String, nowMilliseconds: Int64) -> Verdict {
        guard let sent = Self.milliseconds(of: time) else { return .malformed }
        let (age, overflow) = nowMilliseconds.subtractingReportingOverflow(sent)
        guard !overflow else { return .expired }
        if Duration.milliseconds(age) < .zero - self.futureTolerance { return .future }
        return Duration.milliseconds(age) > self.maximumAge ? .expired : .fresh
    }

    /// The number a link time stands for; digits only, at most 16 of them.
    static func milliseconds(of time: String) -> Int64? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard (1...16).contains(time.utf8.count), time.utf8.allSatisfy(digits.contains) else { return nil }
        return Int64(time)
    }
}
