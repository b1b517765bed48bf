/// The words of a command line, sorted into flags and positional arguments.
struct Arguments: Sendable {
    private(set) var positionals: [String] = []
    private var values: [String: [String]] = [:]

    /// Sorts words.
    ///
    /// The word after a flag that takes a value is its value, also when it begins with `-`. `--flag=value` is the same.
    ///
    /// - Throws: `UsageError` for an unknown flag, or a missing or surplus value.
    init(_ words: [String], flags: [Flag]) throws {
        var known: [String: Flag] = [:]
        for flag in flags { known[flag.name] = flag }
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                self.positionals += rest
                break
            }
            guard word.hasPrefix("-"), word != "-" else {
                self.positionals.append(word)
                continue
            }
            if let flag = known[word] {
                guard flag.value != nil else {
                    self.values[word, default: []].append("")
                    continue
                }
                guard let value = rest.popFirst() else { throw UsageError("\(word) needs a value: \(flag.help)") }
                self.values[word, default: []].append(value)
            } else if let equals = word.firstIndex(of: "="), let flag = known[String(word[..<equals])] {
                guard flag.value != nil else { throw UsageError("\(flag.name) takes no value") }
                self.values[flag.name, default: []].append(String(word[word.index(after: equals)...]))
            } else if word.dropFirst().allSatisfy(\.isNumber) {
                self.positionals.append(word)
            } else {
                let name = String(word.prefix { $0 != "=" })
                let near = Suggestion.nearest(to: name, in: flags.map(\.name)).map { "; did you mean \($0)?" } ?? ""
                throw UsageError("unknown flag \(name)\(near)")
            }
        }
    }

    /// Whether a flag without a value was given.
    func has(_ flag: String) -> Bool { self.values[flag] != nil }

    /// The value of a flag; the last one when it was given twice.
    subscript(flag: String) -> String? { self.values[flag]?.last }

    /// Every value of a flag that may be repeated, in order.
    func all(_ flag: String) -> [String] { self.values[flag] ?? [] }

    /// The value of a flag that must be there.
    ///
    /// - Throws: `UsageError` when it is missing.
    func required(_ flag: String) throws -> String {
        guard let value = self[flag] else { throw UsageError("\(flag) is needed") }
        return value
    }

    /// A positional argument that must be there.
    ///
    /// - Throws: `UsageError` when it is missing or empty.
    func positional(_ index: Int, _ name: String) throws -> String {
        guard index < self.positionals.count, !self.positionals[index].isEmpty else {
            throw UsageError("\(name) is needed")
        }
        return self.positionals[index]
    }

    /// A flag's whole number.
    ///
    /// - Throws: `UsageError` when it is none, or out of range.
    func integer(_ flag: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = self[flag] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError("\(flag) takes a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A flag's list of words, separated by commas.
    func list(_ flag: String) -> [String] {
        self[flag]?.split(separator: ",").map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty } ?? []
    }
}
