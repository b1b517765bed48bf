public import RingCore

/// Opens live sessions on an account's cameras, and closes each of them.
///
/// A value: copy it freely. The clients of several accounts share a ledger and a governor.
public struct WHEPClient: Sendable {
    package let api: RingAPIClient
    package let configuration: WHEPConfiguration
    package let ledger: WHEPSessionLedger
    let governor: WHEPGovernor

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - api: Sends the requests of the account.
    ///   - configuration: Limits and times.
    ///   - ledger: Shared by all clients of the process; `nil` keeps the records in memory, where a crash loses them.
    ///   - governor: Shared by all clients of the process; `nil` creates one for this client.
    public init(
        api: RingAPIClient, configuration: WHEPConfiguration = WHEPConfiguration(),
        ledger: WHEPSessionLedger? = nil, governor: WHEPGovernor? = nil
    ) {
        self.api = api
        self.configuration = configuration
        self.ledger = ledger ?? WHEPSessionLedger(storage: RingMemoryStorage(), environment: api.environment)
        self.governor = governor ?? WHEPGovernor(clock: api.environment.clock)
    }

    /// Opens a session with an offer of an external engine, by one POST.
    ///
    /// Pass ``WHEPSession/answer`` to the engine. When the engine rejects it, close the session.
    ///
    /// - Parameters:
    ///   - device: The camera.
    ///   - offer: The engine's local description, with all candidates.
    ///   - options: Optional behaviour.
    /// - Returns: The open session. It ends before Ring ends it, and when the last reference is released.
    /// - Throws: `RingError`: `unusableOffer` before anything is sent; `unusableAnswer` after the session was
    ///   closed; `liveSessionBusy` or `liveBudgetSpent` from the governor; `storageFailed` from the ledger; the error
    ///   of the status (`deviceUnavailable`, `rateLimited`, …). `CancellationError` when the task is cancelled; an
    ///   opened session is closed first.
    public func open(
        _ device: RingDeviceID, offer: SDP, options: WHEPSessionOptions = WHEPSessionOptions()
    ) async throws -> WHEPSession {
        try await self.start(device, offer: offer, options: options, overlapping: false, counterAnswer: nil)
    }

    /// Opens a session for an engine: gets its offer, negotiates, and passes it the answer.
    ///
    /// The session closes the engine when it ends. On failure the engine is closed before the error is thrown.
    ///
    /// - Throws: As ``open(_:offer:options:)``; the errors of the engine, after the session was closed.
    public func open(
        _ device: RingDeviceID, engine: any WHEPEngine, options: WHEPSessionOptions = WHEPSessionOptions()
    ) async throws -> WHEPSession {
        try await self.open(device, engine: engine, options: options, replacing: nil)
    }
}
