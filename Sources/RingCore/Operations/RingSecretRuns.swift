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
    /// The most characters of an id.
    static let maximumIDLength = 128
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

    /// Whether a secret shares a run with an id of at most ``maximumIDLength`` characters. It needs no memory of its own, because
    /// it is called for every response with an id.
    ///
    /// - Returns: `nil` when one of them is shorter than a run.
    static func isShared(_ id: String.UTF8View, with secret: Substring.UTF8View) -> Bool? {
        unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.maximumIDLength) { runs in
            var count = 0
            // A bit for every run: most runs of a secret have none.
            var marks = SIMD4<UInt64>()
            func mark(_ run: UInt64) -> (index: Int, bit: UInt64) {
                let hash = run &* 0x9E37_79B9_7F4A_7C15
                return (Int(hash >> 62), 1 << (hash >> 56 & 63))
            }
            let idLength = Self.forEachRun(in: id) { run in
                guard count < Self.maximumIDLength else { return }
                unsafe runs.initializeElement(at: count, to: run)
                count += 1
                let (index, bit) = mark(run)
                marks[index] |= bit
            }
            var isShared = false
            let secretLength = Self.forEachRun(in: secret) { run in
                let (index, bit) = mark(run)
                guard marks[index] & bit != 0, !isShared else { return }
                for index in 0..<count where unsafe runs[index] == run { isShared = true }
            }
            return min(idLength, secretLength) < Self.length ? nil : isShared
        }
    }

    /// Calls the function with every run of ``length``. Returns the number of letters and digits.
    private static func forEachRun(in text: some Sequence<UInt8>, _ body: (UInt64) -> Void) -> Int {
        var (number, count): (UInt64, Int) = (0, 0)
        for byte in text {
            guard let digit = Self.digit(byte) else { continue }
            // 36 to the power of 11: the first digit of the run before leaves.
            number = number % 131_621_703_842_267_136 * 36 + UInt64(digit)
            count += 1
            if count >= Self.length { body(number) }
        }
        return count
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
