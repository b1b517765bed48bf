@_spi(RingModels) import RingJSONAPI
import Testing

@Suite struct JSONAPIIndexTests {
    /// Included resources `r0`, `r1` …, each of them twice: the copies follow after all the originals.
    private static func document(of count: Int, copies: Int) throws -> JSONAPIDocument {
        let names = (0..<copies).flatMap { copy in
            (0..<count).map { #"{"type":"t\#($0 % 2)","id":"r\#($0)","attributes":{"copy":\#(copy)}}"# }
        }
        let relations = (0..<count).map { #""n\#($0)":{"data":{"type":"t\#($0 % 2)","id":"r\#($0)"}}"# }
        let wrong = #""wrong":{"data":{"type":"t1","id":"r0"}},"none":{"data":{"type":"t0","id":"r\#(count)"}}"#
        let text =
            #"{"data":{"type":"d","id":"d","relationships":{\#((relations + [wrong]).joined(separator: ","))}},"#
            + #""included":[\#(names.joined(separator: ","))]}"#
        return try JSONAPIDocument(parsing: Array(text.utf8))
    }

    @Test(arguments: [1, 3, 6, 7, 40], [1, 2]) func theFirstOfEqualOnesIsFoundWhereverItIsExpected(
        count: Int, copies: Int
    ) throws {
        let document = try Self.document(of: count, copies: copies)
        let relationships = try #require(document.resource?.raw["relationships"])
        for number in 0..<count {
            let wanted = try #require(relationships["n\(number)"])
            for expected in -1...count * copies {
                var found: Int?
                wanted.withCursor { found = document.includedPosition($0, expected: expected) }
                #expect(found == number)
            }
            #expect(document.included(JSONAPIRelationship(wanted))?.id == "r\(number)")
            let named = document.included(type: "t\(number % 2)", id: "r\(number)")
            #expect(named?.attributes?["copy"]?.int64 == 0)
        }
        for name in ["wrong", "none"] {
            #expect(document.included(JSONAPIRelationship(try #require(relationships[name]))) == nil)
        }
        #expect(document.included(type: "t1", id: "r0") == nil)
    }

    @Test func findsWhatAnotherTextAsksFor() throws {
        let document = try Self.document(of: 8, copies: 1)
        let other = try JSONAPIValue(parsing: #"{"data":[{"type":"t9","id":"r3"},{"type":"t\u0031","id":"r3"}]}"#)
        #expect(document.included(JSONAPIRelationship(other))?.id == "r3")
    }

    private enum OneType: String, CaseIterable { case t0 }
    private enum BothTypes: String, CaseIterable { case t0, t1 }

    @Test func namesTheTypesThatAreNotKnown() throws {
        let document = try Self.document(of: 5, copies: 1)
        #expect(document.includedPositions(otherThan: JSONAPINames<OneType>()) == [1, 3])
        #expect(document.includedPositions(otherThan: JSONAPINames<BothTypes>()).isEmpty)
    }
}
