/// How old the devices of a directory may be, and how many it keeps.
public struct RingDirectoryOptions: Hashable, Sendable {
    package var freshFor: Duration
    package var usableFor: Duration
    package var failurePause: Duration
    package var maximumDevices: Int
    package var maximumAccounts: Int
    package var keepsRaw: Bool
    package var parts: Set<RingDeviceInclude>

    /// Creates options. With the defaults, 10,000 accounts that are all in use send about three requests a second.
    ///
    /// - Parameters:
    ///   - freshFor: How long a loaded list counts as fresh. Webhooks keep additions, removals and reachability right meanwhile;
    ///     names and configurations change without one, and are at most this old before they are loaded again.
    ///   - usableFor: How long a list that is no longer fresh is still returned at once, while another is loaded.
    ///   - failurePause: How long to wait after a failed load before the next one, while something usable is known.
    ///   - maximumDevices: How many devices to keep, over all accounts; the accounts used longest ago go first.
    ///   - maximumAccounts: How many accounts to keep.
    ///   - keepsRaw: Whether the attributes as received are kept, some 6 KB a device, so that all of them can be shown.
    ///   - parts: What is loaded with each device.
    public init(
        freshFor: Duration = .seconds(3600), usableFor: Duration = .seconds(86400),
        failurePause: Duration = .seconds(60), maximumDevices: Int = 50_000, maximumAccounts: Int = 20_000,
        keepsRaw: Bool = false, parts: Set<RingDeviceInclude> = .all
    ) {
        self.freshFor = freshFor
        self.usableFor = max(usableFor, freshFor)
        self.failurePause = failurePause
        self.maximumDevices = max(maximumDevices, 1)
        self.maximumAccounts = max(maximumAccounts, 1)
        self.keepsRaw = keepsRaw
        self.parts = parts
    }
}
