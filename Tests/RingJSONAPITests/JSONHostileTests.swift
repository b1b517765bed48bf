import RingJSONAPI
import Testing

/// Texts that try to take stack, memory or quadratic time. What is proved here is the structure: the depth and size at
/// which they end, and that a million of anything comes to an end at all; a quadratic search would take hours.
@Suite(.timeLimit(.minutes(5))) struct JSONHostileTests {
    private static let million = 1 << 20
    private static let wide = JSONAPILimits(depth: 1 << 22)

    @Test(arguments: ["[", "{\"a\":", "[[],", "[{\"b\":["]) func depthEndsAtTheLimit(piece: String) {
        let bytes = Array(String(repeating: piece, count: Self.million / piece.utf8.count).utf8)
        let error = #expect(throws: JSONAPIReadError.self) { try JSONAPIValue(parsing: bytes) }
        #expect(error?.reason == .tooDeep)
        #expect((error?.offset ?? .max) < 128 * piece.utf8.count + 1)
    }

    @Test func depthLimitIsExact() throws {
        for depth in [1, 2, 127, 128, 129, 1000] {
            let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            #expect(throws: Never.self) { try JSONAPIValue(parsing: text, limits: JSONAPILimits(depth: depth)) }
            #expect(throws: JSONAPIReadError.self) {
                try JSONAPIValue(parsing: text, limits: JSONAPILimits(depth: depth - 1))
            }
        }
    }

    @Test func aMillionLevelsCostNoStackWhenAllowed() throws {
        let text = String(repeating: "[", count: Self.million) + String(repeating: "]", count: Self.million)
        let value = try JSONAPIValue(parsing: text, limits: Self.wide)
        let other = try JSONAPIValue(parsing: text, limits: Self.wide)
        #expect(value == other)
        #expect(value.hashValue == other.hashValue)
        #expect(value.count == 1)
        #expect(throws: JSONAPIReadError.self) {
            try JSONAPIValue(parsing: String(repeating: "[", count: Self.million), limits: Self.wide)
        }
    }

    @Test func sizeLimitIsExact() throws {
        #expect(throws: Never.self) { try JSONAPIValue(parsing: "[1,2]", limits: JSONAPILimits(bytes: 5)) }
        #expect(throws: JSONAPIReadError(offset: 4, path: "", reason: .tooLong)) {
            try JSONAPIValue(parsing: "[1,2]", limits: JSONAPILimits(bytes: 4))
        }
        #expect(throws: JSONAPIReadError.self) { try JSONAPIValue(parsing: "[1,2]", limits: JSONAPILimits(bytes: -1)) }
        #expect(throws: JSONAPIReadError.self) { try JSONAPIValue(parsing: "1", limits: JSONAPILimits(values: 0)) }
        let many = "[" + String(repeating: "1,", count: 1000) + "1]"
        let error = #expect(throws: JSONAPIReadError.self) {
            try JSONAPIValue(parsing: many, limits: JSONAPILimits(values: 1000))
        }
        #expect(error?.reason == .tooManyValues && error?.path == "/999")
    }

    @Test(arguments: ["\\u0061", "\\ud83d\\ude00", "\\\\", "\\\"", "é", "x"]) func longStringsAreRead(piece: String)
        throws
    {
        let count = Self.million / piece.utf8.count
        let text = "\"" + String(repeating: piece, count: count) + "\""
        let value = try JSONAPIValue(parsing: text)
        #expect((value.string?.unicodeScalars.count ?? 0) == count)
        #expect(throws: JSONAPIReadError.self) { try JSONAPIValue(parsing: String(text.dropLast())) }
    }

    @Test(arguments: ["\"\\u", "\"", "\\u", "\"\\ud800", "-", "1e", "\u{0}", "{\"", ",", ":", "]", "é"])
    func endlessNonsenseEnds(piece: String) {
        let bytes = Array(String(repeating: piece, count: Self.million / piece.utf8.count).utf8)
        #expect(throws: JSONAPIReadError.self) { try JSONAPIValue(parsing: bytes) }
        #expect(throws: JSONAPIReadError.self) { try JSONAPIValue(parsing: Array("[".utf8) + bytes) }
    }

    @Test func oneNameManyTimesIsOneMember() throws {
        let value = try JSONAPIValue(parsing: "{" + String(repeating: "\"a\":1,", count: Self.million / 6) + "\"a\":2}")
        #expect(value.count == 1)
        #expect(value["a"]?.int64 == 2)
        #expect(value.duplicateNames.count == 64)
        #expect(value == (try JSONAPIValue(parsing: "{\"a\":2}")))
    }

    @Test func manyNamesAreComparedInLinearTime() throws {
        let names = (0..<60_000).map { "\"n\($0)\":\($0)" }.joined(separator: ",")
        let value = try JSONAPIValue(parsing: "{\(names),\"\\u006e7\":0}")
        #expect(value.count == 60_000 && value.duplicateNames == ["/n7"] && value["n7"]?.int64 == 0)
        #expect(value == value.self)
        let other = try JSONAPIValue(parsing: "{ \(names),\"n7\":0}")
        #expect(value == other && value.hashValue == other.hashValue)
    }

    @Test func endlessDigitsAreANumber() throws {
        let digits = String(repeating: "7", count: Self.million / 4)
        let value = try JSONAPIValue(parsing: "[\(digits),0.\(digits),1e\(digits),\"\(digits)\"]")
        let elements = value.elements
        #expect(elements.map(\.int64) == [nil, nil, nil, nil])
        #expect(elements.map(\.integer) == [nil, nil, nil, nil])
        #expect(elements[0].double == nil && elements[2].double == nil && elements[3].number == nil)
        #expect(elements[1].double == 7.0 / 9)
    }

    @Test func aDocumentOfProblemsIsRead() throws {
        let text = "{\"data\":[" + String(repeating: "7,", count: 100_000) + "{\"type\":\"t\",\"id\":\"1\"}]}"
        let document = try JSONAPIDocument(parsing: Array(text.utf8))
        #expect(document.resources.count == 1)
        #expect(document.problemCount == 100_000 && document.problems.count == 1000)
        #expect(document.problems.last?.path == "/data/999")
    }

    @Test func equalIncludedResourcesDoNotSlowTheIndex() throws {
        let one = "{\"type\":\"t\",\"id\":\"1\"}"
        let text = "{\"included\":[" + String(repeating: one + ",", count: 20_000) + one + "]}"
        let document = try JSONAPIDocument(parsing: Array(text.utf8))
        #expect(document.allIncluded.count == 20_001)
        #expect(document.included(type: "t", id: "1")?.raw.path == "/included/0")
    }
}
