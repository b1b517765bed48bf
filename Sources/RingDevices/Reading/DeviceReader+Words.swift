internal import RingCore
@_spi(RingModels) internal import RingJSONAPI

extension DeviceReader {
    /// A word of an open vocabulary. Any string is accepted; one that this version does not know is noted.
    internal mutating func word<Word: RingOpenString>(
        _ value: JSONAPICursor, _ known: JSONAPINames<Word>, _ path: String
    ) -> Word? {
        if let word = value.name(among: known) { return word }
        guard value.isString else {
            if !value.isNull { self.changedForm(value, path) }
            return nil
        }
        self.unknownValue(value, path)
        return value.string.map { Word(rawValue: $0) }
    }

    /// A list of such words; a single one is taken for a list.
    internal mutating func words<Word: RingOpenString>(
        _ value: JSONAPICursor, _ known: JSONAPINames<Word>, _ path: String
    ) -> [Word] {
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

/// A word of a list that has too few known words for a type of its own.
internal struct DeviceWord: RingOpenString {
    internal let rawValue: String
    internal init(rawValue: String) { self.rawValue = rawValue }
}
