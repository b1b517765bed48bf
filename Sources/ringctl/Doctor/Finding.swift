import RingJSONAPI

/// What one check of `doctor` found, and what to do about it.
struct Finding: Sendable {
    enum Status: String, Sendable {
        case ok
        case warning
        case failure
        /// No program can check it, or it was not asked for.
        case unchecked
    }

    /// A stable word: `clock`, `webhook_signed`.
    var check: String
    var status: Status
    var message: String
    /// What to do; `nil` when there is nothing.
    var fix: String?
    /// What the command ends with when this failure is the worst one.
    var exit = ExitStatus.server
    /// Whether the check could not be made in the time of the command.
    var isCut = false

    static func ok(_ check: String, _ message: String) -> Self {
        Self(check: check, status: .ok, message: message)
    }

    static func warning(_ check: String, _ message: String, fix: String) -> Self {
        Self(check: check, status: .warning, message: message, fix: fix)
    }

    static func failure(_ check: String, _ message: String, fix: String, exit: ExitStatus = .server) -> Self {
        Self(check: check, status: .failure, message: message, fix: fix, exit: exit)
    }

    static func unchecked(_ check: String, _ message: String, fix: String? = nil) -> Self {
        Self(check: check, status: .unchecked, message: message, fix: fix)
    }

    /// A check that the time of the command was too short for.
    static func cut(_ check: String, _ message: String) -> Self {
        Self(
            check: check, status: .unchecked, message: message, fix: "run it again with a longer --timeout", isCut: true
        )
    }

    /// Checks that need another one, which failed.
    static func unchecked(_ checks: [String], needing need: String) -> [Self] {
        checks.map { .unchecked($0, "not checked: it needs \(need)", fix: "see \(need) above, and run it again") }
    }

    /// A check that failed with an error.
    ///
    /// - Throws: `CancellationError` when it was the command that ended.
    static func failed(_ check: String, _ error: any Error, fix: String) throws -> Self {
        if error is CancellationError || Task.isCancelled { throw CancellationError() }
        let failure = Failure(error)
        return .failure(check, failure.message, fix: fix, exit: failure.status)
    }

    var json: JSONAPILiteral {
        [
            "check": .string(self.check), "status": .string(self.status.rawValue), "message": .string(self.message),
            "fix": self.fix.map { .string($0) } ?? .null,
        ]
    }

    var lines: [String] {
        let pad = String(repeating: " ", count: max(1, 11 - self.status.rawValue.count))
        let first = "\(self.status.rawValue)\(pad)\(self.check): \(self.message)"
        return [first] + (self.fix.map { ["           fix: \($0)"] } ?? [])
    }
}
