public import RingCore

/// Opens live sessions on an account's cameras, and sees to it that each of them ends.
///
/// A value: copy it freely. Clients of several accounts share ledger and governor.
public struct WHEPClient: Sendable {
    /// The account's way to the API.
    public let api: RingAPIClient
    /// Limits and times.
    public let configuration: WHEPConfiguration
    /// The stored records of open sessions, and the sessions of this process.
    public let ledger: WHEPSessionLedger
    /// Who decides whether a session may be opened.
    public let governor: WHEPGovernor

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - api: The account's way to the API.
    ///   - configuration: Limits and times.
    ///   - ledger: Shared by all clients of the process; one in memory when `nil`, which a crash empties.
    ///   - governor: Shared by all clients of the process; one of its own when `nil`.
    public init(
        api: RingAPIClient, configuration: WHEPConfiguration = WHEPConfiguration(),
        ledger: WHEPSessionLedger? = nil, governor: WHEPGovernor? = nil
    ) {
        self.api = api
        self.configuration = configuration
        self.ledger = ledger ?? WHEPSessionLedger(storage: RingMemoryStorage(), environment: api.environment)
        self.governor = governor ?? WHEPGovernor(clock: api.environment.clock)
    }

    /// Opens a session with an offer that somebody else's engine made, by one POST.
    ///
    /// Give ``WHEPSession/answer`` to the engine. When it refuses it, close the session.
    ///
    /// - Parameters:
    ///   - device: The camera.
    ///   - offer: The engine's local description, with all candidates.
    ///   - options: What is asked for.
    /// - Returns: The open session. It ends before Ring ends it, and when the last reference goes.
    /// - Throws: `RingError`: `unusableOffer` before anything is sent; `unusableAnswer` after the session was closed
    ///   again; `liveSessionBusy` or `liveBudgetSpent` from the governor; `storageFailed` from the ledger; what the
    ///   status says (`deviceUnavailable`, `rateLimited`, …). `CancellationError` when the task is cancelled; what was
    ///   opened is closed first.
    public func open(
        _ device: RingDeviceID, offer: SDP, options: WHEPSessionOptions = WHEPSessionOptions()
    ) async throws -> WHEPSession {
        try await self.start(device, offer: offer, options: options, overlapping: false, counterAnswer: nil)
    }

    /// Opens a session for an engine: asks it for an offer, negotiates, and hands it the answer.
    ///
    /// The session closes the engine when it ends. On failure the engine is closed before the error is thrown.
    ///
    /// - Throws: As ``open(_:offer:options:)``; what the engine throws, after the session was closed.
    public func open(
        _ device: RingDeviceID, engine: any WHEPEngine, options: WHEPSessionOptions = WHEPSessionOptions()
    ) async throws -> WHEPSession {
        try await self.open(device, engine: engine, options: options, replacing: nil)
    }
}
