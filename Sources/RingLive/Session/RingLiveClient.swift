public import RingCore
public import RingWHEP

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Opens live sessions and receives their media.
///
/// A value: copy it freely. Needs GStreamer at run time; ``prepare()`` says whether it is there.
public struct RingLiveClient: Sendable {
    package let client: WHEPClient

    /// Creates a client.
    ///
    /// - Parameter client: Negotiates and closes the sessions.
    public init(_ client: WHEPClient) { self.client = client }

    /// Loads GStreamer, so that the first session starts as fast as the later ones.
    ///
    /// - Throws: ``RingLiveError`` with `engineMissing`, naming the packages to install.
    public static func prepare() async throws(RingLiveError) { try await LiveLoader.load() }

    /// How long a session can run: Ring's limit for the power source, less the margin for closing it.
    ///
    /// - Parameter power: The camera's power source, which Ring does not tell.
    public func expectedDuration(_ power: RingPowerSource) -> Duration {
        let configuration = self.client.configuration
        return max(configuration.expectedDuration(power) - configuration.closeMargin, .zero)
    }

    /// Opens a session.
    ///
    /// Returns when the answer was accepted; the first picture comes a little later.
    ///
    /// - Parameters:
    ///   - device: The camera.
    ///   - options: Optional behaviour.
    /// - Returns: The open session. It ends when the last reference is released.
    /// - Throws: ``RingLiveError``: `engineMissing` before anything is sent; `engineFailed` or `noVideo` after the session was
    ///   closed. `RingError` as `WHEPClient.open(_:engine:options:)` does. `CancellationError` when the task is cancelled.
    public func open(
        _ device: RingDeviceID, options: RingLiveOptions = RingLiveOptions()
    ) async throws -> RingLiveSession {
        try await LiveLoader.load()
        let engine = RingLiveEngine(
            options: options, environment: self.client.api.environment, hasLoopback: self.isOnThisMachine)
        let session = try await self.client.open(device, engine: engine, options: options.session)
        return RingLiveSession(session, engine: engine)
    }

    /// Opens a session, runs work with it, and closes it in every case: return, throw, cancellation.
    ///
    /// The work is not cancelled when the session ends; ``RingLiveSession/accessUnits`` finishes then, so a loop over it ends.
    ///
    /// <!-- given: client: WHEPClient, device: RingDeviceID, show: @escaping @Sendable ([UInt8]) -> Void -->
    /// ```swift
    /// try await RingLiveClient(client).withSession(device) { session in
    ///     for try await unit in session.accessUnits where unit.track == .video {
    ///         show(unit.bytes)
    ///     }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - device: The camera.
    ///   - options: Optional behaviour.
    ///   - body: The work.
    /// - Returns: What `body` returns.
    /// - Throws: As ``open(_:options:)``; the errors of `body`.
    public func withSession<Value: Sendable>(
        _ device: RingDeviceID, options: RingLiveOptions = RingLiveOptions(),
        body: @Sendable (RingLiveSession) async throws -> Value
    ) async throws -> Value {
        let session = try await self.open(device, options: options)
        do {
            let value = try await body(session)
            await session.close()
            return value
        } catch {
            await session.close(Task.isCancelled ? .cancelled : .failed)
            throw error
        }
    }

    /// Whether the API is a simulator or a test server on this machine.
    private var isOnThisMachine: Bool {
        let host = self.client.api.baseURL.host()?.lowercased() ?? ""
        return host == "localhost" || host == "::1" || host == "[::1]" || host.hasPrefix("127.")
    }
}
