import Foundation
import RingCore
import RingDevices
import RingJSONAPI
import RingTesting
import Testing

/// Documents of the wrong shape, odd links and odd strings: nothing broken looks like an empty account, and nothing odd costs
/// more than itself.
@Suite struct BrokenDocumentTests {
    private static let shapes = [
        "{}", #"{"data":"x"}"#, #"{"data":{}}"#, #"{"data":null}"#, #"{"data":7}"#, #"{"meta":{"time":"x"}}"#,
        #"{"errors":[{"status":"500","title":"Internal Server Error"}]}"#, #"{"message":"no Route matched"}"#, "[]",
        "null",
        "", "<html>",
    ]

    private func code(_ body: () async throws -> Void) async -> RingError.Code? {
        do {
            try await body()
            return nil
        } catch { return (error as? RingError)?.code ?? RingError.Code("\(error)") }
    }

    @Test(arguments: Self.shapes) func aListWithoutAListIsAnError(body: String) async throws {
        for isLater in [false, true] {
            let responses = ["devices", "history-events", "locations"].map { type -> [RingHTTPResponse] in
                let first = #"{"data":[{"type":"\#(type)","id":"1"}],"links":{"next":"/v1/p2"}}"#
                return isLater ? [.json(first), .json(body)] : [.json(body)]
            }
            let (devices, _) = try Fixture.client(responses[0])
            #expect(await self.code { _ = try await devices.list() } == .malformedResponse)
            let (history, _) = try Fixture.client(responses[1])
            #expect(await self.code { _ = try await history.history(of: "d").collect() } == .malformedResponse)
            let (locations, _) = try Fixture.client(responses[2])
            #expect(await self.code { _ = try await locations.locations() } == .malformedResponse)
        }
    }

    @Test(arguments: Self.shapes.filter { $0 != #"{"data":null}"# }) func apartWithoutDataIsAnError(body: String)
        async throws
    {
        #expect(
            await self.code { _ = try await Fixture.client([.json(body)]).client.status(of: "d") } == .malformedResponse
        )
        #expect(
            await self.code { _ = try await Fixture.client([.json(body)]).client.location(of: "d") }
                == .malformedResponse)
        #expect(
            await self.code { _ = try await Fixture.client([.json(body)]).client.device("d") } == .malformedResponse)
    }

    @Test func theErrorSaysWhatWasThereInstead() async throws {
        let body = #"{"errors":[{"code":"INTERNAL_ERROR","detail":"SECRET"}]}"#
        let (client, _) = try Fixture.client([.json(body)])
        let error = await #expect(throws: RingError.self) { try await client.list() }
        #expect(error?.message.contains("errors in place of data") == true)
        #expect(error?.serverCodes == ["INTERNAL_ERROR"] && error?.description.contains("SECRET") == false)
    }

    @Test func aSingleResourceInPlaceOfAListIsUnderstood() async throws {
        let (client, _) = try Fixture.client([.json(#"{"data":{"type":"devices","id":"1"}}"#)])
        #expect(try await client.list().map(\.id) == ["1"])
    }

    // MARK: Links

    @Test(
        arguments: [
            #""""#, #"" ""#, "null", "false", "[]", "{}", #"{"href":""}"#, #"{"href":null}"#,
            #"{"href":null,"meta":{"page":1}}"#,
        ])
    func anEmptyLinkIsTheEnd(link: String) async throws {
        let devices = #"{"data":[{"type":"devices","id":"1"}],"links":{"next":\#(link)}}"#
        let (client, transport) = try Fixture.client([.json(devices)])
        #expect(try await client.list().map(\.id) == ["1"])
        #expect(transport.requests.count == 1)
        let events = #"{"data":[\#(Self.event(1))],"links":{"next":\#(link)}}"#
        let history = try await Fixture.client([.json(events)]).client.history(of: "d").collect()
        #expect(history.events.map(\.id) == ["e1"] && history.end == .complete)
    }

    @Test(arguments: ["7", "true", #"["/v1/devices?p=2"]"#, #"{"url":"/v1/devices?p=2"}"#, #"{"href":7}"#])
    func aLinkThatLeadsNowhereIsAnErrorAfterItsPage(link: String) async throws {
        let devices = #"{"data":[{"type":"devices","id":"1"}],"links":{"next":\#(link)}}"#
        #expect(
            await self.code { _ = try await Fixture.client([.json(devices)]).client.list() } == .malformedResponse)
        let events = #"{"data":[\#(Self.event(1))],"links":{"next":\#(link)}}"#
        var iterator = try Fixture.client([.json(events)]).client.history(of: "d").makeAsyncIterator()
        #expect(try await iterator.next()?.id == "e1")
        await #expect { try await iterator.next() } throws: { ($0 as? RingError)?.code == .malformedResponse }
        #expect(try await iterator.next() == nil)
    }

    @Test(
        arguments: [
            ("?page[key]=b", "/v1/history/devices/d/events?page%5Bkey%5D=b"),
            ("events?p=2", "/v1/history/devices/d/events?p=2"), ("/v1/x?p=2", "/v1/x?p=2"),
            ("https://api.amazonvision.com/v1/x?p=2", "/v1/x?p=2"), ("//api.amazonvision.com/v1/x?p=2", "/v1/x?p=2"),
        ])
    func aRelativeLinkBeginsAtItsPage(link: String, target: String) async throws {
        let (client, transport) = try Fixture.client([
            .json(#"{"data":[\#(Self.event(1))],"links":{"next":"\#(link)"}}"#),
            .json(#"{"data":[\#(Self.event(2))]}"#),
        ])
        #expect(try await client.history(of: "d").collect().events.map(\.id) == ["e1", "e2"])
        #expect(transport.targets.last == target)
    }

    @Test(arguments: ["https://evil.example/v1", "//evil.example/v1", "http://api.amazonvision.com/v1"])
    func aLinkToAnotherOriginIsAnErrorAfterItsPage(link: String) async throws {
        let (client, transport) = try Fixture.client([
            .json(#"{"data":[\#(Self.event(1))],"links":{"next":"\#(link)"}}"#)
        ])
        var iterator = client.history(of: "d").makeAsyncIterator()
        #expect(try await iterator.next()?.id == "e1")
        await #expect { try await iterator.next() } throws: { ($0 as? RingError)?.code == .redirectRefused }
        #expect(transport.requests.count == 1)
    }

    // MARK: Doubles

    private static func event(_ number: Int) -> String {
        #"{"type":"history-events","id":"e\#(number)","attributes":{"event_type":"motion","start":\#(9_000 - number)}}"#
    }

    @Test func whatMovesToTheNextPageIsDeliveredOnce() async throws {
        // An event comes in after the first page was read: everything moves on by one.
        let pages = [[1, 2, 3], [3, 4, 5], [5, 6, 1]].enumerated().map { index, numbers in
            let next = index < 2 ? #""/v1/p\#(index)""# : "null"
            return RingHTTPResponse.json(
                #"{"data":[\#(numbers.map(Self.event).joined(separator: ","))],"links":{"next":\#(next)}}"#)
        }
        let history = try await Fixture.client(pages).client.history(of: "d").collect()
        #expect(history.events.map(\.id) == ["e1", "e2", "e3", "e4", "e5", "e6"])
        let limited = try await Fixture.client(pages).client.history(of: "d", RingHistoryQuery(limit: 4)).collect()
        #expect(limited.events.map(\.id) == ["e1", "e2", "e3", "e4"])

        let lists = [#"["a","b"],"links":{"next":"/v1/p2"}"#, #"["b","c"]"#].map { list in
            let ids = list.replacing(/"([abc])"/) { #"{"type":"TYPE","id":"\#($0.1)"}"# }
            return #"{"data":\#(ids)}"#
        }
        let devices = lists.map { RingHTTPResponse.json($0.replacing("TYPE", with: "devices")) }
        #expect(try await Fixture.client(devices).client.list().map(\.id) == ["a", "b", "c"])
        let locations = lists.map { RingHTTPResponse.json($0.replacing("TYPE", with: "locations")) }
        #expect(try await Fixture.client(locations).client.locations().map(\.id) == ["a", "b", "c"])
    }

    // MARK: Odd strings

    private static let oddStrings: [[UInt8]] = [
        Array(#"Cam \ud83d"#.utf8), Array(#"\udc00x"#.utf8), Array("Door\u{7}".utf8), Array("a\nb".utf8), [0x41, 0x00],
        [0x42, 0xff, 0x43], [0xc3], Array("é".utf8) + [0xe2, 0x82], [0xed, 0xa0, 0x80],
    ]

    @Test(arguments: Self.oddStrings) func anOddStringCostsItsMember(odd: [UInt8]) async throws {
        let body =
            Array(#"{"data":[{"type":"devices","id":"good","attributes":{"name":"Front Door"}},"#.utf8)
            + Array(#"{"type":"devices","id":"odd","attributes":{"name":""#.utf8) + odd
            + Array(#"","image_url":"https://x.example/i"}}]}"#.utf8)
        let observer = RecordingObserver()
        let (client, _) = try Fixture.client(
            [RingHTTPResponse(status: 200, body: RingHTTPBody(body))], observer: observer)
        let list = try await client.list()
        #expect(list.map(\.id) == ["good", "odd"] && list.map(\.name) == ["Front Door", nil])
        #expect(list.last?.imageURL?.host() == "x.example")
        #expect(list.problems.map(\.path) == ["/data/1/attributes/name"])
        #expect(list.problems.first?.reason.contains("cannot be decoded") == true)
        #expect(list.problems.first?.raw.bytes == [0x22] + odd + [0x22])
        #expect(observer.events(RingDocumentProblem.self).map(\.kind).contains("unreadable"))
    }

    @Test func anOddIdentifierCostsItsDevice() async throws {
        let body =
            #"{"data":[{"type":"devices","id":"a"},{"type":"devices","id":"\ud800"},{"type":"devices","id":"c"}]}"#
        let list = try await Fixture.client([.json(body)]).client.list()
        #expect(list.map(\.id) == ["a", "c"])
        #expect(list.problems.map(\.path) == ["/data/1", "/data/1/id"])
    }

    @Test func aByteOrderMarkIsIgnored() async throws {
        let body = "\u{feff}" + #"{"data":[{"type":"devices","id":"a"}]}"#
        #expect(try await Fixture.client([.json(body)]).client.list().map(\.id) == ["a"])
    }
}
