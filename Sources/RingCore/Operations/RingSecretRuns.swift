#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The runs of letters and digits that identify secrets, whatever stands between them and in whichever letter case.
///
/// A run has twelve characters, which is enough to tell a secret from other text. A shorter secret counts as a whole, from eight
/// characters on. Names and values of a query are separate secrets here: the names are no secrets, but too long to be left
/// alone when they are part of a run.
struct RingSecretRuns {
    private static let length = 12
    private static let minimumLength = 8
    /// Every run as a number of base 36.
    private var runs: Set<UInt64> = []
    /// Secrets of fewer characters than a run, as numbers, by their length.
    private var shortSecrets: [Int: Set<UInt64>] = [:]

    var isEmpty: Bool { self.runs.isEmpty && self.shortSecrets.isEmpty }

    /// Collects the runs of secrets.
    ///
    /// - Parameter encoded: Whether to collect those of their Base64 and hexadecimal forms, too.
    init(_ secrets: [[UInt8]], encoded: Bool = true) {
        for secret in secrets {
            if secret.contains(UInt8(ascii: "&")) {
                for part in secret.split(whereSeparator: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "=") }) {
                    self.insert(part)
                }
            } else {
                self.insert(secret)
            }
            guard encoded, secret.count >= Self.minimumLength else { continue }
            Self.forms(of: secret) { self.insert($0) }
        }
    }

    private mutating func insert(_ text: some Sequence<UInt8>) {
        let digits = text.compactMap(Self.digit)
        guard digits.count >= Self.minimumLength else { return }
        let length = min(digits.count, Self.length)
        Self.forEachRun(of: length, in: digits) {
            if length == Self.length {
                self.runs.insert($0)
            } else {
                self.shortSecrets[length, default: []].insert($0)
            }
            return true
        }
    }

    /// Whether a text contains a run.
    func occur(in text: [UInt8]) -> Bool {
        let digits = text.compactMap(Self.digit)
        if !Self.forEachRun(of: Self.length, in: digits, { !self.runs.contains($0) }) { return true }
        return self.shortSecrets.contains { length, secrets in
            !Self.forEachRun(of: length, in: digits) { !secrets.contains($0) }
        }
    }

    /// Whether one of these runs is part of a secret.
    ///
    /// - Parameter encoded: Whether to look into the Base64 and hexadecimal forms of the secrets, too.
    func areShared(with secrets: [String], encoded: Bool) -> Bool {
        if self.isEmpty { return false }
        return secrets.contains { secret in
            let bytes = Array(secret.utf8)
            if self.occur(in: bytes) { return true }
            guard encoded else { return false }
            var isShared = false
            Self.forms(of: bytes) { isShared = isShared || self.occur(in: $0) }
            return isShared
        }
    }

    /// The value of a letter or digit, without regard to case.
    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Calls the function with the number of every run, until it returns `false`.
    @discardableResult
    private static func forEachRun(of length: Int, in digits: [UInt8], _ body: (UInt64) -> Bool) -> Bool {
        var limit: UInt64 = 1
        for _ in 1..<length { limit *= 36 }
        var number: UInt64 = 0
        for (index, digit) in digits.enumerated() {
            number = number % limit * 36 + UInt64(digit)
            if index + 1 >= length, !body(number) { return false }
        }
        return true
    }

    /// The hexadecimal form, and Base64 at each of the three positions that the secret can have in a longer encoded text.
    private static func forms(of secret: [UInt8], _ body: ([UInt8]) -> Void) {
        let digits = Array("0123456789abcdef".utf8)
        body(secret.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
        for offset in 0..<3 {
            let text = Data([UInt8](repeating: 0, count: offset) + secret).base64EncodedString().utf8
            // The first characters also hold the bytes before the secret.
            body(Array(text.dropFirst(offset == 0 ? 0 : 4)))
        }
    }
}
