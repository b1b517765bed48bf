import Foundation
import RingCore
import RingDevices
import RingJSONAPI
import RingTesting
import Testing

/// What each member of a history event becomes when it is missing, in another form than documented, or unknown; and which events
/// are left out because of it.
@Suite struct OddHistoryTests {
    private static let good = #""event_type":"motion","start":1795000000500"#

    private func read(
        _ attributes: String, _ rest: String = "", observer: any RingObserver = RingSilentObserver()
    ) async throws -> (event: RingHistoryEvent?, problems: [String]) {
        let body = #"{"data":[{"type":"history-events","id":"e","attributes":{\#(attributes)}\#(rest)}]}"#
        let all = try await Fixture.client([.json(body)], observer: observer).client.history(of: "d").collect()
        return (all.events.first, all.problems.map(\.reason))
    }

    @Test(arguments: [
        (#""event_type":"motion""#, "motion_detected"), (#""event_type":"ding""#, "button_press"),
        (#""event_type":"on_demand""#, "on_demand"), (#""event_type":"package_left""#, "package_left"),
    ])
    func aTypeIsInTheWordsOfWebhooks(type: String, kind: String) async throws {
        let (event, problems) = try await self.read(#"\#(type),"start":1795000000500"#)
        #expect(event?.kind.rawValue == kind && problems.isEmpty)
    }

    @Test(arguments: [
        ("", "event without a type"), (#""event_type":"motion""#, "event without a start"),
        (#""start":1795000000500"#, "event without a type"),
        (#""event_type":7,"start":1795000000500"#, "event without a type"),
        (#""event_type":null,"start":1795000000500"#, "event without a type"),
        (#""event_type":"motion","start":"soon""#, "event without a start"),
        (#""event_type":"motion","start":null"#, "event without a start"),
        (#""event_type":"motion","start":1e300"#, "event without a start"),
    ])
    func anEventWithoutTypeOrStartIsReportedAndLeftOut(attributes: String, reason: String) async throws {
        let (event, problems) = try await self.read(attributes)
        #expect(event == nil && problems == [reason])
    }

    @Test(arguments: [
        ("1795000000500", 1_795_000_000.5), (#""1795000000500""#, 1_795_000_000.5),
        (#""2026-11-18T11:06:40.500Z""#, 1_795_000_000.5), ("1795000000500.0", 1_795_000_000.5),
    ])
    func aStartInAnyForm(start: String, seconds: Double) async throws {
        let (event, _) = try await self.read(#""event_type":"motion","start":\#(start)"#)
        #expect(event?.start == Date(timeIntervalSince1970: seconds))
    }

    @Test(
        arguments: [
            (#","end":1795000010500"#, Duration.seconds(10)), (#","end":"1795000010500""#, .seconds(10)),
            (#","end":null"#, nil), ("", nil), (#","end":1794999999000"#, nil), (#","end":{}"#, nil),
        ] as [(String, Duration?)])
    func aLengthNeedsAnEndAfterTheStart(end: String, length: Duration?) async throws {
        let (event, problems) = try await self.read(Self.good + end)
        #expect(event != nil && event?.length == length && problems.isEmpty)
    }

    @Test(
        arguments: [
            (#","sub_type":"human""#, "human"), (#","sub_type":"drone""#, "drone"), (#","sub_type":7"#, nil),
            (#","sub_type":null"#, nil), ("", nil),
        ] as [(String, String?)])
    func aSubTypeIsOptional(subType: String, expected: String?) async throws {
        #expect(try await self.read(Self.good + subType).event?.subType?.rawValue == expected)
    }

    @Test(arguments: [
        (#","relationships":{"source":{"data":{"type":"devices","id":"other"}}}"#, "other"),
        (#","relationships":{"source":{"data":null}}"#, "d"), (#","relationships":{"source":7}"#, "d"),
        (#","relationships":[]"#, "d"), ("", "d"),
    ])
    func theDeviceIsTheSourceOrThatOfTheRequest(relationships: String, device: String) async throws {
        #expect(try await self.read(Self.good, relationships).event?.device.rawValue == device)
    }

    @Test func unknownMembersAndValuesAreReportedOnceEach() async throws {
        let observer = RecordingObserver()
        let (event, _) = try await self.read(
            #""event_type":"levitation","start":1795000000500,"cv_detections":[1],"is_third_party_reviewed":"on""#,
            observer: observer)
        #expect(event?.isThirdPartyReviewed == true)
        #expect(event?.attributes?["cv_detections"]?.count == 1)
        #expect(
            observer.events(RingDocumentProblem.self).map { "\($0.kind) \($0.path)" } == [
                "changed_form history-events.is_third_party_reviewed", "unknown_member history-events.cv_detections",
                "unknown_value history-events.event_type",
            ])
    }

    @Test(
        arguments: [
            (#""country":"US","state":"WA""#, "US", "WA"), (#""country":"DE""#, "DE", nil),
            (#""country":49,"state":null"#, "49", nil), (#""country":{},"state":[]"#, nil, nil), ("", nil, nil),
        ] as [(String, String?, String?)])
    func aLocationInOddForms(attributes: String, country: String?, state: String?) async throws {
        let body = #"{"data":{"type":"locations","id":"l","attributes":{\#(attributes)}}}"#
        let location = try await Fixture.client([.json(body)]).client.location(of: "d")
        #expect(location?.id == "l" && location?.country == country && location?.state == state)
    }
}
