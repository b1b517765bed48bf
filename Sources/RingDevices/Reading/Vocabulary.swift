internal import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// The words of an open string that this version knows, found on the wire without making a string.
internal struct Vocabulary<Word: RingOpenString>: Sendable {
    internal let names: JSONAPINames
    internal let words: [Word]

    internal init(_ words: [Word]) {
        self.names = JSONAPINames(words.map(\.rawValue))
        self.words = words
    }
}

extension DeviceReader {
    /// A word of an open vocabulary; any string will do, a new one is noted.
    internal mutating func word<Word>(_ value: JSONAPICursor, _ known: Vocabulary<Word>, _ path: String) -> Word? {
        guard let position = value.position(among: known.names) else {
            if !value.isNull { self.changedForm(value, path) }
            return nil
        }
        if position >= 0 { return known.words[position] }
        self.unknownValue(value, path)
        return value.string.map { Word(rawValue: $0) }
    }

    /// A list of such words; a single one is taken for a list.
    internal mutating func words<Word>(_ value: JSONAPICursor, _ known: Vocabulary<Word>, _ path: String) -> [Word] {
        guard value.isArray else {
            if value.isNull { return [] }
            self.changedForm(value, path)
            return self.word(value, known, path).map { [$0] } ?? []
        }
        var words: [Word] = []
        words.reserveCapacity(value.elementCount)
        value.forEachElement { element in
            if let word = self.word(element, known, path) { words.append(word) }
            return true
        }
        return words
    }
}
