internal import RingJSONAPI

extension JSONAPIValue {
    /// The members of an object by their names.
    func members<Member: RawRepresentable<String> & CaseIterable>(
        as type: Member.Type
    ) throws(RingSimulatorError) -> [(Member, JSONAPIValue)] {
        guard self.kind == .object else { throw .invalid(self, "an object is needed") }
        var members: [(Member, JSONAPIValue)] = []
        for (name, value) in self.members {
            guard let member = Member(rawValue: name) else {
                throw .unknownMember(name, value, Member.allCases.map(\.rawValue))
            }
            members.append((member, value))
        }
        return members
    }

    func list<Element>(
        _ element: (JSONAPIValue) throws(RingSimulatorError) -> Element
    ) throws(RingSimulatorError) -> [Element] {
        guard self.kind == .array else { throw .invalid(self, "an array is needed") }
        var list: [Element] = []
        for value in self.elements { list.append(try element(value)) }
        return list
    }

    func word<Word: RawRepresentable<String> & CaseIterable>() throws(RingSimulatorError) -> Word {
        let text = try self.needed(self.string, "a string")
        guard let word = Word(rawValue: text) else { throw .unknownWord(text, self, Word.allCases.map(\.rawValue)) }
        return word
    }

    func needed<Value>(_ value: Value?, _ kind: String) throws(RingSimulatorError) -> Value {
        guard let value else { throw .invalid(self, "\(kind) is needed") }
        return value
    }

    /// An integer that is not negative, and small enough to count seconds or milliseconds with.
    func neededCount(upTo maximum: Int = 1_000_000_000) throws(RingSimulatorError) -> Int {
        guard let number = self.int64, number >= 0, number <= Int64(maximum) else {
            throw .invalid(self, "an integer from 0 to \(maximum) is needed")
        }
        return Int(clamping: number)
    }
}

extension RingSimulatorError {
    static func invalid(_ value: JSONAPIValue, _ problem: String) -> Self {
        let path = value.path.isEmpty ? "/" : value.path
        return Self(message: "\(path.utf8.count > 1000 ? "\(path.prefix(1000))…" : path): \(problem)")
    }

    static func unknownMember(_ name: String, _ value: JSONAPIValue, _ known: [String]) -> Self {
        let suggestion = Self.nearest(to: name, in: known).map { "; did you mean \($0)" } ?? ""
        return .invalid(value, "unknown member\(suggestion)")
    }

    static func unknownWord(_ word: String, _ value: JSONAPIValue, _ known: [String]) -> Self {
        .invalid(value, "unknown value \(word); use \(known.joined(separator: ", "))")
    }

    /// The known name that differs by at most three edits, and by less than half of its letters.
    static func nearest(to name: String, in known: [String]) -> String? {
        // The letters are compared with those of each known name, so that a name that somebody sends must not be of any length.
        guard name.utf8.count <= 200 else { return nil }
        let candidates = known.map { (name: $0, edits: Self.edits(Array(name.utf8), Array($0.utf8))) }
        guard let best = candidates.min(by: { $0.edits < $1.edits }) else { return nil }
        return best.edits <= min(3, best.name.utf8.count / 2) ? best.name : nil
    }

    /// How many letters to insert, delete or replace (Levenshtein distance).
    private static func edits(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (line, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, other) in right.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[right.count]
    }
}
