#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// One linked account: a cheap handle to the feature clients.
public struct RingPartnerAccount: Sendable {
    /// The API client of the account, which the feature clients use.
    public let api: RingAPIClient
    private let client: RingPartnerClient

    init(api: RingAPIClient, of client: RingPartnerClient) {
        self.api = api
        self.client = client
    }

    /// The account; `nil` for a fixed token.
    public var id: RingAccountID? { self.api.account }

    /// This account for calls of another priority when the rate budget is short.
    public func with(priority: RingPriority) -> Self {
        Self(api: self.api.with(priority: priority), of: self.client)
    }

    /// The user, the app's integration, and the subscriptions.
    public var profile: RingAccountsClient { RingAccountsClient(api: self.api) }

    /// Devices, their status, capabilities, configurations, location and history.
    public var devices: RingDevicesClient { RingDevicesClient(api: self.api) }

    /// Clips and stills. The directory tells which lenses a request may name; the latest still falls back to the device's
    /// history.
    public var media: RingMediaClient {
        let (devices, account, directory) = (self.devices, self.id, self.client.directory)
        return RingMediaClient(
            api: self.api, downloads: self.client.shared.pipelineWithoutAccessToken(),
            options: self.client.configuration.media,
            components: { device in
                // Without the list of lenses, Ring checks the request.
                guard let account, let entry = try? await directory.device(device, of: account) else { return nil }
                return entry.device.capabilities?.components.map(\.id)
            },
            newestEvent: { device, window in
                let query = RingHistoryQuery(since: window.lowerBound, until: window.upperBound, limit: 1)
                for try await event in devices.history(of: device, query) { return event.start }
                return nil
            })
    }

    /// Live video. Sessions are recorded in the storage, and admitted by the limits of the whole client.
    public var live: WHEPClient {
        WHEPClient(
            api: self.api, configuration: self.client.configuration.live, ledger: self.client.ledger,
            governor: self.client.governor)
    }
}
