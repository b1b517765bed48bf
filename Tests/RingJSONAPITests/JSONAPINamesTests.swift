@_spi(RingModels) import RingJSONAPI
import Testing

@Suite struct JSONAPINamesTests {
    private static let names = JSONAPINames([
        "", "a", "eight888", "nine99999", "sixteen_16161616", "a_name_of_more_than_16_bytes",
        "a_name_of_mote_than_16_bytes", "ü",
    ])

    @Test func findsEveryNameWhateverItsLengthAndOrder() throws {
        let text = """
            {"a_name_of_mote_than_16_bytes":6,"\\u00fc":7,"":0,"nine99999":3,"eight888":2,"sixteen_16161616":4,\
            "\\u0061":1,"a_name_of_more_than_16_bytes":5}
            """
        var pairs: [[Int64?]] = []
        try JSONAPIValue(parsing: text).forEachMember(of: Self.names) { pairs.append([Int64($0), $1.value.int64]) }
        #expect(pairs.count == 8)
        #expect(pairs.allSatisfy { $0[0] == $0[1] })
    }

    @Test func namesThatDifferInOneByteAreNotKnown() throws {
        let text = """
            {"b":0,"eight88":0,"eight889":0,"sixteen_16161617":0,"a_name_of_mowe_than_16_bytes":0,"aa":0,"a\\u0000":null}
            """
        var unknown: [String] = []
        try JSONAPIValue(parsing: text).forEachMember(of: Self.names) { if $0 < 0 { unknown.append($1.name) } }
        #expect(
            unknown == ["b", "eight88", "eight889", "sixteen_16161617", "a_name_of_mowe_than_16_bytes", "aa", "a\0"])
    }

    /// Whatever of a name is compared first, and however few bits are different.
    @Test func everyBitOfANameCounts() throws {
        for length in 1...26 {
            let name = Array(repeating: UInt8(ascii: "p"), count: length)
            let names = JSONAPINames([String(decoding: name, as: UTF8.self)])
            for place in 0..<length {
                for bit in [0, 1, 2, 3, 5] as [UInt8] {
                    var other = name
                    other[place] ^= 1 << bit
                    let text = #"["\#(String(decoding: other, as: UTF8.self))","a string that comes after it"]"#
                    let value = try #require(try JSONAPIValue(parsing: text).element(at: 0))
                    #expect(value.position(among: names) == -1)
                    let last = try JSONAPIValue(parsing: #""\#(String(decoding: other, as: UTF8.self))""#)
                    #expect(last.position(among: names) == -1)
                }
            }
        }
    }

    @Test func ofTwoMembersWithOneNameTheLastIsVisitedLast() throws {
        var last: Int64?
        try JSONAPIValue(parsing: #"{"a":1,"b":{"a":9},"a":2}"#).forEachMember(of: Self.names) {
            if $0 == 1 { last = $1.value.int64 }
        }
        #expect(last == 2)
    }

    @Test func stringsAreFoundAndOtherValuesHaveNoPosition() throws {
        let value = try JSONAPIValue(parsing: #"["nine99999","\u0061","x",7]"#)
        #expect(value.elements.map { $0.position(among: Self.names) } == [3, 1, -1, nil])
    }

    @Test func onlyAnObjectHasMembersToVisit() throws {
        for text in ["[1]", "7", "null", "\"a\""] {
            try JSONAPIValue(parsing: text).forEachMember(of: Self.names) { _, _ in Issue.record("no member here") }
        }
    }
}
