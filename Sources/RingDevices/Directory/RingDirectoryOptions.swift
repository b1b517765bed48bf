/// How a device directory trades requests for age, and how much it may keep.
public struct RingDirectoryOptions: Hashable, Sendable {
    /// How long a loaded list counts as fresh. Webhooks keep additions, removals and reachability right meanwhile;
    /// names and configurations change without one, and are this old at most before they are asked for again.
    public var freshFor: Duration
    /// How long a list that is not fresh is still given out at once, while another is loaded behind the caller's back.
    public var usableFor: Duration
    /// How long to leave Ring alone after a load has failed, as long as something usable is known.
    public var failurePause: Duration
    /// How many devices to keep, over all accounts; the accounts used longest ago go first.
    public var maximumDevices: Int
    /// How many accounts to keep.
    public var maximumAccounts: Int
    /// Whether the attributes as received are kept, some 6 KB a device, so that all of them can be shown.
    public var keepsRaw: Bool
    /// What is loaded with each device.
    public var parts: Set<RingDeviceInclude>

    /// Creates options. With these, 10,000 accounts that are all in use ask Ring about three times a second.
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
