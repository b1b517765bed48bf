#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Everything one linked account offers, by room.
public struct RingPartnerAccount: Sendable {
    /// The account's way to the API; the rooms stand on it.
    public let api: RingAPIClient
    private let client: RingPartnerClient

    init(api: RingAPIClient, of client: RingPartnerClient) {
        self.api = api
        self.client = client
    }

    /// The account; `nil` for a fixed token.
    public var id: RingAccountID? { self.api.account }

    /// This account for work that may wait behind others, or must not.
    public func with(priority: RingPriority) -> Self {
        Self(api: self.api.with(priority: priority), of: self.client)
    }

    /// The user, the app's integration, and the subscriptions.
    public var profile: RingAccountsClient { RingAccountsClient(api: self.api) }

    /// Devices, their status, capabilities, configurations, location and history.
    public var devices: RingDevicesClient { RingDevicesClient(api: self.api) }

    /// Clips and stills. Which lens a request may name is looked up in the directory; the latest still falls back on the
    /// device's history.
    public var media: RingMediaClient {
        let (devices, account, directory) = (self.devices, self.id, self.client.directory)
        return RingMediaClient(
            api: self.api, downloads: self.client.shared.pipelineWithoutBearer(),
            options: self.client.configuration.media,
            components: { device in
                // Where the lenses cannot be looked up, Ring checks the request itself.
                guard let account, let entry = try? await directory.device(device, of: account) else { return nil }
                return entry.device.capabilities?.components.map(\.id)
            },
            newestEvent: { device, window in
                let query = RingHistoryQuery(since: window.lowerBound, until: window.upperBound, limit: 1)
                for try await event in devices.history(of: device, query) { return event.start }
                return nil
            })
    }

    /// Live video. Sessions are noted in the ledger and admitted by the governor of the whole client.
    public var live: WHEPClient {
        WHEPClient(
            api: self.api, configuration: self.client.configuration.live, ledger: self.client.ledger,
            governor: self.client.governor)
    }
}
