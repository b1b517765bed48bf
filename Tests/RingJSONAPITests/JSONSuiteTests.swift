import RingJSONAPI
import Testing

@Suite struct JSONSuiteTests {
    @Test func tableIsLarge() {
        #expect(JSONSuiteCases.accepted.count + JSONSuiteCases.refused.count >= 400)
        #expect(Set(JSONSuiteCases.accepted).isDisjoint(with: JSONSuiteCases.refused))
    }

    @Test func acceptsEveryTextOfTheGrammar() {
        for bytes in JSONSuiteCases.accepted {
            #expect(throws: Never.self, "\(String(decoding: bytes, as: UTF8.self))") {
                try JSONAPIValue(parsing: bytes)
            }
        }
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
        for (cases, isAccepted) in [(JSONSuiteCases.accepted, true), (JSONSuiteCases.refused, false)] {
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
            ("", .empty, 0, ""), ("  ", .empty, 2, ""), ("\u{feff}1", .byteOrderMark, 0, ""),
            ("[1,", .unexpectedEnd, 3, "/1"), ("{\"a\":", .unexpectedEnd, 5, "/a"), ("\"abc", .unexpectedEnd, 4, ""),
            ("[1 2]", .unexpectedByte, 3, "/1"), ("{\"a\":{\"b/c~\":[1,x]}}", .unexpectedByte, 16, "/a/b~1c~0/1"),
            ("1 1", .trailingBytes, 2, ""), ("[0,01]", .invalidNumber, 4, "/1"), ("[1.]", .invalidNumber, 3, "/0"),
            ("{\"a\":\"\\x\"}", .invalidEscape, 6, "/a"), ("[\"\\ud800\"]", .loneSurrogate, 2, "/0"),
            ("[\"\\u12g4\"]", .invalidEscape, 6, "/0"), ("[\"a\u{1}\"]", .controlCharacter, 3, "/0"),
            ("[true,nulx]", .unexpectedByte, 9, "/1"), ("{\"a\":1,\"b\":2,}", .unexpectedByte, 13, "/b"),
        ] as [(String, JSONAPIReadError.Reason, Int, String)])
    func saysWhatAndWhere(text: String, reason: JSONAPIReadError.Reason, offset: Int, path: String) {
        #expect(throws: JSONAPIReadError(offset: offset, path: path, reason: reason)) {
            try JSONAPIValue(parsing: text)
        }
    }

    @Test func findsBadUTF8ByItsOffset() {
        let text = Array("{\"a\":[\"good\",\"long enough for words é".utf8) + [0xff] + Array("\"]}".utf8)
        #expect(throws: JSONAPIReadError(offset: text.count - 4, path: "/a/1", reason: .invalidUTF8)) {
            try JSONAPIValue(parsing: text)
        }
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
                    #expect((try? JSONAPIValue(parsing: [0x22] + cut + [0x22])) == nil)
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
