/// How old the devices of a directory may be, and how many it keeps.
public struct RingDirectoryOptions: Hashable, Sendable {
    /// How long a loaded list counts as fresh. Webhooks keep additions, removals and reachability right meanwhile;
    /// names and configurations change without one, and are at most this old before they are loaded again.
    public var freshFor: Duration
    /// How long a list that is no longer fresh is still returned at once, while another is loaded.
    public var usableFor: Duration
    /// How long to wait after a failed load before the next one, while something usable is known.
    public var failurePause: Duration
    /// How many devices to keep, over all accounts; the accounts used longest ago go first.
    public var maximumDevices: Int
    /// How many accounts to keep.
    public var maximumAccounts: Int
    /// Whether the attributes as received are kept, some 6 KB a device, so that all of them can be shown.
    public var keepsRaw: Bool
    /// What is loaded with each device.
    public var parts: Set<RingDeviceInclude>

    /// Creates options. With the defaults, 10,000 accounts that are all in use send about three requests a second.
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
