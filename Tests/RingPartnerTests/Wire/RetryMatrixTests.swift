import Foundation
import RingCurl
import RingPartner
import RingTesting
import Synchronization
import Testing

/// The retry matrix of the fact sheet (14.3), every row against every column, counted at a server on a real socket.
@Suite(.timeLimit(.minutes(3)))
struct RetryMatrixTests {
    /// What the server does to every request of a case.
    enum Fault: CaseIterable {
        /// 401: the access token is refused.
        case unauthorized
        /// 403, which means a bad access token for `users/me` only.
        case forbidden
        /// 429 with a wait of two seconds.
        case limited
        case status500, status502, status503, status504
        /// The request is read, and the connection is closed before a byte of the response.
        case lost
        /// Half of a response's head, then the end.
        case cut
        /// No server listens.
        case notSent
        /// Any other response is final.
        case final400, final404, final422, final501
    }

    struct Row: CustomTestStringConvertible {
        var operation: RingOperation
        var refreshes: Bool
        /// Requests for 429, for each 5xx, for a lost response, and attempts to connect when no server listens.
        var limited: Int
        var failed: Int
        var lost: Int
        var notSent: Int
        var testDescription: String { self.operation.name }
    }

    /// Three attempts where the matrix says yes, two where it says once, one where it says no.
    static let rows = [
        Row(operation: .devices, refreshes: true, limited: 3, failed: 3, lost: 3, notSent: 3),
        Row(operation: .userProfile, refreshes: true, limited: 3, failed: 3, lost: 3, notSent: 3),
        // The media module repeats both steps together.
        Row(operation: .stillRequest, refreshes: true, limited: 3, failed: 1, lost: 1, notSent: 1),
        Row(operation: .clipRequest, refreshes: true, limited: 3, failed: 1, lost: 1, notSent: 1),
        Row(operation: .clipDownload, refreshes: false, limited: 3, failed: 1, lost: 1, notSent: 1),
        Row(operation: .confirmLink, refreshes: true, limited: 3, failed: 3, lost: 3, notSent: 3),
        Row(operation: .updateLink, refreshes: true, limited: 3, failed: 3, lost: 3, notSent: 3),
        Row(operation: .removeLink, refreshes: true, limited: 3, failed: 3, lost: 3, notSent: 3),
        // At most once more and with a new offer, in the live module.
        Row(operation: .startLive, refreshes: true, limited: 3, failed: 1, lost: 1, notSent: 1),
        Row(operation: .updateLive, refreshes: true, limited: 3, failed: 1, lost: 1, notSent: 1),
        Row(operation: .endLive, refreshes: true, limited: 1, failed: 2, lost: 1, notSent: 2),
        Row(operation: .playChime, refreshes: true, limited: 3, failed: 1, lost: 1, notSent: 1),
        Row(operation: .tokenRefresh, refreshes: false, limited: 3, failed: 1, lost: 1, notSent: 3),
        Row(operation: .codeExchange, refreshes: false, limited: 1, failed: 1, lost: 1, notSent: 1),
    ]

    @Test(arguments: Self.rows) func holds(row: Row) async throws {
        for fault in Fault.allCases {
            let stage = try MatrixStage(fault)
            let outcome = await stage.send(row.operation)
            let expected = Self.expected(row, fault)
            #expect(outcome.attempts == expected, "\(row.operation) and \(fault)")
            #expect(outcome.retries == Self.repeats(row, fault, expected), "\(row.operation) and \(fault)")
            #expect(stage.tokens.replaced == (Self.isRefreshed(row, fault) ? 1 : 0), "\(row.operation) and \(fault)")
            let authorizations = row.operation == .endLive || row.refreshes ? outcome.authorizations : []
            if Self.isRefreshed(row, fault) { #expect(authorizations == ["Bearer first", "Bearer second"]) }
            if !row.refreshes {
                #expect(outcome.authorizations.allSatisfy { $0 == nil }, "\(row.operation) carries none")
            }
            stage.stop()
        }
    }

    private static func isRefreshed(_ row: Row, _ fault: Fault) -> Bool {
        row.refreshes && (fault == .unauthorized || (fault == .forbidden && row.operation == .userProfile))
    }

    private static func expected(_ row: Row, _ fault: Fault) -> Int {
        switch fault {
        case .unauthorized, .forbidden: isRefreshed(row, fault) ? 2 : 1
        case .limited: row.limited
        case .status500, .status502, .status503, .status504: row.failed
        case .lost, .cut: row.lost
        case .notSent: row.notSent
        case .final400, .final404, .final422, .final501: 1
        }
    }

    /// Replacing the access token is not a repeat of the retry middleware.
    private static func repeats(_ row: Row, _ fault: Fault, _ attempts: Int) -> Int {
        Self.isRefreshed(row, fault) ? 0 : attempts - 1
    }
}
