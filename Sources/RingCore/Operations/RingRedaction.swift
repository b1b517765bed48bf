#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What an error response may repeat of its request. Secrets are replaced by `…` before anything reads the response.
package struct RingRedaction: Sendable {
    /// The secrets of a request beside its access token.
    package let secrets: @Sendable (RingHTTPRequest) -> [String]
    /// Whether messages may quote text of the response.
    package let quotesResponses: Bool

    package init(
        quotesResponses: Bool = true, secrets: @escaping @Sendable (RingHTTPRequest) -> [String] = { _ in [] }
    ) {
        self.secrets = secrets
        self.quotesResponses = quotesResponses
    }

    /// The access token is replaced; other text of the response may be quoted.
    package static let credentials = RingRedaction()

    /// The values of a form body are replaced, except `grant_type` and `client_id`; no text of the response is quoted.
    package static let form = RingRedaction(quotesResponses: false) { request in
        RingHTTPForm(parsing: request.body.bytes ?? []).items
            .filter { $0.name != "grant_type" && $0.name != "client_id" }.map(\.value)
    }

    /// The query and its longer values are replaced; no text of the response is quoted. For pre-signed URLs.
    package static let query = RingRedaction(quotesResponses: false) { request in
        let query = request.url.query(percentEncoded: true) ?? ""
        guard !query.isEmpty else { return [] }
        return [query] + RingHTTPForm(parsing: query.utf8).items.map(\.value).filter { $0.utf8.count >= 12 }
    }

    /// Everything of a request that no text may show. Short values are left out: they would hide common words.
    func allSecrets(of request: RingHTTPRequest) -> [String] {
        let authorization = request.headerFields[.authorization] ?? ""
        let credentials = authorization.split(separator: " ").dropFirst().map(String.init)
        return (credentials + self.secrets(request)).filter { $0.utf8.count >= 4 }
    }
}

/// Finds repeats of secrets in a text, however they are escaped, and replaces them.
///
/// The text is decoded level by level: percent-encoding in either case, escapes of JSON, HTML references for characters, `+`
/// for a space. Every byte keeps the range of the original text that it comes from, so that a repeat that is only partly
/// encoded, or encoded twice, is replaced in the original.
struct RingSecretFinder {
    private let patterns: [[UInt8]]
    /// The levels of encoding that are undone.
    private static let maximumLevels = 4

    init(_ secrets: [String]) {
        var patterns: Set<[UInt8]> = []
        for secret in secrets {
            var bytes = Array(secret.utf8)
            for _ in 0...Self.maximumLevels {
                patterns.insert(bytes)
                let next = Level(bytes).decoded().bytes
                if next == bytes { break }
                bytes = next
            }
        }
        self.patterns = patterns.filter { !$0.isEmpty }.sorted { $0.count > $1.count }
    }

    /// The text with `…` in place of every secret.
    func redacted(_ text: [UInt8]) -> [UInt8] {
        var isSecret = [Bool](repeating: false, count: text.count)
        var found = false
        var level = Level(text)
        for _ in 0...Self.maximumLevels {
            for pattern in self.patterns {
                for range in level.ranges(of: pattern) {
                    found = true
                    for index in range { isSecret[index] = true }
                }
            }
            let next = level.decoded()
            if next.bytes == level.bytes { break }
            level = next
        }
        guard found else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        for index in text.indices {
            if !isSecret[index] {
                result.append(text[index])
            } else if index == 0 || !isSecret[index - 1] {
                result.append(contentsOf: "…".utf8)
            }
        }
        return result
    }

    /// A text at one level of decoding.
    private struct Level {
        var bytes: [UInt8]
        /// For every byte, where it begins in the original text; one more element for the end.
        var starts: [Int]

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            self.starts = Array(0...bytes.count)
        }

        func ranges(of pattern: [UInt8]) -> [Range<Int>] {
            guard let first = pattern.first, pattern.count <= self.bytes.count else { return [] }
            var ranges: [Range<Int>] = []
            var index = 0
            while index + pattern.count <= self.bytes.count {
                if self.bytes[index] == first, self.bytes[index..<(index + pattern.count)].elementsEqual(pattern) {
                    ranges.append(self.starts[index]..<self.starts[index + pattern.count])
                    index += pattern.count
                } else {
                    index += 1
                }
            }
            return ranges
        }

        /// The text with one level of escapes undone.
        func decoded() -> Level {
            var next = Level([])
            next.bytes.reserveCapacity(self.bytes.count)
            next.starts = []
            next.starts.reserveCapacity(self.starts.count)
            var index = 0
            while index < self.bytes.count {
                let (replacement, length) = self.escape(at: index) ?? ([self.bytes[index]], 1)
                for byte in replacement {
                    next.bytes.append(byte)
                    next.starts.append(self.starts[index])
                }
                index += length
            }
            next.starts.append(self.starts[self.bytes.count])
            return next
        }

        /// The bytes that an escape stands for, and its length.
        private func escape(at index: Int) -> (bytes: [UInt8], length: Int)? {
            switch self.bytes[index] {
            case UInt8(ascii: "%"):
                return self.hexadecimal(at: index + 1, digits: 2).map { ([UInt8($0)], 3) }
            case UInt8(ascii: "+"): return ([UInt8(ascii: " ")], 1)
            case UInt8(ascii: "\\"):
                guard index + 1 < self.bytes.count else { return nil }
                let next = self.bytes[index + 1]
                if next == UInt8(ascii: "u") { return self.unicode(at: index) }
                let isEscaped = next == UInt8(ascii: "/") || next == UInt8(ascii: "\\") || next == UInt8(ascii: "\"")
                return isEscaped ? ([next], 2) : nil
            case UInt8(ascii: "&"): return self.reference(at: index)
            default: return nil
            }
        }

        /// `\u003d`, and pairs of surrogates.
        private func unicode(at index: Int) -> (bytes: [UInt8], length: Int)? {
            guard let first = self.hexadecimal(at: index + 2, digits: 4) else { return nil }
            if let scalar = Unicode.Scalar(first) { return (Array(String(Character(scalar)).utf8), 6) }
            guard first & 0xFC00 == 0xD800, index + 7 < self.bytes.count, self.bytes[index + 6] == UInt8(ascii: "\\"),
                self.bytes[index + 7] == UInt8(ascii: "u"), let second = self.hexadecimal(at: index + 8, digits: 4),
                second & 0xFC00 == 0xDC00,
                let scalar = Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF))
            else { return nil }
            return (Array(String(Character(scalar)).utf8), 12)
        }

        /// `&amp;`, `&#61;` and `&#x3d;`.
        private func reference(at index: Int) -> (bytes: [UInt8], length: Int)? {
            let rest = self.bytes[index...].prefix(10)
            guard let end = rest.firstIndex(of: UInt8(ascii: ";")) else { return nil }
            let name = String(decoding: self.bytes[(index + 1)..<end], as: UTF8.self)
            let length = end - index + 1
            switch name {
            case "amp": return ([UInt8(ascii: "&")], length)
            case "lt": return ([UInt8(ascii: "<")], length)
            case "gt": return ([UInt8(ascii: ">")], length)
            case "quot": return ([UInt8(ascii: "\"")], length)
            default: break
            }
            guard name.hasPrefix("#") else { return nil }
            let digits = name.dropFirst()
            let isHexadecimal = digits.hasPrefix("x") || digits.hasPrefix("X")
            let value = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            guard let scalar = value.flatMap(Unicode.Scalar.init) else { return nil }
            return (Array(String(Character(scalar)).utf8), length)
        }

        private func hexadecimal(at index: Int, digits: Int) -> UInt32? {
            guard index + digits <= self.bytes.count else { return nil }
            var value: UInt32 = 0
            for byte in self.bytes[index..<(index + digits)] {
                guard let digit = RingPercentCoding.digit(byte) else { return nil }
                value = value << 4 | UInt32(digit)
            }
            return value
        }
    }
}
