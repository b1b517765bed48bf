import Foundation
import RingJSONAPI
import Testing

@Suite struct JSONScalarTests {
    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("42", 42), ("-42", -42), ("1e3", 1000), ("10.0", 10), ("1.5e1", 15), ("100e-2", 1),
            ("0.0e99999999999999999999", 0), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("18446744073709551616", nil),
            ("9.223372036854775807e18", .max), ("922337203685477580.7e1", .max), ("1.5", nil), ("1e-1", nil),
            ("1e19", nil), ("1e18", 1_000_000_000_000_000_000), ("1e99999999999999999999999", nil), ("0e5", 0),
            ("1e-99999999999999999999999", nil), ("999999999999999999", 999_999_999_999_999_999),
            ("-999999999999999999", -999_999_999_999_999_999), ("1000000000000000000000e-3", 1_000_000_000_000_000_000),
            ("0.000000000000000000000000000001e30", 1), ("9007199254740993", 9_007_199_254_740_993),
            ("\"7\"", nil), ("true", nil), ("null", nil), ("[1]", nil),
        ] as [(String, Int64?)])
    func readsInt64Exactly(text: String, value: Int64?) throws {
        #expect(try JSONAPIValue(parsing: text).int64 == value)
    }

    @Test(
        arguments: [
            "0", "-0.0", "1", "0.1", "0.25", "1.5", "48.137154", "-122.3321", "3.141592653589793", "1e22", "1e23",
            "5e-324",
            "2.2250738585072014e-308", "2.2250738585072011e-308", "1.7976931348623157e308", "9007199254740992",
            "9007199254740993", "9007199254740993.0", "90071992547409.93", "0.3", "1795000000500", "123456789012345678",
            "0.00000000000000001", "1e-400", "-1e-5", "1E+2", "1234567890123456789012345678901234567890",
            "72057594037927945",
        ])
    func readsDoublesAsTheStandardLibraryDoes(text: String) throws {
        let value = try #require(try JSONAPIValue(parsing: text).double)
        #expect(value.bitPattern == Double(text)?.bitPattern)
    }

    @Test func refusesDoublesOutOfRange() throws {
        #expect(try JSONAPIValue(parsing: "1e400").double == nil)
        #expect(try JSONAPIValue(parsing: "-1e400").double == nil)
        #expect(try JSONAPIValue(parsing: "\"1\"").double == nil)
        #expect(try JSONAPIValue(parsing: "\"1e400\"").number == nil)
    }

    @Test(
        arguments: [
            ("1795000000500", 1_795_000_000_500), ("\"1795000000500\"", 1_795_000_000_500), ("\"-7\"", -7),
            ("\"007\"", 7), ("\"\"", nil), ("\"-\"", nil), ("\"1.0\"", nil), ("1.0", 1), ("\"1e3\"", nil),
            ("\" 1\"", nil),
            ("\"0x1\"", nil), ("\"99999999999999999999\"", nil), ("\"+1\"", nil), ("\"\\u0031\"", nil), ("false", nil),
        ] as [(String, Int64?)])
    func readsIntegersFromNumbersAndStrings(text: String, value: Int64?) throws {
        #expect(try JSONAPIValue(parsing: text).integer == value)
    }

    @Test(
        arguments: [
            ("21.5", 21.5), ("\"21.5\"", 21.5), ("\"-1e2\"", -100), ("\"1.\"", nil), ("\".5\"", nil), ("\"nan\"", nil),
            ("\"inf\"", nil), ("\"0x1p3\"", nil), ("\"1 \"", nil), ("\"1e\"", nil), ("7", 7), ("{}", nil),
        ] as [(String, Double?)])
    func readsNumbersFromNumbersAndStrings(text: String, value: Double?) throws {
        #expect(try JSONAPIValue(parsing: text).number == value)
    }

    @Test func keepsTheTextOfNumbers() throws {
        let text = "123456789012345678901234567890.10"
        #expect(try JSONAPIValue(parsing: " \(text) ").numberText == text)
        #expect(try JSONAPIValue(parsing: "\"1\"").numberText == nil)
    }

    @Test func resolvesEscapes() throws {
        let value = try JSONAPIValue(parsing: #""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000x€""#)
        #expect(value.string == "\"\\/\u{8}\u{c}\n\r\té😀\u{0}x€")
    }

    @Test func readsTheOtherKinds() throws {
        let value = try JSONAPIValue(parsing: #" { "a" : [ true , false , null ] , "n" : null, "s": "x" } "#)
        #expect(value.kind == .object && value.count == 3)
        #expect(value["a"]?.elements.map(\.kind) == [.bool, .bool, .null])
        #expect(value["a"]?.elements.map(\.bool) == [true, false, nil])
        #expect(value["a"]?.count == 3 && value["a"]?.elements.first?.bool == true)
        #expect(value["n"] == nil && value.member("n")?.isNull == true && value["z"] == nil && value.member("z") == nil)
        #expect(value["s"]?["x"] == nil && value["s"]?.count == 0 && value["s"]?.elements.isEmpty == true)
        #expect(value.members.map(\.name) == ["a", "n", "s"])
        #expect(value.elements.count == 0 && value.elements.first == nil)
        #expect(value["a"]?.members.map(\.name) == [])
        #expect(value["a"]?.description == "[ true , false , null ]")
        #expect(value.text == #"{ "a" : [ true , false , null ] , "n" : null, "s": "x" }"#)
        #expect(value["s"]?.text == "\"x\"")
    }

    @Test func findsNamesThatAreEscaped() throws {
        let value = try JSONAPIValue(parsing: #"{"\u0061b":1,"c\n":2,"é":3}"#)
        #expect(value["ab"]?.int64 == 1 && value["c\n"]?.int64 == 2 && value["é"]?.int64 == 3)
        #expect(value.members.map(\.name) == ["ab", "c\n", "é"])
        // Names are bytes: the decomposed spelling is another name.
        #expect(value["e\u{301}"] == nil)
    }

    @Test func lastDuplicateWinsAndIsReported() throws {
        let value = try JSONAPIValue(
            parsing: #"{"o":{"a":1,"b":{},"\u0061":[2],"a":3,"é":1,"e\#u{301}":2},"p":{"x":1,"x":null}}"#)
        #expect(value["o"]?["a"]?.int64 == 3)
        #expect(value["o"]?.count == 4)
        #expect(value["o"]?.members.map(\.name) == ["b", "a", "é", "e\u{301}"])
        #expect(value["p"]?["x"] == nil)
        #expect(value.duplicateNames == ["/o/a", "/o/a", "/p/x"])
        let long = (0..<100).map { "\"member-\($0 % 60)\":\($0)" }.joined(separator: ",")
        let large = try JSONAPIValue(parsing: "{\(long)}")
        #expect(large.count == 60 && large["member-3"]?.int64 == 63 && large["member-59"]?.int64 == 59)
        #expect(large.duplicateNames.count == 40)
    }

    @Test func tellsThePathOfEveryValue() throws {
        let value = try JSONAPIValue(parsing: #"{"a":[1,{"b/c":[[],"x"]}],"~":null,"":{"é":true}}"#)
        #expect(value.path.isEmpty)
        #expect(value["a"]?.path == "/a")
        #expect(value["a"]?.elements.map(\.path) == ["/a/0", "/a/1"])
        #expect(
            value["a"]?.elements.dropFirst().first?["b/c"]?.elements.map(\.path) == [
                "/a/1/b~1c/0", "/a/1/b~1c/1",
            ])
        #expect(value.member("~")?.path == "/~0")
        #expect(value[""]?["é"]?.path == "//é")
    }

    @Test func comparesByMeaning() throws {
        func value(_ text: String) throws -> JSONAPIValue { try JSONAPIValue(parsing: text) }
        let equal = [
            (#"{"a":1,"b":[1,2]}"#, #" { "b" : [ 1.0 , 20e-1 ] , "\u0061" : 1 } "#), ("\"é\"", #""\u00e9""#),
            ("0", "-0.0"),
            (#"{"a":2,"a":1}"#, #"{"a":1}"#), ("[]", "[ ]"), ("1e400", "10e399"), ("null", " null"),
        ]
        for (left, right) in equal {
            #expect(try value(left) == value(right))
            #expect(try value(left).hashValue == value(right).hashValue)
        }
        let different = [
            ("1", "\"1\""), ("[1,2]", "[2,1]"), (#"{"a":1}"#, #"{"a":1,"b":1}"#), ("1", "1.0000000000000000000000001"),
            ("\"é\"", "\"e\u{301}\""), ("[]", "{}"), ("true", "false"), ("null", "false"), ("[[]]", "[{}]"),
            ("1", "-1"),
            (#"{"a":1}"#, #"{"b":1}"#), ("9007199254740993", "9007199254740992"), ("[[1],[2]]", "[[1,2],[]]"),
        ]
        for (left, right) in different {
            #expect(try value(left) != value(right))
            #expect(try value(left).hashValue != value(right).hashValue)
        }
    }

    @Test func decodesIntoAnAdoptersTypeWithTimes() throws {
        struct Reading: Decodable, Equatable { var at: Date; var values: [Double] }
        let value = try JSONAPIValue(parsing: #"{"x":{"at":"2026-11-18T11:10:00.123456789Z","values":[1,2.5]}}"#)
        let reading = try value["x"]?.decode(Reading.self)
        #expect(reading?.values == [1, 2.5])
        #expect(abs((reading?.at.timeIntervalSince1970 ?? 0) - 1_795_000_200.123456789) < 1e-6)
        #expect(throws: DecodingError.self) { try value.decode(Reading.self) }
    }
}
