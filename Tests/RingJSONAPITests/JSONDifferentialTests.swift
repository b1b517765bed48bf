import Foundation
import RingJSONAPI
import RingTesting
import Testing

/// The reader against Foundation's, on random texts and on mutations of them. A fixed seed and number in every run; by
/// hand `RING_FUZZ_SECONDS=600 swift test --filter JSONDifferentialTests` goes on from there.
@Suite struct JSONDifferentialTests {
    /// Calls the body with seeds: 500 of them, and more until the time is over.
    private func forEachSeed(_ body: (UInt64) throws -> Void) rethrows {
        let seconds = ProcessInfo.processInfo.environment["RING_FUZZ_SECONDS"].flatMap { Double($0) } ?? 0
        let end = Date(timeIntervalSinceNow: seconds)
        var seed: UInt64 = 1
        while seed <= 500 || Date() < end {
            try body(seed)
            seed += 1
        }
    }

    @Test func readsWhatFoundationReads() throws {
        try self.forEachSeed { seed in
            var generator = JSONGenerator(seed: seed)
            let text = generator.text()
            let value = try JSONAPIValue(parsing: text)
            let expected = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            #expect(Self.isSame(value, expected), "seed \(seed)")
            #expect(value.duplicateNames.isEmpty, "seed \(seed)")
            try Self.checkItself(value, seed)
        }
    }

    @Test func refusesWhatFoundationRefuses() throws {
        var verdicts = [0, 0]
        try self.forEachSeed { seed in
            var generator = JSONGenerator(seed: seed)
            let original = Array(generator.text().utf8)
            for _ in 0..<4 {
                let bytes = generator.mutate(original)
                let value = try? JSONAPIValue(parsing: bytes)
                verdicts[value == nil ? 0 : 1] += 1
                if let value { try Self.checkItself(value, seed) }
                guard !Self.isOutsideComparison(bytes) else { continue }
                let expected = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
                // Foundation refuses the whole text for one string that cannot be decoded.
                let isDecodable = value.map {
                    JSONAPIDocument($0).problems.allSatisfy { !$0.reason.contains("decoded") }
                }
                #expect(
                    (isDecodable ?? false) == (expected != nil),
                    "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
            }
        }
        // The mutations hit both sides often enough to mean something.
        #expect(verdicts[0] > 500 && verdicts[1] > 200)
    }

    /// Foundation guesses UTF-16 and UTF-32 from zero bytes and marks at the start, and refuses numbers beyond `Double`.
    private static func isOutsideComparison(_ bytes: [UInt8]) -> Bool {
        bytes.prefix(4).contains { $0 == 0 || $0 >= 0xef }
            || (try? JSONAPIValue(parsing: bytes)).map(self.hasHugeNumber) == true
    }

    private static func hasHugeNumber(_ value: JSONAPIValue) -> Bool {
        var pending = [value]
        while let value = pending.popLast() {
            if value.kind == .number, value.double == nil { return true }
            pending += value.members.map(\.value) + value.elements
        }
        return false
    }

    private static func isSame(_ value: JSONAPIValue, _ expected: Any) -> Bool {
        switch value.kind {
        case .null: return expected is NSNull
        case .bool: return (expected as? Bool) == value.bool
        case .number:
            guard let number = expected as? NSNumber else { return false }
            guard let double = value.double, double == Double(value.description) else { return false }
            // Foundation takes long numbers through `Decimal`, which costs it the last digits.
            return abs(double - number.doubleValue) <= abs(double) * 1e-14
        case .string: return (expected as? String).map { Array($0.utf8) } == value.string.map { Array($0.utf8) }
        case .array:
            guard let array = expected as? [Any], array.count == value.count else { return false }
            return zip(value.elements, array).allSatisfy { self.isSame($0, $1) }
        case .object:
            guard let object = expected as? [String: Any], object.count == value.count else { return false }
            return value.members.allSatisfy { name, member in object[name].map { self.isSame(member, $0) } ?? false }
        }
    }

    /// What must hold for every value that was read, without an oracle.
    private static func checkItself(_ value: JSONAPIValue, _ seed: UInt64) throws {
        var pending = [value]
        while let next = pending.popLast() {
            let alone = try JSONAPIValue(parsing: next.text)
            #expect(alone == next && alone.hashValue == next.hashValue, "seed \(seed), \(next.path)")
            #expect(Self.find(next.path, in: value)?.text == next.text, "seed \(seed), \(next.path)")
            pending += next.elements
            pending += next.members.filter { next.member($0.name) == $0.value }.map(\.value)
        }
        let written = JSONAPILiteral.object([("a", .value(value)), ("b", Self.literal(value))]).bytes
        let again = try JSONAPIValue(parsing: written)
        #expect(again.member("a") == value, "seed \(seed)")
        #expect(Self.hasHugeNumber(value) || again.member("b")?.count == value.count, "seed \(seed)")
    }

    private static func literal(_ value: JSONAPIValue) -> JSONAPILiteral {
        switch value.kind {
        case .null: .null
        case .bool: .bool(value.bool ?? false)
        case .number: value.int64.map { .int($0) } ?? .double(value.double ?? 0)
        case .string: .string(value.string ?? "")
        case .array: .array(value.elements.map { self.literal($0) })
        case .object: .object(value.members.map { ($0.name, self.literal($0.value)) })
        }
    }

    /// Follows a JSON pointer.
    private static func find(_ path: String, in value: JSONAPIValue) -> JSONAPIValue? {
        var value = value
        for part in path.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = part.replacing("~1", with: "/").replacing("~0", with: "~")
            let next =
                value.kind == .array
                ? Int(name).flatMap { value.elements.indices.contains($0) ? value.elements[$0] : nil }
                : value.member(String(name))
            guard let next else { return nil }
            value = next
        }
        return value
    }
}
