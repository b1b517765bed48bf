import RingJSONAPI
import Testing

@Suite struct JSONAPILiteralTests {
    @Test func writesMembersInOrder() throws {
        let name = "Stra\u{df}e \"A\"\\\n\u{1}\u{1f}\t/"
        let literal: JSONAPILiteral = [
            "status": "completed", "a": [1, -2, 2.5, true, false, nil, [:], []], "name": .string(name),
            "big": .int(.min),
            "nan": .double(.nan), "huge": 1e300,
        ]
        #expect(
            literal.text
                == #"{"status":"completed","a":[1,-2,2.5,true,false,null,{},[]],"name":"Straße \"A\"\\\n\u0001\u001f\t/","#
                + #""big":-9223372036854775808,"nan":null,"huge":1e+300}"#)
        #expect(try JSONAPIValue(parsing: literal.bytes)["name"]?.string == name)
    }

    @Test func writesReadValuesByteForByte() throws {
        let value = try JSONAPIValue(parsing: #"{"x": [ 1.00 , "\u0061" ] }"#)
        let literal: JSONAPILiteral = ["raw": .value(value), "part": value["x"].map { .value($0) } ?? nil]
        #expect(literal.text == #"{"raw":{"x": [ 1.00 , "\u0061" ] },"part":[ 1.00 , "\u0061" ]}"#)
    }

    @Test func comparesByTheText() {
        #expect(["a": 1, "b": 2] as JSONAPILiteral == ["a": 1, "b": 2])
        #expect(["a": 1, "b": 2] as JSONAPILiteral != ["b": 2, "a": 1])
        #expect(JSONAPILiteral.int(1) == 1 && JSONAPILiteral.int(1) != "1" && [.null] as JSONAPILiteral == [nil])
    }

    @Test func everyCharacterSurvives() throws {
        var text = ""
        for scalar in (0...0x2fff as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init) {
            text.unicodeScalars.append(scalar)
        }
        text += "😀\u{10ffff}"
        #expect(try JSONAPIValue(parsing: JSONAPILiteral.string(text).bytes).string == text)
    }

    @Test func depthCostsNoStack() {
        var literal: JSONAPILiteral = 1
        for _ in 0..<2000 { literal = [literal] }
        #expect(literal.bytes.count == 4001)
        for _ in 0..<2000 { literal = ["a": literal, "b": 1] }
        #expect(literal.bytes.count == 2000 * 12 + 4001)
    }

    @Test func writesWhatFollowsAContainer() {
        let literal: JSONAPILiteral = [["a": [1, [], 2], "b": [:], "c": 3], 4, [[5], "d"], [:]]
        #expect(literal.text == #"[{"a":[1,[],2],"b":{},"c":3},4,[[5],"d"],{}]"#)
    }

    /// The line is the text, but for what could act on a terminal, and for the white space of what was received.
    @Test func aLineHasNothingThatActsOnATerminal() throws {
        let odd = (0...0x3000 as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init)
        for scalar in odd {
            let name = "\"a\(scalar)\\ é"
            let literal: JSONAPILiteral = ["k\(scalar)": .string(name), "list": [1, .string(String(scalar))]]
            #expect(!literal.line.unicodeScalars.contains(where: PrintableText.isControl))
            #expect(literal.line == literal.text || PrintableText.isControl(scalar))
            #expect(try JSONAPIValue(parsing: Array(literal.line.utf8))["k\(scalar)"]?.string == name)
        }
        let received = try JSONAPIValue(parsing: "{ \"a\" : [ 1.00 , \"b  \u{202E}c\u{7F}\" ] }")
        #expect(
            ([.value(received), "\u{9B}"] as JSONAPILiteral).line
                == #"[{"a":[1.00,"b  \u202ec\u007f"]},"\u009b"]"#)
    }
}
