public import RingCore
internal import Synchronization

/// Counts what responses contain and this version does not know: members, types, values and changed forms.
///
/// An observer: use it as the environment's observer, or forward from it to another. It keeps a count and one redacted
/// sample for each finding, nothing personal, and a limited number of findings.
public final class RingDriftRadar: RingObserver {
    /// One kind of unknown content.
    public struct Finding: Hashable, Sendable, CustomStringConvertible {
        /// `unreadable`, `repeated_member`, `unknown_member`, `unknown_type`, `unknown_value`, `changed_form` or
        /// `list_ended_early`.
        public var kind: String
        /// Where: a dotted name, `device-status.radio_quality`, or a JSON pointer for unreadable parts.
        public var path: String
        /// A sample of it: a form, or a word that looks like a vocabulary's.
        public var sample: String?
        /// How often it came up.
        public var count: Int

        package init(kind: String, path: String, sample: String? = nil, count: Int = 1) {
            self.kind = kind
            self.path = path
            self.sample = sample
            self.count = count
        }

        /// Kind, path, sample and count on one line.
        public var description: String {
            "\(self.kind) \(self.path)\(self.sample.map { " (\($0))" } ?? "") ×\(self.count)"
        }
    }

    private struct Key: Hashable {
        var kind: String
        var path: String
    }

    private struct State {
        var findings: [Key: Finding] = [:]
        var dropped = 0
    }

    private let limit: Int
    private let next: (any RingObserver)?
    private let state = Mutex(State())

    /// Creates a radar without findings.
    ///
    /// - Parameters:
    ///   - limit: How many different findings to keep.
    ///   - next: An observer that gets every event as well.
    public init(limit: Int = 1000, forwardingTo next: (any RingObserver)? = nil) {
        self.limit = max(limit, 1)
        self.next = next
    }

    /// Counts the event if it is a `RingDocumentProblem`, and passes every event on.
    public func observe(_ event: any RingObservation) {
        if let problem = event as? RingDocumentProblem { self.count(problem) }
        self.next?.observe(event)
    }

    /// All findings so far, the most frequent first.
    public var findings: [Finding] {
        self.state.withLock { Array($0.findings.values) }.sorted {
            ($1.count, $0.kind, $0.path) < ($0.count, $1.kind, $1.path)
        }
    }

    /// How many events did not fit under the limit.
    package var droppedCount: Int { self.state.withLock { $0.dropped } }

    private func count(_ problem: RingDocumentProblem) {
        // The position in a list does not matter: /data/17/id and /data/18/id are one finding.
        let path = problem.path.split(separator: "/", omittingEmptySubsequences: false).map { part in
            !part.isEmpty && part.utf8.allSatisfy { $0 &- 0x30 < 10 } ? "*" : part
        }.joined(separator: "/")
        let key = Key(kind: problem.kind, path: path)
        self.state.withLock { state in
            if var finding = state.findings[key] {
                finding.count &+= problem.count
                finding.sample = finding.sample ?? problem.sample
                state.findings[key] = finding
            } else if state.findings.count < self.limit {
                state.findings[key] = Finding(
                    kind: problem.kind, path: path, sample: problem.sample, count: problem.count)
            } else {
                state.dropped &+= 1
            }
        }
    }
}
