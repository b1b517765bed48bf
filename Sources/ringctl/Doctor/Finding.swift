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
    /// What the command ends with when this failure is the first one.
    var exit = ExitStatus.server

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

    /// A check that could not be made.
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

/// Prints findings as they come, and says at the end how bad it is.
struct DoctorReport {
    private let output: Output
    private var failures: [Finding] = []
    private var counts: [Finding.Status: Int] = [:]

    init(_ output: Output) { self.output = output }

    /// Makes one group of checks and prints what it found.
    mutating func add(_ what: String, _ check: () async throws -> [Finding]) async throws {
        self.output.progress("checking \(what) …")
        let findings = try await check()
        self.output.endProgress()
        for finding in findings {
            try self.output.result(finding.json, lines: finding.lines)
            self.counts[finding.status, default: 0] += 1
            if finding.status == .failure { self.failures.append(finding) }
        }
    }

    /// - Throws: `CommandFailure` with the status of the first failure. Groups are in the order of causes and effects.
    func finish() throws {
        guard let first = self.failures.first else {
            let warnings = self.counts[.warning] ?? 0
            return self.output.remark("nothing is broken" + (warnings > 0 ? "; \(warnings) warnings" : ""))
        }
        throw CommandFailure(
            first.exit, code: first.check, "\(self.failures.count) checks failed, the first is \(first.check)")
    }
}
