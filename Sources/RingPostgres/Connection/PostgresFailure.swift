internal import RingCore

/// Why a statement failed.
struct PostgresFailure: Error, Hashable {
    enum Kind: Hashable {
        /// There is no connection: the server was never reached, so nothing was changed.
        case unreachable
        /// The server rejected the connection, so nothing was changed.
        case rejected(sqlState: String)
        /// The connection was lost while statements were under way: they may have taken effect.
        case lost
        /// The server did not respond in time; the connection was given up, and statements may have taken effect.
        case timedOut
        /// The server refused a statement, and undid the transaction.
        case refused(sqlState: String)
        /// The database was closed.
        case closed
        /// The tables cannot be used by this release.
        case schema
    }

    var kind: Kind
    /// What the server or the library said, without passwords.
    var text: String

    /// Whether the same transaction may succeed at once when it is tried again, and certainly had no effect.
    var isTransient: Bool {
        guard case .refused(let state) = self.kind else { return false }
        // serialization_failure, deadlock_detected.
        return state == "40001" || state == "40P01"
    }

    /// Whether another connection may succeed where this one failed: the server stops, starts, or is a standby now.
    var needsOtherConnection: Bool {
        switch self.kind {
        case .lost, .timedOut, .unreachable, .rejected: true
        case .refused(let state): state.hasPrefix("57P") || state == "25006" || state.hasPrefix("08")
        case .closed, .schema: false
        }
    }

    /// Whether waiting does not help: a wrong password, no rights, a database or a user that does not exist.
    var isFinal: Bool {
        switch self.kind {
        case .rejected(let state): ["28", "3D", "42"].contains(state.prefix(2))
        case .schema, .closed: true
        case .unreachable, .lost, .timedOut, .refused: false
        }
    }

    /// Whether every call fails in the same way until a person changes something: a missing function, table or right.
    var isPermanent: Bool {
        guard case .refused(let state) = self.kind else { return self.isFinal }
        return ["22", "28", "3D", "3F", "42"].contains(state.prefix(2))
    }

    private var advice: String {
        switch self.kind {
        case .unreachable: "check that the server runs and accepts connections; nothing was changed"
        case .lost, .timedOut: "the change may have been made or not; it is read again before anything is repeated"
        case .closed: "open it again"
        case .schema: "nothing was changed"
        case .refused(let state), .rejected(let state): Self.advice(state)
        }
    }

    private static func advice(_ state: String) -> String {
        switch state.prefix(2) {
        case "28": "check the user, its password and pg_hba.conf; nothing was changed"
        case "3D": "create the database; nothing was changed"
        case "3F", "42": "check the schema's name and the user's rights; nothing was changed"
        case "53":
            state == "53100"
                ? "free some disk space on the server; nothing was changed"
                : "raise the server's limit or use fewer connections; nothing was changed"
        case "55", "57": "the server is busy, starts or stops; try again; nothing was changed"
        case "25":
            switch state {
            case "25P02":
                "an earlier statement of the transaction failed: let its error end the handler; nothing was changed"
            case "25P03":
                "the handler sent no statement for too long: do slow work before the first one; nothing was changed"
            default: "the server is a standby: name the primary, or all servers of the cluster; nothing was changed"
            }
        default: "nothing was changed"
        }
    }

    /// The same failure as an error of the whole package.
    func asRingError(_ location: String) -> RingError {
        var state = ""
        switch self.kind {
        case .refused(let sqlState), .rejected(let sqlState): state = " (SQLSTATE \(sqlState))"
        case .unreachable, .lost, .timedOut, .closed, .schema: break
        }
        return RingError(code: .storageFailed, message: "\(location): \(self.text)\(state); \(self.advice)")
    }
}
