@_spi(RingModels) import RingJSONAPI
import Testing

@Suite struct JSONAPICursorTests {
    private enum Member: String, CaseIterable { case kept, left }
    private static let members = JSONAPINames<Member>()

    @Test func aKeptValueOutlivesItsCursorAndItsDocument() throws {
        var kept: JSONAPIValue?
        do {
            let value = try JSONAPIValue(parsing: #"{"left":1,"kept":{"text":"caf\u00e9","list":[1,2,3]}}"#)
            value.forEachMember(of: Self.members) { if $0 == .kept { kept = $1.kept } }
        }
        #expect(kept?["text"]?.string == "café")
        #expect(kept?["list"]?.elements.map(\.int64) == [1, 2, 3])
        #expect(kept?.path == "/kept")
    }

    @Test func aCursorReadsWhatTheValueReads() throws {
        let texts = [
            "null", "true", "false", "7", "-1.5", "1e3", "1e400", "\"12\"", "\"1.5\"", "\"-\"", "\"\"", "\"\\u0061\"",
            "\"2026-11-18T11:10:00Z\"", "[1,[2],3]", "{\"a\":null,\"b\":1,\"b\":2}",
        ]
        for text in texts {
            let value = try JSONAPIValue(parsing: text)
            value.withCursor { cursor in
                #expect(cursor.kind == value.kind && cursor.isNull == value.isNull)
                #expect(cursor.numberText == value.numberText && cursor.string == value.string)
                #expect(cursor.elementCount == value.elements.count)
                #expect(cursor["a"]?.kept == value["a"] && cursor["b"]?.kept == value["b"])
                #expect(cursor.member("a")?.kept == value.member("a"))
                var elements: [JSONAPIValue] = []
                cursor.forEachElement { element in
                    elements.append(element.kept)
                    return true
                }
                #expect(elements == value.elements)
            }
        }
    }

    @Test func aRelationshipOfAnotherDocumentFindsItsResource() throws {
        let document = try JSONAPIDocument(
            parsing: Array(#"{"data":null,"included":[{"type":"a","id":"1"},{"type":"b","id":"\u0031"}]}"#.utf8))
        for data in [#"{"type":"b","id":"1"}"#, #"[{"type":"c","id":"1"},{"type":"\u0062","id":"1"}]"#] {
            let other = JSONAPIRelationship(try JSONAPIValue(parsing: #"{"data":\#(data)}"#))
            #expect(document.included(other)?.raw.path == "/included/1")
        }
        let unknown = JSONAPIRelationship(try JSONAPIValue(parsing: #"{"data":{"type":"b","id":"2"}}"#))
        #expect(document.included(unknown) == nil)
    }
}
