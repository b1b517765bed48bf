import RingCore

/// Some checks of `doctor` that are made one after the other.
struct DoctorPart: Sendable {
    /// What is checked, for the line of progress.
    var name: String
    /// How much of the command's time it may take, compared with the other parts; zero without the network and the store.
    var share = 1
    /// The checks that it needs: when one of them fails, this part says nothing about its own subject.
    var needs: [String] = []
    /// The checks that are unchecked then.
    var checks: [String] = []
    var run: @Sendable (Probe) async throws -> [Finding]
}

/// Makes checks, prints findings as they come, and says at the end how bad it is.
struct DoctorReport {
    private let context: CommandContext
    private var failures: [Finding] = []
    private var counts: [Finding.Status: Int] = [:]
    /// The checks that failed, or that the time was too short for.
    private var unusable: Set<String> = []
    private var cut: [String] = []

    init(_ context: CommandContext) { self.context = context }

    /// Makes the checks of all parts. Each part gets its share of the time that is left, so one that hangs leaves the others
    /// theirs.
    mutating func make(_ parts: [DoctorPart]) async throws {
        for (index, part) in parts.enumerated() {
            self.context.output.progress("checking \(part.name) …")
            let findings: [Finding]
            if let need = part.needs.first(where: self.unusable.contains) {
                findings = Finding.unchecked(part.checks, needing: need)
            } else {
                let total = parts[index...].map(\.share).reduce(0, +)
                var context = self.context.limited(to: part.share, of: max(total, 1))
                context.mayRefreshTokens = !self.unusable.contains("oauth")
                findings = try await part.run(Probe(context))
            }
            self.context.output.endProgress()
            try findings.forEach { try self.add($0) }
        }
    }

    private mutating func add(_ finding: Finding) throws {
        try self.context.output.result(finding.json, lines: finding.lines)
        self.counts[finding.status, default: 0] += 1
        if finding.status == .failure || finding.isCut { self.unusable.insert(finding.check) }
        if finding.status == .failure { self.failures.append(finding) }
        if finding.isCut { self.cut.append(finding.check) }
    }

    /// - Throws: `CommandFailure` with the status of the worst failure, the first of them when several are as bad; with that of a
    ///   timeout when there is none, and not every check could be made.
    func finish() throws {
        if let first = self.failures.first, let most = self.failures.map(\.exit.gravity).max(),
            let worst = self.failures.first(where: { $0.exit.gravity == most })
        {
            // Parts are in the order of causes and effects, so the first is the one to mend first.
            let which = worst.check == first.check ? "the first" : "the first is \(first.check), the worst"
            throw CommandFailure(
                worst.exit, code: worst.check, "\(self.failures.count) checks failed, \(which) is \(worst.check)")
        }
        guard self.cut.isEmpty else {
            throw CommandFailure(
                .network, code: "deadline_exceeded",
                "nothing is broken as far as the time sufficed, which was too short for \(self.cut.joined(separator: ", "))"
            )
        }
        let warnings = self.counts[.warning] ?? 0
        self.context.output.remark("nothing is broken" + (warnings > 0 ? "; \(warnings) warnings" : ""))
    }
}

extension ExitStatus {
    /// How bad a failure with this status is, compared with others: what does not pass before somebody acts is worse than what
    /// may pass by itself.
    fileprivate var gravity: Int {
        switch self {
        case .done: 0
        case .rateLimited: 1
        case .network: 2
        case .server: 3
        case .mediaNotAvailable, .notFound: 4
        case .verificationFailed, .usage: 5
        case .notAuthorised: 6
        }
    }
}
