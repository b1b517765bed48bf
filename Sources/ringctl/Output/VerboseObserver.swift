import RingJSONAPI
import RingPartner

/// Logs what happens inside the package to standard error. No event holds a secret.
struct VerboseObserver: RingObserver {
    let output: Output

    func observe(_ event: any RingObservation) {
        let facts = event.attributes.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        self.output.error("ringctl: [\(event.level)] \(event.name) \(facts)")
    }
}

/// Shows only problems that need attention and are not part of an ordinary failure.
struct QuietObserver: RingObserver {
    let output: Output
    let waiting: WaitingLine

    func observe(_ event: any RingObservation) {
        self.waiting.note(event)
        guard let problem = event as? RingDocumentProblem else { return }
        switch problem.kind {
        case "unreadable":
            self.output.remark(
                "ringctl: warning: an element of the response could not be read and is left out (\(problem.path))")
        case "unknown_type" where problem.operation == .subscriptions:
            let what =
                problem.count == 1
                ? "an element of the response is not a subscription and is"
                : "\(problem.count) elements of the response are not subscriptions and are"
            self.output.remark("ringctl: warning: \(what) left out")
        case "errors_beside_data":
            self.output.remark("ringctl: warning: the response has errors beside its data, which may be incomplete")
        case "list_ended_early" where problem.sample == JSONAPIPagesEnd.repeatedLink.description:
            self.output.repeatedLink()
        default: break
        }
    }
}
