import RingJSONAPI
import Testing

@Suite struct JSONSuiteTests {
    @Test func tableIsLarge() {
        #expect(JSONSuiteCases.accepted.count + JSONSuiteCases.refused.count >= 400)
        #expect(JSONSuiteCases.undecodable.count >= 60)
        let readable = JSONSuiteCases.accepted + JSONSuiteCases.undecodable
        #expect(Set(readable).isDisjoint(with: JSONSuiteCases.refused))
    }

    @Test func acceptsEveryTextOfTheGrammar() {
        for bytes in JSONSuiteCases.accepted {
            #expect(throws: Never.self, "\(String(decoding: bytes, as: UTF8.self))") {
                try JSONAPIValue(parsing: bytes)
            }
        }
    }

    /// The string is a problem of its own; what stands beside it is read, and its bytes are kept.
    @Test func aStringThatCannotBeDecodedCostsItself() throws {
        for bytes in JSONSuiteCases.undecodable {
            let wrapped = Array(#"[1,"a",["#.utf8) + bytes + Array(#"],"b"]"#.utf8)
            let value = try JSONAPIValue(parsing: wrapped)
            let elements = value.elements
            #expect(elements.map(\.string) == [nil, "a", nil, "b"] && elements[0].int64 == 1)
            let odd = try #require(elements[2].elements.first)
            #expect(odd.bytes == bytes && odd.path == "/2/0")
            let problems = JSONAPIDocument(value).problems
            #expect(problems.count == 1 && problems.allSatisfy { $0.reason.contains("cannot be decoded") })
            if odd.kind == .string {
                #expect(odd.string == nil && odd.date == nil && odd.integer == nil && odd.number == nil)
                #expect(problems.first?.raw.bytes == bytes)
            }
            // It is written as a text that everybody can read, with the same meaning.
            let written = JSONAPILiteral.value(value).bytes
            #expect(String(validating: written, as: UTF8.self) != nil)
            let again = try JSONAPIValue(parsing: written)
            #expect(again == value && again.hashValue == value.hashValue)
            #expect(JSONAPIDocument(again).problems.isEmpty)
        }
    }

    @Test func strictReadersOfAWholeDocumentGetItToo() throws {
        struct Device: Decodable, Equatable { var name: String, size: Int }
        let value = try JSONAPIValue(parsing: #"{"name":"Cam \ud83d","size":2}"#)
        #expect(try value.decode(Device.self) == Device(name: "Cam \u{fffd}", size: 2))
        #expect(value.text == #"{"name":"Cam \ud83d","size":2}"#)
    }

    @Test func namesThatCannotBeDecodedAreMembersOfTheirOwn() throws {
        let bytes = Array(#"{"a":1,"\udc00":2,"x"#.utf8) + [0xff] + Array(#"":3,"b":4}"#.utf8)
        let value = try JSONAPIValue(parsing: bytes)
        #expect(value["a"]?.int64 == 1 && value["b"]?.int64 == 4 && value.count == 4)
        #expect(value.members.map(\.name) == ["a", "\u{fffd}", "x\u{fffd}", "b"])
        #expect(JSONAPIDocument(value).problems.map(\.path) == ["/\u{fffd}", "/x\u{fffd}"])
        // Both read as the same name: the last one counts.
        let twice = try JSONAPIValue(parsing: #"{"\ud800":1,"\udc00":2}"#)
        #expect(twice.count == 1 && twice["\u{fffd}"]?.int64 == 2 && twice.duplicateNames == ["/\u{fffd}"])
    }

    @Test func manyOfThemAreReadInLinearTime() throws {
        let text = #"{"data":["# + String(repeating: #""\ud800\u0007","#, count: 50_000) + "1]}"
        let document = try JSONAPIDocument(parsing: Array(text.utf8))
        // What is no resource is counted, and the first few strings besides.
        #expect(document.problemCount == 50_001 + 64)
        #expect(try JSONAPIValue(parsing: JSONAPILiteral.value(document.root).bytes)["data"]?.count == 50_001)
    }

    @Test func refusesEverythingElse() {
        for bytes in JSONSuiteCases.refused {
            #expect(throws: JSONAPIReadError.self, "\(String(decoding: bytes, as: UTF8.self))") {
                try JSONAPIValue(parsing: bytes)
            }
        }
    }

    /// Where the text stands in memory and in the words of the scanner must not matter: every case again, behind 0 to 8
    /// spaces, with and without something after it.
    @Test func verdictsDoNotDependOnAlignment() {
        for (cases, isAccepted) in [
            (JSONSuiteCases.accepted, true), (JSONSuiteCases.undecodable, true), (JSONSuiteCases.refused, false),
        ] {
            for bytes in cases where !bytes.starts(with: [0xef, 0xbb, 0xbf]) {
                for shift in 0...8 {
                    let text = [UInt8](repeating: 0x20, count: shift) + bytes
                    #expect(((try? JSONAPIValue(parsing: text)) != nil) == isAccepted)
                    #expect(((try? JSONAPIValue(parsing: text + [0x20, 0x0a])) != nil) == isAccepted)
                    let wrapped = Array("[".utf8) + text + Array("]".utf8)
                    // Some texts complete one another: `1, 2` is no text, `[1, 2]` is one.
                    if isAccepted { #expect((try? JSONAPIValue(parsing: wrapped)) != nil) }
                }
            }
        }
    }

    /// A prefix of an object or array is never a text.
    @Test func refusesEveryCutText() {
        for bytes in JSONSuiteCases.accepted {
            guard let last = bytes.lastIndex(where: { $0 == 0x5d || $0 == 0x7d || $0 == 0x22 }), bytes.first != 0x20
            else {
                continue
            }
            for length in 1..<max(last, 1) where !bytes.prefix(length).allSatisfy({ $0 <= 0x20 }) {
                #expect(throws: JSONAPIReadError.self) { try JSONAPIValue(parsing: Array(bytes.prefix(length))) }
            }
        }
    }

    @Test(
        arguments: [
            ("", .empty, 0, ""), ("  ", .empty, 2, ""), ("\u{feff}", .empty, 3, ""),
            ("\u{feff}\u{feff}1", .unexpectedByte, 3, ""), (" \u{feff}1", .unexpectedByte, 1, ""),
            ("[1,", .unexpectedEnd, 3, "/1"), ("{\"a\":", .unexpectedEnd, 5, "/a"), ("\"abc", .unexpectedEnd, 4, ""),
            ("[1 2]", .unexpectedByte, 3, "/1"), ("{\"a\":{\"b/c~\":[1,x]}}", .unexpectedByte, 16, "/a/b~1c~0/1"),
            ("1 1", .trailingBytes, 2, ""), ("[0,01]", .invalidNumber, 4, "/1"), ("[1.]", .invalidNumber, 3, "/0"),
            ("{\"a\":\"\\x\"}", .invalidEscape, 6, "/a"), ("[\"\\ud800\\u12\"]", .invalidEscape, 12, "/0"),
            ("[\"\\u12g4\"]", .invalidEscape, 6, "/0"), ("[\"a\u{1}", .unexpectedEnd, 4, "/0"),
            ("[true,nulx]", .unexpectedByte, 9, "/1"), ("{\"a\":1,\"b\":2,}", .unexpectedByte, 13, "/b"),
        ] as [(String, JSONAPIReadError.Reason, Int, String)])
    func saysWhatAndWhere(text: String, reason: JSONAPIReadError.Reason, offset: Int, path: String) {
        #expect(throws: JSONAPIReadError(offset: offset, path: path, reason: reason)) {
            try JSONAPIValue(parsing: text)
        }
    }

    @Test func findsBadUTF8InALongText() throws {
        let text = Array("{\"a\":[\"good\",\"long enough for words é".utf8) + [0xff] + Array("\"]}".utf8)
        let value = try JSONAPIValue(parsing: text)
        #expect(value["a"]?.elements.map(\.string) == ["good", nil])
        #expect(JSONAPIDocument(value).problems.map(\.path) == ["/a/1"])
    }

    @Test func errorsHoldNoContent() throws {
        let error = #expect(throws: JSONAPIReadError.self) {
            try JSONAPIValue(parsing: #"{"token":"sekrit","more":"sekrit\q"}"#)
        }
        #expect(error.map { "\($0)".contains("sekrit") } == false)
        #expect(error?.description == "JSON refused: an unknown escape in a string at byte 32, path \"/more\"")
    }

    /// A quote, a backslash, a control character and a wrong byte at every place of two scanner words.
    @Test func findsEveryByteAtEveryPlaceOfAWord() throws {
        for length in 0...40 {
            let letters = (0..<length).map { UInt8(97 + $0 % 26) }
            let plain = try JSONAPIValue(parsing: [0x22] + letters + [0x22])
            #expect(plain.string == String(decoding: letters, as: UTF8.self))
            for place in 0..<length {
                var cut = letters
                cut[place] = 0x22
                #expect((try? JSONAPIValue(parsing: [0x22] + cut + [0x22])) == nil)
                for byte in [0x00, 0x1f, 0x80, 0xff, 0xc3] as [UInt8] {
                    cut[place] = byte
                    let odd = try JSONAPIValue(parsing: [0x22] + cut + [0x22])
                    #expect(odd.kind == .string && odd.string == nil)
                }
                let escaped = letters[..<place] + Array("\\n".utf8) + letters[place...]
                let expected = String(decoding: letters[..<place] + [0x0a] + letters[place...], as: UTF8.self)
                #expect(try JSONAPIValue(parsing: [0x22] + escaped + [0x22]).string == expected)
                let wide = letters[..<place] + Array("€𝄞é".utf8) + letters[place...]
                let value = try JSONAPIValue(parsing: [0x20, 0x22] + wide + [0x22])
                #expect(value.string == String(decoding: wide, as: UTF8.self))
            }
        }
    }
}
