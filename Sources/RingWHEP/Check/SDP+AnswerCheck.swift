extension SDP {
    /// Checks this answer against the offer and repairs what is safe to repair.
    ///
    /// Repaired: line ends, byte order mark, missing final line end, sections that were not offered, directions other than
    /// `sendonly`, direction suffixes of header extensions. Everything else that engines reject or hang on is an error
    /// here, before the engine receives the answer.
    ///
    /// - Parameters:
    ///   - offer: The offer that was sent.
    ///   - turnsActpassIntoPassive: Whether `a=setup:actpass` becomes `passive` instead of an error. Off by default:
    ///     the answerer has to choose (RFC 8842 section 5.3), and after a wrong guess both sides wait for each other.
    /// - Returns: The answer, its changes, and the remaining findings.
    /// - Throws: ``SDPCheckError`` when the answer cannot be used.
    public func checked(
        against offer: SDP, turnsActpassIntoPassive: Bool = false
    ) throws(SDPCheckError) -> SDPCheckedAnswer {
        var repairer = SDPAnswerRepairer(answer: self, offer: offer, turnsActpassIntoPassive: turnsActpassIntoPassive)
        let repaired = try repairer.repaired()
        let findings = SDPAnswerCheck(answer: repaired, offer: offer).findings()
        guard findings.errors.isEmpty else { throw SDPCheckError(findings: findings) }
        return SDPCheckedAnswer(repaired, repairs: repairer.repairs, findings: findings)
    }

    /// Checks this answer against the offer and changes nothing.
    ///
    /// - Returns: The repairs that ``checked(against:turnsActpassIntoPassive:)`` makes, as warnings, and its errors.
    package func answerFindings(against offer: SDP) -> [SDPFinding] {
        var repairer = SDPAnswerRepairer(answer: self, offer: offer, turnsActpassIntoPassive: false)
        do throws(SDPCheckError) {
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
