@_spi(RingModels) import RingJSONAPI
import Testing

@Suite struct JSONAPINamesTests {
    private enum Name: String, CaseIterable {
        case empty = ""
        case a, eight888, nine99999, sixteen_16161616
        case long = "a_name_of_more_than_16_bytes"
        case similar = "a_name_of_mote_than_16_bytes"
        case umlaut = "ü"
    }
    private struct Word: RawRepresentable<String> { let rawValue: String }
    private static let names = JSONAPINames<Name>()

    @Test func findsEveryNameWhateverItsLengthAndOrder() throws {
        let text = """
            {"a_name_of_mote_than_16_bytes":6,"\\u00fc":7,"":0,"nine99999":3,"eight888":2,"sixteen_16161616":4,\
            "\\u0061":1,"a_name_of_more_than_16_bytes":5}
            """
        var numbers: [Name: Int64] = [:]
        try JSONAPIValue(parsing: text).forEachMember(of: Self.names) { name, value in
            if let name { numbers[name] = value.int64 }
        }
        #expect(numbers == Dictionary(uniqueKeysWithValues: zip(Name.allCases, Int64(0)...)))
    }

    @Test func namesThatDifferInOneByteAreNotKnown() throws {
        let text = """
            {"b":0,"eight88":0,"eight889":0,"sixteen_16161617":0,"a_name_of_mowe_than_16_bytes":0,"aa":0,"a\\u0000":null}
            """
        var unknown: [String] = []
        try JSONAPIValue(parsing: text).forEachMember(of: Self.names) { name, value in
            if name == nil { unknown.append(value.memberName) }
        }
        #expect(
            unknown == ["b", "eight88", "eight889", "sixteen_16161617", "a_name_of_mowe_than_16_bytes", "aa", "a\0"])
    }

    /// Whatever of a name is compared first, and however few bits are different.
    @Test func everyBitOfANameCounts() throws {
        for length in 1...26 {
            let name = Array(repeating: UInt8(ascii: "p"), count: length)
            let names = JSONAPINames([Word(rawValue: String(decoding: name, as: UTF8.self))])
            for place in 0..<length {
                for bit in [0, 1, 2, 3, 5] as [UInt8] {
                    var other = name
                    other[place] ^= 1 << bit
                    let text = #"["\#(String(decoding: other, as: UTF8.self))","a string that comes after it"]"#
                    let value = try #require(try JSONAPIValue(parsing: text).elements.first)
                    value.withCursor { #expect($0.name(among: names) == nil) }
                    let last = try JSONAPIValue(parsing: #""\#(String(decoding: other, as: UTF8.self))""#)
                    last.withCursor { #expect($0.name(among: names) == nil) }
                }
            }
        }
    }

    @Test func ofTwoMembersWithOneNameTheLastIsVisitedLast() throws {
        var last: Int64?
        try JSONAPIValue(parsing: #"{"a":1,"b":{"a":9},"a":2}"#).forEachMember(of: Self.names) {
            if $0 == .a { last = $1.int64 }
        }
        #expect(last == 2)
    }

    @Test func stringsAreFoundAndOtherValuesHaveNoName() throws {
        var found: [Name?] = []
        try JSONAPIValue(parsing: #"["nine99999","\u0061","x",7]"#).withCursor { list in
            list.forEachElement { element in
                found.append(element.name(among: Self.names))
                return true
            }
        }
        #expect(found == [.nine99999, .a, nil, nil])
    }

    @Test func onlyAnObjectHasMembersToVisit() throws {
        for text in ["[1]", "7", "null", "\"a\""] {
            try JSONAPIValue(parsing: text).forEachMember(of: Self.names) { _, _ in Issue.record("no member here") }
        }
    }
}
