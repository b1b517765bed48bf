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

    /// Whether an id of a response certainly repeats nothing of the request. `false` when that takes a closer look.
    func isClear(_ id: String, of request: RingHTTPRequest) -> Bool {
        guard RingSecretFinder.isPlainID(id), self.secrets(request).isEmpty else { return false }
        guard let authorization = request.headerFields[.authorization] else { return true }
        let credentials = authorization.utf8.drop { $0 != UInt8(ascii: " ") }
        return RingSecretRuns.isShared(id.utf8, with: credentials) == false
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
///
/// Afterwards ``RingSecretRuns`` compares letters and digits only. It finds what is repeated in part, in another letter case,
/// interrupted, or as Base64 or hexadecimal digits. A text that contains such a repeat is replaced as a whole.
struct RingSecretFinder {
    private let patterns: [[UInt8]]
    private let runs: RingSecretRuns
    /// The levels of encoding that are undone. A text with more of them is not quoted.
    private static let maximumLevels = 8

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
        self.runs = RingSecretRuns(self.patterns)
    }

    /// Whether a value of `X-Request-Id` has the form of an id.
    static func isPlainID(_ id: String) -> Bool {
        (1...RingSecretRuns.maximumIDLength).contains(id.utf8.count)
            && id.utf8.allSatisfy { RingSecretRuns.digit($0) != nil || "-_.:=+/@".utf8.contains($0) }
    }

    /// Whether an id shares a run of characters with a secret, or, if requested, with its Base64 or hexadecimal form.
    static func shares(_ id: String, with secrets: [String], encoded: Bool) -> Bool {
        guard !secrets.isEmpty else { return false }
        let bytes = Array(id.utf8)
        if RingSecretRuns([bytes], encoded: false).areShared(with: secrets, encoded: encoded) { return true }
        // A secret that is shorter than a run may be part of a longer id.
        let short = secrets.filter { $0.utf8.count <= 32 }.map { Array($0.utf8) }
        return !short.isEmpty && RingSecretRuns(short, encoded: encoded).occur(in: bytes)
    }

    /// The text with `…` in place of every secret.
    func redacted(_ text: [UInt8]) -> [UInt8] {
        let text = self.withoutExactRepeats(text)
        guard self.repeatsPart(text) else { return text }
        // The strings of a JSON document are judged one by one, so that its error code remains readable.
        var result: [UInt8] = []
        var part: [UInt8] = []
        var isEscaped = false
        func endPart() {
            result += self.repeatsPart(part) ? Array("…".utf8) : part
            part = []
        }
        for byte in text {
            if byte == UInt8(ascii: "\""), !isEscaped {
                endPart()
                result.append(byte)
                continue
            }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            part.append(byte)
        }
        endPart()
        return self.repeatsPart(result) ? Array("…".utf8) : result
    }

    private func repeatsPart(_ text: [UInt8]) -> Bool {
        if self.runs.isEmpty { return false }
        var level = Level(text)
        for _ in 0...Self.maximumLevels {
            if self.runs.occur(in: level.bytes) || self.runs.occur(in: level.decodedQuotedPrintable) { return true }
            let next = level.decoded()
            if next.bytes == level.bytes { return false }
            level = next
        }
        return true
    }

    private func withoutExactRepeats(_ text: [UInt8]) -> [UInt8] {
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
            // Most texts have no escape at all: then nothing is copied.
            guard var index = self.bytes.firstIndex(where: Self.mayBeginEscape) else { return self }
            var next = Level([])
            next.bytes.reserveCapacity(self.bytes.count)
            next.bytes += self.bytes[..<index]
            next.starts = []
            next.starts.reserveCapacity(self.starts.count)
            next.starts += self.starts[..<index]
            while index < self.bytes.count {
                let byte = self.bytes[index]
                guard Self.mayBeginEscape(byte), let (replacement, length) = self.escape(at: index) else {
                    next.bytes.append(byte)
                    next.starts.append(self.starts[index])
                    index += 1
                    continue
                }
                for byte in replacement {
                    next.bytes.append(byte)
                    next.starts.append(self.starts[index])
                }
                index += length
            }
            next.starts.append(self.starts[self.bytes.count])
            return next
        }

        /// The text with `=3D` and line breaks after `=` undone.
        var decodedQuotedPrintable: [UInt8] {
            guard var index = self.bytes.firstIndex(of: UInt8(ascii: "=")) else { return self.bytes }
            var decoded: [UInt8] = []
            decoded.reserveCapacity(self.bytes.count)
            decoded += self.bytes[..<index]
            while index < self.bytes.count {
                if self.bytes[index] == UInt8(ascii: "="), let value = self.hexadecimal(at: index + 1, digits: 2) {
                    decoded.append(UInt8(value))
                    index += 3
                } else {
                    decoded.append(self.bytes[index])
                    index += 1
                }
            }
            return decoded
        }

        private static func mayBeginEscape(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "%"), UInt8(ascii: "+"), UInt8(ascii: "\\"), UInt8(ascii: "&"): true
            default: false
            }
        }

        /// The bytes that an escape stands for, and its length.
        private func escape(at index: Int) -> (bytes: [UInt8], length: Int)? {
            switch self.bytes[index] {
            case UInt8(ascii: "%"):
                if index + 1 < self.bytes.count, self.bytes[index + 1] == UInt8(ascii: "u") {
                    return self.hexadecimal(at: index + 2, digits: 4).flatMap(Self.utf8).map { ($0, 6) }
                }
                return self.hexadecimal(at: index + 1, digits: 2).map { ([UInt8($0)], 3) }
            case UInt8(ascii: "+"): return ([UInt8(ascii: " ")], 1)
            case UInt8(ascii: "\\"):
                guard index + 1 < self.bytes.count else { return nil }
                let next = self.bytes[index + 1]
                if next == UInt8(ascii: "u") { return self.unicode(at: index) }
                if next == UInt8(ascii: "x") {
                    return self.hexadecimal(at: index + 2, digits: 2).flatMap(Self.utf8).map { ($0, 4) }
                }
                if let value = self.octal(at: index + 1) { return ([value], 4) }
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
            let rest = self.bytes[index...].prefix(40)
            guard let end = rest.firstIndex(of: UInt8(ascii: ";")) else { return nil }
            let name = String(decoding: self.bytes[(index + 1)..<end], as: UTF8.self)
            let length = end - index + 1
            if let character = Self.namedReferences[name.lowercased()] { return ([character], length) }
            guard name.hasPrefix("#") else { return nil }
            let digits = name.dropFirst()
            let isHexadecimal = digits.hasPrefix("x") || digits.hasPrefix("X")
            let value = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return value.flatMap(Self.utf8).map { ($0, length) }
        }

        private static let namedReferences: [String: UInt8] = [
            "amp": UInt8(ascii: "&"), "lt": UInt8(ascii: "<"), "gt": UInt8(ascii: ">"), "quot": UInt8(ascii: "\""),
            "apos": UInt8(ascii: "'"), "equals": UInt8(ascii: "="), "plus": UInt8(ascii: "+"), "sol": UInt8(ascii: "/"),
            "bsol": UInt8(ascii: "\\"), "colon": UInt8(ascii: ":"), "semi": UInt8(ascii: ";"),
            "comma": UInt8(ascii: ","),
            "period": UInt8(ascii: "."), "lowbar": UInt8(ascii: "_"), "percnt": UInt8(ascii: "%"),
            "commat": UInt8(ascii: "@"), "num": UInt8(ascii: "#"), "excl": UInt8(ascii: "!"),
            "quest": UInt8(ascii: "?"), "dollar": UInt8(ascii: "$"), "ast": UInt8(ascii: "*"),
            "hyphen": UInt8(ascii: "-"),
        ]

        private static func utf8(_ value: UInt32) -> [UInt8]? {
            Unicode.Scalar(value).map { Array(String(Character($0)).utf8) }
        }

        /// Three octal digits, as in `\075`.
        private func octal(at index: Int) -> UInt8? {
            guard index + 3 <= self.bytes.count else { return nil }
            let digits = self.bytes[index..<(index + 3)]
            guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }) else { return nil }
            return UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
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
