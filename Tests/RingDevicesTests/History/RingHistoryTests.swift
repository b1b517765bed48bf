import Foundation
import RingCore
import RingDevices
import RingJSONAPI
import RingTesting
import Testing

@Suite struct RingHistoryTests {
    private static func event(_ id: Int, _ type: String = "motion", at milliseconds: Int) -> String {
        #"{"type":"history-events","id":"e\#(id)","attributes":{"event_type":"\#(type)","start":\#(milliseconds)}}"#
    }

    private static func page(_ events: [String], next: String? = nil) -> RingHTTPResponse {
        let links = next.map { #","links":{"next":"\#($0)"}"# } ?? ""
        return .json(#"{"data":[\#(events.joined(separator: ","))]\#(links)}"#)
    }

    private func moment(_ milliseconds: Int) -> Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    @Test func readsADocumentedEntry() async throws {
        let (client, transport) = try Fixture.client([
            try Fixture.response("history.documented"), Self.page([]),
        ])
        let (events, problems, end) = try await client.history(of: "d", RingHistoryQuery(types: [.human])).collect()
        let event = try #require(events.first)
        #expect(events.count == 1 && problems.isEmpty && end == .complete)
        #expect(event.kind == .motionDetected)
        #expect(event.key.startMilliseconds == 1_795_000_000_500)
        #expect(event.length == .seconds(25))
        #expect(event.isThirdPartyReviewed == false)
        #expect(event.device == "ava1.ring.device.TESTDOOR0001")
        #expect(event.subType == nil)
        #expect(
            transport.targets == [
                "/v1/history/devices/d/events?event_types=motion.human",
                "/v1/history/devices/ava1.ring.device.TESTDOOR0001/events"
                    + "?page%5Bkey%5D=2026-11-18T10%3A58%3A00Z&event_types=motion.human",
            ])
    }

    @Test func timesMayBeStringsOfDigits() async throws {
        let (events, _, _) = try await Fixture.client("history.strings").client.history(of: "d").collect()
        #expect(events.first?.kind == .buttonPress)
        #expect(events.first?.start == self.moment(1_795_000_500_800))
        #expect(events.first?.end == self.moment(1_795_000_510_800))
        #expect(events.first?.isThirdPartyReviewed == true)
    }

    @Test func anEntryWithoutASourceIsOfTheDeviceAskedAbout() async throws {
        let (events, _, _) = try await Fixture.client("history.sparse").client.history(of: "door").collect()
        #expect(events.map(\.device) == ["door"])
        #expect(events.first?.kind == .onDemand && events.first?.end == nil)
    }

    @Test func anEntryOfTheFutureIsKeptAndABrokenOneCostsItself() async throws {
        let (events, problems, _) = try await Fixture.client("history.future").client.history(of: "d").collect()
        #expect(events.map(\.id.rawValue) == ["a", "d"].map { "ava1.ring.history.event.\($0)" })
        #expect(events.first?.kind == RingEventKind(rawValue: "package_moved"))
        #expect(events.first?.subType == RingEventSubType(rawValue: "courier"))
        #expect(events.first?.attributes?["confidence"]?.double == 0.9)
        #expect(
            problems.map(\.reason).sorted() == [
                "event without a start", "event without a type", "resource without an id",
            ])
    }

    @Test func fetchesAsManyPagesAsThereAre() async throws {
        let pages = (0..<60).map { page in
            Self.page(
                [Self.event(page, at: 1_795_000_000_000 - page)],
                next: page == 59 ? nil : "/v1/history/devices/d/events?page[key]=k\(page)")
        }
        let (client, transport) = try Fixture.client(pages)
        let (events, _, end) = try await client.history(of: "d").collect()
        #expect(events.count == 60)
        #expect(end == .complete)
        #expect(transport.targets.last == "/v1/history/devices/d/events?page%5Bkey%5D=k58")
    }

    @Test func stopsAtAnEmptyPageWithALink() async throws {
        let (client, transport) = try Fixture.client([
            Self.page([Self.event(1, at: 10)], next: "/p2"), Self.page([], next: "/p3"),
        ])
        let (events, _, end) = try await client.history(of: "d").collect()
        #expect(events.count == 1 && end == .emptyPage && transport.requests.count == 2)
    }

    @Test func stopsWhenTheServerGoesInCircles() async throws {
        let (client, _) = try Fixture.client([
            Self.page([Self.event(1, at: 10)], next: "/p2"), Self.page([Self.event(2, at: 9)], next: "/p2"),
        ])
        let (events, _, end) = try await client.history(of: "d").collect()
        #expect(events.count == 2 && end == .repeatedLink)
    }

    @Test func aPageWithoutAnythingReadableOrWantedIsNotTheEnd() async throws {
        let (client, _) = try Fixture.client([
            Self.page(["17"], next: "/p2"), Self.page([Self.event(1, "ding", at: 9)], next: "/p3"),
            Self.page([Self.event(2, at: 8)]),
        ])
        let (events, problems, end) = try await client.history(of: "d", RingHistoryQuery(types: [.motion])).collect()
        #expect(events.map(\.id) == ["e2"])
        #expect(problems.count == 1 && end == .complete)
    }

    @Test func sendsFiltersAddsThemToLinksThatLostThemAndAppliesThemOnceMore() async throws {
        let (client, transport) = try Fixture.client([
            Self.page([Self.event(1, "on_demand", at: 9), Self.event(2, "ding", at: 8)], next: "/p2?page[key]=a"),
            Self.page([Self.event(3, "motion", at: 7)], next: "/p3"),
            Self.page([Self.event(4, "ding", at: 6)], next: "/p4?event_types=ding,motion.human&x=1"),
            Self.page([Self.event(5, "motion", at: 5)]),
        ])
        let query = RingHistoryQuery(types: [.ding, .human])
        #expect(try await client.history(of: "d", query).collect().events.map(\.id) == ["e2", "e3", "e4", "e5"])
        #expect(
            transport.targets == [
                "/v1/history/devices/d/events?event_types=ding%2Cmotion.human",
                "/p2?page%5Bkey%5D=a&event_types=ding%2Cmotion.human", "/p3?event_types=ding%2Cmotion.human",
                "/p4?event_types=ding,motion.human&x=1",
            ])
    }

    @Test func aSubTypeThatIsToldMustMatch() throws {
        var event = RingHistoryEvent(
            id: "e", kind: .motionDetected, start: self.moment(1), subType: .vehicle, device: "d")
        #expect(!RingHistoryFilter.human.matches(event))
        #expect(RingHistoryFilter.vehicle.matches(event) && RingHistoryFilter.motion.matches(event))
        event.subType = nil
        #expect(RingHistoryFilter.human.matches(event) && !RingHistoryFilter.ding.matches(event))
        #expect(RingHistoryFilter(.motionDetected, .animal) == .animal)
    }

    @Test func sinceAndUntilAreInclusiveAndOlderPagesAreNotFetched() async throws {
        let (client, transport) = try Fixture.client([
            Self.page([Self.event(1, at: 4001), Self.event(2, at: 4000)], next: "/p2"),
            Self.page([Self.event(3, at: 3000), Self.event(4, at: 2999)], next: "/p3"),
        ])
        let query = RingHistoryQuery(since: self.moment(3000), until: self.moment(4000))
        let (events, _, end) = try await client.history(of: "d", query).collect()
        #expect(events.map(\.id) == ["e2", "e3"])
        #expect(end == .reachedSince && transport.requests.count == 2)
    }

    @Test func aPageOutOfOrderDoesNotEndTheHistoryEarly() async throws {
        let (client, _) = try Fixture.client([
            Self.page([Self.event(1, at: 2000), Self.event(2, at: 5000), Self.event(3, at: 1000)], next: "/p2"),
            Self.page([Self.event(4, at: 3500)]),
        ])
        let query = RingHistoryQuery(since: self.moment(3000))
        #expect(try await client.history(of: "d", query).collect().events.map(\.id) == ["e2", "e4"])
    }

    @Test func theLimitCountsWantedEventsAndFetchesNoPageTooMany() async throws {
        let (client, transport) = try Fixture.client([
            Self.page([Self.event(1, "ding", at: 9), Self.event(2, at: 8)], next: "/p2"),
            Self.page([Self.event(3, at: 7), Self.event(4, at: 6)], next: "/p3"),
        ])
        let query = RingHistoryQuery(types: [.motion], limit: 2)
        let (events, _, end) = try await client.history(of: "d", query).collect()
        #expect(events.map(\.id) == ["e2", "e3"] && end == .limit)
        #expect(transport.requests.count == 2)
        let none = try await client.history(of: "d", RingHistoryQuery(limit: 0)).collect()
        #expect(none.events.isEmpty && transport.requests.count == 2)
    }

    @Test func aFailureOnALaterPageIsThrownAndEndsTheHistory() async throws {
        let (client, _) = try Fixture.client([
            Self.page([Self.event(1, at: 9)], next: "/p2"), .json("{}", status: 503),
        ])
        var iterator = client.history(of: "d").makeAsyncIterator()
        #expect(try await iterator.next()?.id == "e1")
        await #expect(throws: RingError.self) { try await iterator.next() }
        #expect(try await iterator.next() == nil)
    }

    @Test(arguments: ["1e400", "99999999999999999999", "-1e300", "{}", "true", #""12a""#])
    func absurdTimesCostTheirEntryAndNoMore(start: String) async throws {
        let body =
            #"{"data":[{"type":"history-events","id":"a","attributes":{"event_type":"ding","start":\#(start)}},"#
            + Self.event(2, at: 5) + "]}"
        let (client, _) = try Fixture.client([.json(body)])
        let (events, problems, _) = try await client.history(of: "d").collect()
        #expect(events.map(\.id) == ["e2"] && problems.count == 1)
    }
}
