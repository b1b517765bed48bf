import Foundation
import RingJSONAPI
import Testing

@Suite struct JSONAPIDocumentTests {
    private static let list = """
        { "meta": { "time": "2026-11-18T11:10:00Z" },
          "links": { "next": "/v1/x?page%5Bkey%5D=2", "self": { "href": "/v1/x", "meta": { "n": 1 } } },
          "data": [ { "type": "devices", "id": "d1", "attributes": { "name": "Stra\\u00dfe \\"A\\"", "gone": null },
              "relationships": {
                "status": { "data": { "type": "device-status", "id": "s1" }, "links": { "related": "/v1/d1/status" } },
                "many": { "data": [ { "type": "locations", "id": "l1" }, 7, { "type": "locations", "id": 2 } ] },
                "none": { "data": null }, "bare": { "links": { "related": "/x" } } } },
            { "type": "devices" }, 7, { "id": "x" } ],
          "included": [ { "type": "device-status", "id": "s1", "attributes": { "online": true } },
            { "type": "unheard-of", "id": 2 }, null, { "type": "device-status", "id": "s1" } ] }
        """

    @Test func readsResourcesAndReportsTheRest() throws {
        let document = try JSONAPIDocument(parsing: Array(Self.list.utf8))
        #expect(document.isCollection)
        #expect(document.resource == nil)
        #expect(document.resources.map(\.id) == ["d1"])
        #expect(document.resources.map(\.type) == ["devices"])
        #expect(document.problems.map(\.path) == ["/data/1", "/data/2", "/data/3", "/included/2"])
        #expect(
            document.problems.map(\.reason) == [
                "resource without an id", "not an object", "resource without a type", "not an object",
            ])
        #expect(document.problems.first?.raw.text == #"{ "type": "devices" }"#)
        #expect(document.allIncluded.map(\.id) == ["s1", "2", "s1"])
        #expect(document.links.next == "/v1/x?page%5Bkey%5D=2")
        #expect(document.links["self"] == "/v1/x" && document.links.raw?["self"]?["meta"]?["n"]?.int64 == 1)
        #expect(document.meta?["time"]?.date?.timeIntervalSince1970 == 1_795_000_200)
        #expect(document.errors.isEmpty)
        #expect(document.duplicateNames.isEmpty)
    }

    @Test func ofSeveralMetasTheLastCountsAndNullIsNone() throws {
        func meta(_ text: String) throws -> Int64? { try JSONAPIDocument(parsing: Array(text.utf8)).meta?["n"]?.int64 }
        #expect(try meta(#"{"meta":{"n":1},"data":[],"m\u0065ta":{"n":2}}"#) == 2)
        #expect(try meta(#"{"meta":{"n":1},"meta":null}"#) == nil)
        #expect(try meta(#"{"data":null}"#) == nil)
    }

    @Test func pathsOfProblemsStartAtTheTextsRoot() throws {
        let value = try JSONAPIValue(parsing: #"{"a":[{"data":[{"type":"t","id":"1"},7],"included":7,"errors":7}]}"#)
        let document = JSONAPIDocument(try #require(value["a"]?.elements.first))
        #expect(document.problems.map(\.path) == ["/a/0/data/1", "/a/0/included", "/a/0/errors"])
        #expect(document.resources.count == 1 && document.problemCount == 3)
    }

    @Test func readsRelationshipsInEveryForm() throws {
        let document = try JSONAPIDocument(parsing: Array(Self.list.utf8))
        let device = try #require(document.resources.first)
        #expect(device.attributes?["name"]?.string == "Straße \"A\"")
        #expect(device.attributes?["gone"] == nil)
        #expect(device.attributes?.member("gone")?.isNull == true)
        let status = JSONAPIIdentifier(type: "device-status", id: "s1")
        #expect(device.relationship("status")?.identifiers == [status])
        #expect(device.relationship("status")?.raw["links"]?["related"]?.string == "/v1/d1/status")
        #expect(device.relationship("many")?.identifiers.map(\.id) == ["l1", "2"])
        #expect(device.relationship("many")?.identifier?.id == "l1")
        #expect(device.relationship("none")?.raw.member("data")?.isNull == true)
        #expect(device.relationship("none")?.identifier == nil)
        #expect(device.relationship("bare").map { $0.identifiers.isEmpty && $0.raw.member("data") == nil } == true)
        #expect(device.relationship("other") == nil)
        let included = document.included(type: status.type, id: status.id)
        #expect(included?.attributes?["online"]?.bool == true && included?.identifier == status)
        #expect(document.included(device.relationship("status"))?.id == "s1")
        #expect(document.included(device.relationship("many")) == nil)
        #expect(document.included(type: "unheard-of", id: "2")?.id == "2")
        #expect(document.included(type: "unheard-of", id: "3") == nil)
    }

    @Test func readsErrorsWithNumbersForStrings() throws {
        let text = #"""
            {"errors":[{"id":"5b","status":416,"code":"MEDIA_NOT_FOUND","title":"t","detail":"d",
            "source":{"pointer":"timestamp","parameter":"p","header":"h"},"meta":{"x":1},"links":{"about":"/a"}},{}]}
            """#
        let document = try JSONAPIDocument(parsing: Array(text.utf8))
        let error = try #require(document.errors.first)
        #expect(error.status == "416" && error.id == "5b" && error.code == "MEDIA_NOT_FOUND")
        #expect(error.title == "t" && error.detail == "d" && error.raw["meta"]?["x"]?.int64 == 1)
        #expect(error.sourcePointer == "timestamp" && error.sourceParameter == "p" && error.sourceHeader == "h")
        #expect(document.errors.count == 2)
        #expect(document.errors.last?.status == nil)
    }

    @Test func takesASingleResourceAndRefusesAnArray() throws {
        let document = try JSONAPIDocument(parsing: Array(#"{"data":{"type":"users","id":"u"}}"#.utf8))
        #expect(document.resource?.identifier == JSONAPIIdentifier(type: "users", id: "u"))
        #expect(document.resources.count == 1)
        #expect(!document.isCollection)
        #expect(throws: JSONAPIReadError(offset: 0, path: "", reason: .notADocument)) {
            try JSONAPIDocument(parsing: Array("[]".utf8))
        }
    }

    @Test(arguments: [#"{"data":null}"#, "{}", #"{"data":[]}"#, #"{"meta":{}}"#, #"{"errors":[]}"#])
    func aDocumentAboutNothingIsNoProblem(text: String) throws {
        let document = try JSONAPIDocument(parsing: Array(text.utf8))
        #expect(document.resource == nil && document.resources.isEmpty && document.allIncluded.isEmpty)
        #expect(document.problems.isEmpty && document.errors.isEmpty)
        #expect(document.isCollection == (text == #"{"data":[]}"#))
        #expect(document.links.next == nil && document.links.raw == nil)
    }

    @Test func badElementsOfErrorsAreReportedAndThoseOfRelationshipsLeftOut() throws {
        let text =
            #"{"errors":[7,{"status":"404"},null],"data":{"type":"t","id":"1","relationships":{"many":"#
            + #"{"data":[{"type":"l","id":"1"},7,{"type":"l"}]},"one":{"data":"x"},"good":{"data":null}}}}"#
        let document = try JSONAPIDocument(parsing: Array(text.utf8))
        #expect(
            document.problems.map(\.description) == [
                #"not an object at "/errors/0""#, #"not an object at "/errors/2""#,
            ])
        #expect(document.errors.compactMap(\.status) == ["404"])
        let resource = try #require(document.resource)
        #expect(resource.relationship("many")?.identifiers.map(\.id) == ["1"])
        #expect(resource.relationship("one")?.identifiers.isEmpty == true)
        #expect(resource.relationship("good")?.identifiers.isEmpty == true)
    }

    @Test func linksAreStringsOrObjects() throws {
        let text = #"{"links":{"next":{"href":"/b","meta":{"n":2}},"prev":"/a","first":null,"last":7,"self":{}}}"#
        let links = try JSONAPIDocument(parsing: Array(text.utf8)).links
        #expect(links.next == "/b" && links.raw?["next"]?["meta"]?["n"]?.int64 == 2)
        #expect(links["prev"] == "/a" && links["first"] == nil && links["last"] == nil && links["self"] == nil)
    }

    @Test(
        arguments: [
            (#"{"links":{"next":""}}"#, false), (#"{"links":{"next":" \n"}}"#, false),
            (#"{"links":{"next":null}}"#, false),
            (#"{"links":{"next":{"href":""}}}"#, false), (#"{"links":{}}"#, false), (#"{"links":null}"#, false),
            (#"{"links":[]}"#, false), ("{}", false), (#"{"links":{"next":{"href":null,"meta":{}}}}"#, false),
            (#"{"links":{"next":1}}"#, true), (#"{"links":{"next":true}}"#, true),
            (#"{"links":{"next":{"x":1}}}"#, true),
            (#"{"links":{"next":"\ud800"}}"#, true), (#"{"links":["/p2"]}"#, true), (#"{"links":"/p2"}"#, true),
        ])
    func aLinkIsThereOrEmptyOrUnreadable(text: String, isUnreadable: Bool) throws {
        let links = try JSONAPIDocument(parsing: Array(text.utf8)).links
        #expect(links.next == nil && links.hasUnreadableNext == isUnreadable)
        let good = try JSONAPIDocument(parsing: Array(#"{"links":{"next":"/p2","prev":7}}"#.utf8)).links
        #expect(good.next == "/p2" && !good.hasUnreadableNext)
    }

    /// What this package has no model for can be kept and written again, with every digit and every escape's meaning.
    @Test func rawAttributesAreWrittenAgainWithTheSameMeaning() throws {
        let device = try #require(
            JSONAPIDocument(
                parsing: Array(
                    #"""
                    {"data":{"type":"devices","id":"d","attributes":{"n":1.10,"big":123456789012345678901234567890,
                    "s":"\u00e9\/\ud83d\ude00","future":{"deep":[null,{"x":1e400}]},"a":1,"a":2}}}
                    """#.utf8)
            ).resource)
        let raw = try #require(device.attributes)
        #expect(raw.member("big")?.numberText == "123456789012345678901234567890")
        let written = JSONAPILiteral.object([("kept", .value(raw))]).bytes
        #expect(String(decoding: written, as: UTF8.self).contains("123456789012345678901234567890"))
        #expect(try JSONAPIValue(parsing: written)["kept"] == raw)
    }

    @Test func decodesAttributesIntoAnAdoptersType() throws {
        struct Attributes: Decodable { var name: String }
        let device = try JSONAPIDocument(parsing: Array(Self.list.utf8)).resources.first
        #expect(try device?.decodeAttributes(Attributes.self).name == "Straße \"A\"")
    }
}
