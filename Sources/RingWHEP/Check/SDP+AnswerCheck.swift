extension SDP {
    /// Checks this answer against the offer and repairs what is safe to repair.
    ///
    /// It repairs:
    ///
    /// - line ends, blanks, a byte order mark, empty lines, unreadable candidates
    /// - missing `o=`, `s=`, `t=` and `c=` lines
    /// - sections that were not offered or are missing, their order, rejected sections without a format
    /// - lines that browsers cannot read, such as parameters of formats that the section does not have
    /// - names in a bundle that may not be there, or are in another order than offered
    /// - directions other than `sendonly`, direction suffixes of header extensions, and those with the number of another
    ///
    /// Everything else that every engine rejects or hangs on is an error here, before the engine receives the answer. What
    /// some engines reject is a warning.
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
}
