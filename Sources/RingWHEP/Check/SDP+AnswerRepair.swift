extension SDP {
    /// Checks this answer against the offer and puts right what can safely be put right.
    ///
    /// Repaired: line ends, byte order mark, missing final line end, sections that were not offered, directions that do
    /// not say `sendonly`, direction suffixes of header extensions. Everything else that engines refuse, or hang on, is
    /// an error here, before the engine sees it.
    ///
    /// - Parameters:
    ///   - offer: The offer that was sent.
    ///   - policy: What may be done beyond the safe repairs.
    /// - Returns: The answer, what was changed, and what remains worth knowing.
    /// - Throws: ``SDPAnswerError`` when the answer cannot be used.
    public func checked(
        against offer: SDP, policy: SDPAnswerPolicy = SDPAnswerPolicy()
    ) throws(SDPAnswerError) -> SDPCheckedAnswer {
        var repairer = SDPAnswerRepairer(answer: self, offer: offer, policy: policy)
        let repaired = try repairer.repaired()
        let findings = SDPAnswerCheck(answer: repaired, offer: offer).findings()
        guard findings.errors.isEmpty else { throw SDPAnswerError(findings: findings) }
        return SDPCheckedAnswer(answer: repaired, repairs: repairer.repairs, findings: findings)
    }

    /// Checks this answer against the offer and changes nothing.
    ///
    /// - Returns: What ``checked(against:policy:)`` would repair, as warnings, and what it would refuse, as errors.
    public func answerFindings(against offer: SDP) -> [SDPFinding] {
        var repairer = SDPAnswerRepairer(answer: self, offer: offer, policy: SDPAnswerPolicy())
        do throws(SDPAnswerError) {
            let repaired = try repairer.repaired()
            let repairs = repairer.repairs.map {
                SDPFinding(
                    severity: .warning, code: $0.kind.findingCode, line: $0.line, message: $0.message,
                    fix: "repaired by checked(against:)")
            }
            return repairs + SDPAnswerCheck(answer: repaired, offer: offer).findings()
        } catch {
            return error.findings
        }
    }
}

extension SDPRepair.Kind {
    fileprivate var findingCode: SDPFinding.Code {
        switch self {
        case .surplusSection: .sectionCount
        case .direction: .direction
        case .extensionMapping: .extensionMapping
        case .setup: .setup
        case .bundle: .bundle
        default: .lineEnds
        }
    }
}
