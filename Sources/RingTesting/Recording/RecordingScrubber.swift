internal import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Replaces what is personal or secret in requests and responses, the same value by the same word everywhere.
///
/// What is not known to be harmless is replaced: numbers, times, switches and the words of Ring's vocabulary stay.
struct RecordingScrubber: Sendable {
    /// Whether requests of a replay are read: replaced words stay, and others are marked as unknown.
    let isReplay: Bool
    private var words: [String: String] = [:]
    private var counts: [String: Int] = [:]
    private var numbers: [String: Int64] = [:]
    private var origins: [String: String] = [:]

    init(isReplay: Bool = false) { self.isReplay = isReplay }

    /// Stands for the origin that a request went to.
    static let ownOrigin = "{origin}"

    // MARK: Words

    /// The word for a value.
    mutating func word(for value: String, kind: String) -> String {
        guard !value.isEmpty else { return value }
        if self.isReplay, Self.isWord(value) { return value }
        if let known = self.words[value] { return known }
        let kind = Self.kind(kind)
        if self.isReplay { return "\(kind)-unknown" }
        let count = (self.counts[kind] ?? 0) + 1
        self.counts[kind] = count
        let word = "\(kind)-\(count)"
        self.words[value] = word
        return word
    }

    /// Letters and underscores of a name.
    private static func kind(_ name: String) -> String {
        let letters = name.lowercased().unicodeScalars.filter { ("a"..."z").contains($0) || $0 == "_" }
        return letters.isEmpty ? "value" : String(String.UnicodeScalarView(letters.prefix(30)))
    }

    /// Whether a text has the form of a word of this type: `devices-1`.
    private static func isWord(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
            && parts[0].utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
            && parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private mutating func number(for text: String) -> Int64 {
        if let known = self.numbers[text] { return known }
        let number = Int64(self.numbers.count + 1)
        self.numbers[text] = number
        return number
    }

    // MARK: JSON

    /// A JSON value without what is personal.
    ///
    /// - Parameters:
    ///   - name: The name of the member that it is, or is an element of.
    ///   - type: The `type` of the object that it is a member of.
    ///   - own: The origin of the request.
    mutating func json(_ value: JSONAPIValue, name: String = "", type: String? = nil, own: String) -> JSONAPILiteral {
        switch value.kind {
        case .null, .bool: return .value(value)
        case .number: return self.number(value, name: name)
        case .string: return .string(self.text(value.string ?? "", name: name, type: type, own: own))
        case .array: return .array(value.elements.map { self.json($0, name: name, type: type, own: own) })
        case .object:
            let type = value["type"]?.string
            return .object(
                value.members.map { member, value in
                    let isPlain =
                        member.utf8.count <= 60 && Self.digits(member) < 6 && member.utf8.allSatisfy(Self.isPlain)
                    let safe = isPlain ? member : self.word(for: member, kind: "member")
                    return (safe, self.json(value, name: member, type: type, own: own))
                })
        }
    }

    private mutating func number(_ value: JSONAPIValue, name: String) -> JSONAPILiteral {
        let lower = name.lowercased()
        if RecordingVocabulary.places.contains(where: lower.contains) { return 0 }
        let isID = lower == "id" || lower.hasSuffix("_id") || lower.hasSuffix("token")
        let isPersonal = isID || RecordingVocabulary.personal.contains(where: lower.contains)
        let text = value.numberText ?? ""
        let isLong = value.int64.map { abs($0) >= 10_000_000 && !RecordingVocabulary.isTime($0) } ?? (text.count > 24)
        guard isPersonal || isLong else { return .value(value) }
        return .int(self.isReplay ? value.int64 ?? 0 : self.number(for: text))
    }

    private mutating func text(_ text: String, name: String, type: String?, own: String) -> String {
        if text.hasPrefix("https://") || text.hasPrefix("http://") || text.hasPrefix(Self.ownOrigin) {
            return self.url(text, own: own)
        }
        if text.hasPrefix("/v1/") { return self.reference(text) }
        if RecordingVocabulary.isHarmless(text, name: name) { return text }
        return self.word(for: text, kind: name == "id" ? type ?? name : name)
    }

    // MARK: URLs

    /// An absolute URL, or a reference, without what is personal.
    mutating func url(_ text: String, own: String) -> String {
        guard let scheme = text.firstRange(of: "://") else {
            guard text.hasPrefix(Self.ownOrigin) else { return self.reference(text) }
            return Self.ownOrigin + self.reference(String(text.dropFirst(Self.ownOrigin.count)))
        }
        let rest = text[scheme.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        let origin = text[..<end].lowercased()
        return self.origin(origin, own: own) + self.reference(String(rest[end...]))
    }

    private mutating func origin(_ origin: String, own: String) -> String {
        if origin == own { return Self.ownOrigin }
        if self.isReplay { return origin }
        if let known = self.origins[origin] { return known }
        let name = "https://host-\(self.origins.count + 1).example"
        self.origins[origin] = name
        return name
    }

    /// Path, query and fragment.
    mutating func reference(_ text: String) -> String {
        let target = text.prefix { $0 != "#" }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = self.path(String(parts.first ?? ""))
        return parts.count < 2 ? path : "\(path)?\(self.query(String(parts[1])))"
    }

    /// A path: the names of routes stay.
    mutating func path(_ text: String) -> String {
        var before = "segment"
        return text.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            let plain = RingPercentCoding.decodeStrictly(segment.utf8) ?? String(segment)
            if plain.isEmpty || RecordingVocabulary.routes.contains(plain) {
                before = plain
                return plain
            }
            return self.word(for: plain, kind: before)
        }.joined(separator: "/")
    }

    /// A query or a form.
    mutating func query(_ text: String) -> String {
        text.split(separator: "&", omittingEmptySubsequences: false).map { item in
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = RingPercentCoding.decode(pair[0].utf8, plusIsSpace: true)
            guard pair.count == 2 else { return RingPercentCoding.encode(name) }
            let value = RingPercentCoding.decode(pair[1].utf8, plusIsSpace: true)
            let isSecret = RecordingVocabulary.secretFields.contains(name)
            let isWord =
                RecordingVocabulary.queryNames.contains(name) || RecordingVocabulary.isHarmless(value, name: name)
            let isKept = isWord && !isSecret
            let safe = isKept ? value : self.word(for: value, kind: name)
            return "\(RingPercentCoding.encode(name))=\(RingPercentCoding.encode(safe))"
        }.joined(separator: "&")
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }

    private static func digits(_ text: String) -> Int { text.utf8.count { (0x30...0x39).contains($0) } }
}
