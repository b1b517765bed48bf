public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Fetches clips and stills of one account's cameras.
///
/// A value: copy it freely, change its ``options`` for one call, use it from any task.
public struct RingMediaClient: Sendable {
    /// How media is fetched.
    public var options: RingMediaOptions
    package var components: (@Sendable (RingDeviceID) async throws -> [RingComponentID]?)?
    package var newestEvent: (@Sendable (RingDeviceID, ClosedRange<Date>) async throws -> Date?)?

    let fetcher: MediaFetcher

    /// Creates the client of one account.
    ///
    /// - Parameters:
    ///   - api: Sends the requests of the account.
    ///   - downloads: Sends the requests to pre-signed URLs. It must not add an access token: use a pipeline of
    ///     `RingSharedPipeline.pipelineWithoutAccessToken()`.
    ///   - options: How media is fetched.
    ///   - components: Returns the lenses of a device, so that requests are checked before anything is sent; empty for a
    ///     device with one camera. `nil` leaves the check to Ring.
    ///   - newestEvent: Returns the moment of a device's newest event in a window, for the latest still; `nil` does without.
    public init(
        api: RingAPIClient, downloads: any RingTransport, options: RingMediaOptions = RingMediaOptions(),
        components: (@Sendable (RingDeviceID) async throws -> [RingComponentID]?)? = nil,
        newestEvent: (@Sendable (RingDeviceID, ClosedRange<Date>) async throws -> Date?)? = nil
    ) {
        self.options = options
        self.components = components
        self.newestEvent = newestEvent
        self.fetcher = MediaFetcher(api: api, downloads: downloads)
    }

    var environment: RingEnvironment { self.fetcher.api.environment }
    var now: Date { self.environment.clock.now() }

    /// The lenses of a device, read within the time of this client.
    private func knownComponents(
        of device: RingDeviceID, for operation: RingOperation
    ) async throws -> [RingComponentID]? {
        guard let components else { return nil }
        guard let deadline = self.fetcher.api.deadline else { return try await components(device) }
        return try await deadline.run(self.environment.clock, of: operation) { try await components(device) }
    }

    /// Checks the request of a clip and prepares its session.
    func session(_ request: RingClipRequest) async throws -> MediaSession {
        try request.validate(now: self.now)
        if let known = try await self.knownComponents(of: request.device, for: .clipRequest) {
            try request.validate(now: self.now, components: known)
        }
        return MediaSession(
            MediaTarget(request), options: self.options, environment: self.environment,
            deadline: self.fetcher.api.deadline, waitsForMissing: true)
    }

    /// Checks the request of a still and prepares its session.
    func session(_ request: RingStillRequest) async throws -> MediaSession {
        let now = self.now
        try request.validate(now: now)
        if let known = try await self.knownComponents(of: request.device, for: .stillRequest) {
            try request.validate(now: now, components: known)
        }
        var isLatest = false
        if case .latest = request.moment { isLatest = true }
        // Only a still of a known moment may become available by waiting.
        return MediaSession(
            MediaTarget(request, now: now), options: self.options, environment: self.environment,
            deadline: self.fetcher.api.deadline,
            waitsForMissing: !isLatest)
    }
}
