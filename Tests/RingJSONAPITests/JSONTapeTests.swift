import RingJSONAPI
import Testing

/// Texts with more and with fewer values than the reader reserves space for at first.
@Suite struct JSONTapeTests {
    @Test(arguments: [1, 15, 16, 17, 100, 5000]) func aDenseTextIsReadToItsEnd(count: Int) throws {
        let value = try JSONAPIValue(parsing: "[\(Array(repeating: "1", count: count).joined(separator: ","))]")
        #expect(value.count == count)
        #expect(value.elements.allSatisfy { $0.int64 == 1 })
        let nested = try JSONAPIValue(parsing: "[\(Array(repeating: "{}", count: count).joined(separator: ","))]")
        #expect(nested.elements.filter { $0.kind == .object && $0.count == 0 }.count == count)
    }

    @Test func aTextOfLongStringsIsRead() throws {
        let long = String(repeating: "long ", count: 5000)
        let value = try JSONAPIValue(parsing: #"{"a":"\#(long)","b":["\#(long)"]}"#)
        #expect(value["a"]?.string == long && value["b"]?.elements.first?.string == long)
    }

    @Test func aFaultBehindThousandsOfValuesHasItsPath() throws {
        let ones = Array(repeating: "1", count: 3000).joined(separator: ",")
        let faults = [
            ("x", "/k/3000"), (#"{"a":[],"b":[2,{"c" 1"#, "/k/3000/b/1/c"), (#"{"a":1,"#, "/k/3000/a"),
        ]
        for (end, path) in faults {
            let text = "{\"j\":{\"i\":0},\"k\":[\(ones),\(end)"
            let fault = #expect(throws: JSONAPIReadError.self) { try JSONAPIValue(parsing: text) }
            #expect(fault?.path == path)
        }
    }

    /// Every length, and every place of a difference: whatever a fingerprint sees of a name.
    @Test func equalNamesAreFoundAndSimilarOnesAreNot() throws {
        for length in 0..<40 {
            let name = String(repeating: "n", count: length)
            let twice = try JSONAPIValue(parsing: #"{"\#(name)":1,"x":{}, "\#(name)" :2}"#)
            #expect(twice.duplicateNames == ["/\(name)"])
            #expect(twice[name]?.int64 == 2 && twice.count == 2)
            for place in 0..<length {
                var similar = Array(name.utf8)
                similar[place] = UInt8(ascii: "m")
                let text = #"{"\#(name)":1,"\#(String(decoding: similar, as: UTF8.self))":2}"#
                #expect(try JSONAPIValue(parsing: text).duplicateNames.isEmpty)
            }
        }
    }
}
