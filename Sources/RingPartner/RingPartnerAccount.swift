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

    /// This account with one deadline for all calls of the handle: whatever has not ended when the time is up throws
    /// `RingError` with code `deadlineExceeded`. Waits, retries and pages count.
    ///
    /// For a piece of work that must end in time, such as a response to a web request. The time begins now, so create the
    /// handle where the work begins, and do not keep it. A live session may outlast it; only its start must end in time.
    ///
    /// - Parameter timeout: The time from now on.
    public func with(timeout: Duration) -> Self {
        var api = self.api
        let deadline = RingDeadline(in: timeout, clock: api.environment.clock)
        api.deadline = min(api.deadline ?? deadline, deadline)
        return Self(api: api, of: self.client)
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
        var configuration = self.client.configuration.live
        configuration.startDeadline = self.api.deadline
        // A session is closed whenever it ends, so its requests have no deadline of the handle.
        var api = self.api
        api.deadline = nil
        return WHEPClient(
            api: api, configuration: configuration, ledger: self.client.ledger, governor: self.client.governor)
    }
}
