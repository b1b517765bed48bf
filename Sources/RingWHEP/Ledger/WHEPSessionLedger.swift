#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Where sessions that may be open are noted, so that a crash leaves none behind.
///
/// An engine makes each change durable before it returns. Every engine passes `WHEPSessionLedgerConformance` of
/// `RingTesting`.
public protocol WHEPSessionLedger: Sendable {
    /// Notes a session before it is asked for. A record of the same id is replaced.
    ///
    /// - Throws: `RingError` with `storageFailed`; then no session is asked for.
    func insert(_ record: WHEPSessionRecord) async throws

    /// Notes where a session can be closed, as soon as the server has said so. An unknown id changes nothing.
    ///
    /// - Throws: `RingError` with `storageFailed`; then the session is closed at once.
    func update(_ id: WHEPSessionRecord.ID, sessionURL: URL, mayRunUntil: Date) async throws

    /// Forgets a session that has ended. An unknown id changes nothing.
    ///
    /// - Throws: `RingError` with `storageFailed`.
    func remove(_ id: WHEPSessionRecord.ID) async throws

    /// Every record, oldest first.
    ///
    /// - Throws: `RingError` with `storageFailed`.
    func records() async throws -> [WHEPSessionRecord]
}
