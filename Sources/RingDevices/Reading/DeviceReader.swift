internal import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// What one document's models share while they are read: a list of what could not be read, and of what is unknown.
///
/// The usual document leaves nothing here, and then this costs nothing.
internal struct DeviceReader {
    internal struct Note: Hashable {
        internal var kind: String
        internal var path: String
    }

    internal struct Finding {
        internal var count: Int
        internal var sample: String?
    }

    /// How many different findings one document may report; a hostile one could hold a million.
    private static let noteLimit = 64

    /// How many problems one document may report.
    private static let problemLimit = 1000

    internal private(set) var problems: [JSONAPIProblem] = []
    internal private(set) var notes: [Note: Finding] = [:]

    /// Where the next relationship's resource probably is among the included ones.
    internal var nextIncluded = 0

    /// How many problems the document had before; they were reported when it was fetched.
    private let reported: Int

    /// - Parameter problems: What could not be read of the document itself.
    internal init(problems: [JSONAPIProblem] = []) {
        self.problems = problems
        self.reported = problems.count
    }

    /// A part could not be read and is left out.
    @inline(never) internal mutating func problem(_ value: JSONAPIValue, _ reason: String) {
        // Finding a path searches the document: a hostile one must not make that happen a million times.
        guard self.problems.count < Self.problemLimit else { return }
        self.problems.append(JSONAPIProblem(path: value.path, reason: reason, raw: value))
    }

    /// The same, from a cursor.
    @inline(never) internal mutating func problem(_ value: JSONAPICursor, _ reason: String) {
        self.problem(value.kept, reason)
    }

    /// A member this version has no model for.
    @inline(never) internal mutating func unknownMember(_ value: JSONAPICursor, in path: String) {
        guard !value.isNull else { return }
        let name = RingPlainName.name(value.memberName)
        self.note("unknown_member", "\(path).\(name)", DriftSample.form(of: value.kept))
    }

    /// A word that is not in the vocabulary this version knows.
    @inline(never) internal mutating func unknownValue(_ value: JSONAPICursor, _ path: String) {
        self.note("unknown_value", path, DriftSample.word(value.kept))
    }

    /// A value in another form than documented, understood or not.
    @inline(never) internal mutating func changedForm(_ value: JSONAPICursor, _ path: String) {
        self.note("changed_form", path, DriftSample.form(of: value.kept))
    }

    /// A resource of a type this version has no model for.
    @inline(never) internal mutating func unknownType(_ resource: JSONAPIResource, _ path: String) {
        self.note("unknown_type", path, RingPlainName.name(resource.type))
    }

    private mutating func note(_ kind: String, _ path: String, _ sample: String?) {
        let note = Note(kind: kind, path: path)
        if let finding = self.notes[note] {
            self.notes[note] = Finding(count: finding.count + 1, sample: finding.sample ?? sample)
        } else if self.notes.count < Self.noteLimit {
            self.notes[note] = Finding(count: 1, sample: sample)
        }
    }

    /// Tells an observer: one event for each different finding, however often it came up.
    internal func report(to observer: any RingObserver, during operation: RingOperation) {
        for problem in self.problems.dropFirst(self.reported) {
            observer.observe(
                RingDocumentProblem(
                    operation: operation, kind: "unreadable", path: RingPlainName.pointer(problem.path),
                    sample: problem.reason))
        }
        guard !self.notes.isEmpty else { return }
        for (note, finding) in self.notes.sorted(by: { ($0.key.kind, $0.key.path) < ($1.key.kind, $1.key.path) }) {
            observer.observe(
                RingDocumentProblem(
                    operation: operation, kind: note.kind, path: note.path, sample: finding.sample,
                    count: finding.count))
        }
    }
}

/// Samples of unexpected content without anything personal: forms, and words that look like a vocabulary's.
internal enum DriftSample {
    /// The form of a value: `number`, `string of 12 bytes`, `object with value, unit`.
    internal static func form(of value: JSONAPIValue) -> String {
        switch value.kind {
        case .null: return "null"
        case .bool: return "boolean"
        case .number: return "number"
        case .string: return value.string.map { "string of \($0.utf8.count) bytes" } ?? "undecodable string"
        case .array: return "array of \(value.count)"
        case .object:
            let names = value.members.prefix(8).map { RingPlainName.name($0.name) }
            return names.isEmpty ? "empty object" : "object with \(names.joined(separator: ", "))"
        }
    }

    /// A value that should be a word of a vocabulary: itself when it looks like one, else its form.
    internal static func word(_ value: JSONAPIValue) -> String {
        guard let text = value.string, RingPlainName.isWord(text) else { return self.form(of: value) }
        return text
    }
}
