/// Everything one linked account offers, by room.
public struct RingPartnerAccount: Sendable {
    /// The account's way to the API; the rooms stand on it.
    public let api: RingAPIClient
    private let downloads: any RingTransport

    init(api: RingAPIClient, downloads: any RingTransport) {
        self.api = api
        self.downloads = downloads
    }

    /// The account; `nil` for a fixed token.
    public var id: RingAccountID? { self.api.account }

    /// This account for work that may wait behind others, or must not.
    public func with(priority: RingPriority) -> Self {
        Self(api: self.api.with(priority: priority), downloads: self.downloads)
    }
}
