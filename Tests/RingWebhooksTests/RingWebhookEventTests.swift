import Foundation
import RingCore
import RingJSONAPI
import RingWebhooks
import Testing

@Suite(.timeLimit(.minutes(1))) struct RingWebhookEventTests {
    static func event(_ name: String) throws -> RingWebhookEvent {
        let text = try #require(SheetDocuments.all.first { $0.name == name }?.text)
        return try RingWebhookEvent(decoding: Array(text.utf8))
    }

    static let door: RingDeviceID = "ava1.ring.device.TESTDOOR0001"
    static func at(_ milliseconds: Double) -> Date { Date(timeIntervalSince1970: milliseconds / 1_000) }

    @Test(arguments: SheetDocuments.all.map(\.name))
    func everyExampleIsAKnownEvent(name: String) throws {
        let event = try Self.event(name)
        #expect(event.kind.isKnown)
        #expect(event.kind.rawValue == String(name.prefix { $0 != " " }))
        #expect(event.version == "1.1")
        #expect(event.accountID == "ava1.ring.account.TESTACCT0001")
        #expect(event.sentAt != nil)
        #expect(!event.requestID.rawValue.isEmpty)
        #expect(!event.id.rawValue.isEmpty)
        if case .unknown = event.content { Issue.record("\(name) has no content") }
    }

    @Test func theMotionOfTheWorkedVector() throws {
        let event = try Self.event("motion_detected 1")
        #expect(event.requestID == "0f6c1b1e-6c0b-4a3b-9d52-3f5c5b0c9a11")
        #expect(event.id == "ava1.ring.device.TESTDOOR0001_human_1795000000500")
        #expect(event.sentAt == Self.at(1_795_000_001_250))
        #expect(event.occurredAt == Self.at(1_795_000_000_500))
        #expect(event.deviceID == Self.door)
        #expect(
            event.content
                == .motion(
                    RingMotionEvent(device: Self.door, subType: .human, occurredAt: Self.at(1_795_000_000_500))))
        #expect(
            event.historyKey
                == RingEventKey(
                    device: Self.door, kind: RingEventKind(historyType: "motion"), startMilliseconds: 1_795_000_000_500)
        )
    }

    @Test func componentsAndTheOlderSubTypeAreRead() throws {
        #expect(try Self.event("motion_detected 2").componentIDs == ["1"])
        #expect(try Self.event("motion_detected 3").subType == .vehicle)
    }

    @Test func integrationsHaveNoDevice() throws {
        let event = try Self.event("app_integration_removed 1")
        #expect(event.deviceID == nil)
        #expect(
            event.content
                == .integration(
                    RingIntegrationEvent(
                        account: "ava1.ring.account.TESTACCT0001", isAdded: false,
                        occurredAt: Self.at(1_795_075_199_800))))
    }

    @Test func subscriptionsNameTheirDevicesAndNotTheirSource() throws {
        let event = try Self.event("subscription_activated 1")
        #expect(event.deviceID == nil)
        #expect(event.occurredAt == nil)
        #expect(
            event.content
                == .subscription(
                    RingSubscriptionEvent(
                        isActive: true, subscription: "sub-opaque-01", subType: .paid,
                        planID: "5f0b1d2c-3a4e-4c5d-9b6f-7a8c9d0e1f22", expiresAt: Self.at(1_797_552_000_000),
                        devices: [Self.door])))
        let end = try Self.event("subscription_deactivated 1")
        #expect(
            end.content
                == .subscription(
                    RingSubscriptionEvent(
                        isActive: false, subscription: "sub-opaque-02", subType: .trial, devices: [Self.door])))
    }

    @Test(arguments: RingEventKind.sensors)
    func everySensorKindIsTyped(kind: RingEventKind) throws {
        let draft = RingWebhookDraft(kind: kind, account: "a", device: "d", occurredAt: Self.at(5))
        let event = try RingWebhookEvent(decoding: draft.body)
        guard case .sensor(let sensor) = event.content else { throw ExpectedSensor() }
        #expect(sensor.device == "d")
        #expect(sensor.isRaised == !kind.rawValue.hasSuffix("_cleared"))
        #expect(kind.rawValue.hasPrefix(sensor.quantity.rawValue))
        #expect(sensor.occurredAt == Self.at(5))
        #expect(sensor.readings.isEmpty)
    }
    struct ExpectedSensor: Error {}

    @Test(arguments: [
        (RingEventKind.deviceAdded, RingDeviceChangeEvent.Change.added), (.deviceRemoved, .removed),
        (.deviceOnline, .online), (.deviceOffline, .offline),
    ])
    func everyDeviceKindIsTyped(kind: RingEventKind, change: RingDeviceChangeEvent.Change) throws {
        let draft = RingWebhookDraft(kind: kind, account: "a", device: "d", occurredAt: Self.at(5))
        #expect(
            try RingWebhookEvent(decoding: draft.body).content
                == .device(RingDeviceChangeEvent(device: "d", change: change, occurredAt: Self.at(5))))
    }

    /// A document with other attributes, or other members of `data`.
    static func decode(type: String = "motion_detected", data: String = "", attributes: String) throws
        -> RingWebhookEvent
    {
        let text =
            #"{"meta":{"version":"1.1","time":"2026-11-18T11:00:00Z","request_id":"r","account_id":"a"},"#
            + #""data":{"id":"e","type":"\#(type)"\#(data),"attributes":{\#(attributes)}}}"#
        return try RingWebhookEvent(decoding: Array(text.utf8))
    }

    @Test(
        arguments: [
            (#","subType":"b","sub_type":"c""#, #","sub_type":"a""#, "a"), (#","subType":"b","sub_type":"c""#, "", "b"),
            (#","sub_type":"c""#, "", "c"), ("", "", nil), (#","subType":"b""#, #","sub_type":null"#, "b"),
        ] as [(String, String, String?)])
    func theSubTypeIsReadFromAllItsPlacesInOrder(data: String, attributes: String, subType: String?) throws {
        let event = try Self.decode(
            data: data, attributes: #""source":"d","source_type":"devices"\#(attributes)"#)
        #expect(event.subType?.rawValue == subType)
    }

    @Test(
        arguments: [
            (#"["1","2"]"#, ["1", "2"]), ("[1,2]", ["1", "2"]), (#"[{"id":"1"},{"component_id":2}]"#, ["1", "2"]),
            (#""1""#, ["1"]), ("7", ["7"]), ("null", []), ("[]", []), (#"[null,true,"3"]"#, ["3"]), ("{}", []),
        ] as [(String, [RingComponentID])])
    func componentsAreReadInEveryForm(json: String, ids: [RingComponentID]) throws {
        let event = try Self.decode(attributes: #""source":"d","source_type":"devices","component_ids":\#(json)"#)
        #expect(event.componentIDs == ids)
    }

    @Test(
        arguments: [
            ("1795000000500", 1_795_000_000_500), (#""1795000000500""#, 1_795_000_000_500),
            ("1.795e12", 1_795_000_000_000),
            (#""2026-11-18T11:06:40.500Z""#, 1_795_000_000_500), ("1e400", nil), (#""soon""#, nil), ("true", nil),
            ("99999999999999999999", nil), ("-1", -1), ("253402300799999", 253_402_300_799_999),
            ("253402300800000", nil), ("-253402300800000", nil), ("9223372036854775807", nil),
            ("-9223372036854775808", nil), (#""9223372036854775807""#, nil),
        ] as [(String, Double?)])
    func theTimestampIsReadInEveryForm(json: String, milliseconds: Double?) throws {
        let event = try Self.decode(attributes: #""source":"d","source_type":"devices","timestamp":\#(json)"#)
        #expect(event.occurredAt == milliseconds.map(Self.at))
    }

    @Test func theOldestFormHasLittle() throws {
        let text = #"""
            {"meta":{"version":"1.0","time":"2026-11-18T11:00:00Z","request_id":"req1"},
            "data":{"id":"event123","type":"motion_detected",
            "attributes":{"source":"device123","source_type":"devices","timestamp":1795000000500}}}
            """#
        let event = try RingWebhookEvent(decoding: Array(text.utf8))
        #expect(event.version == "1.0")
        #expect(event.accountID == nil)
        #expect(event.subType == nil)
        #expect(
            event.content
                == .motion(RingMotionEvent(device: "device123", occurredAt: Self.at(1_795_000_000_500))))
    }

    @Test func anUnknownKindKeepsItsRawAttributes() throws {
        let event = try Self.decode(
            type: "chime_moved", attributes: #""source":"c1","source_type":"devices","volume":11,"new":{"x":[1]}"#)
        #expect(event.kind == RingEventKind(rawValue: "chime_moved"))
        #expect(!event.kind.isKnown)
        #expect(event.deviceID == "c1")
        #expect(event.content == .unknown)
        #expect(event.attributes?["volume"]?.int64 == 11)
        #expect(event.attributes?["new"]?["x"]?.elements.count == 1)
    }

    @Test(
        arguments: [
            (#""source":"subscriptions""#, "", nil), (#""source":"acct","source_type":"users""#, "", nil),
            (#""source":"d1","source_type":"devices""#, "", "d1"),
            ("", #","relationships":{"devices":{"links":{"self":"/v1/devices/a%2Fb%3Fc?x=1"}}}"#, "a/b?c"),
            ("", #","relationships":{"devices":{"links":{"self":"/v1/devices/"}}}"#, nil),
            ("", #","relationships":{"devices":{"links":{"self":7}}}"#, nil),
        ] as [(String, String, RingDeviceID?)])
    func anUnknownKindHasADeviceOnlyWhenItSaysSo(attributes: String, data: String, device: RingDeviceID?) throws {
        #expect(try Self.decode(type: "news", data: data, attributes: attributes).deviceID == device)
    }

    @Test func aKnownKindWithoutWhatItNeedsIsUnknownAndKept() throws {
        let event = try Self.decode(attributes: #""timestamp":1"#)
        #expect(event.kind == .motionDetected)
        #expect(event.deviceID == nil)
        guard case .unknown = event.content else { throw ExpectedSensor() }
        #expect(event.historyKey == nil)
    }

    @Test func sensorReadingsAreWhateverNumbersThereAre() throws {
        let event = try Self.decode(
            type: "temperature_exceeded",
            attributes: #""source":"s","source_type":"devices","timestamp":5,"value":"21.5","threshold":20,"unit":"C""#)
        guard case .sensor(let sensor) = event.content else { throw ExpectedSensor() }
        #expect(sensor.readings == ["value": 21.5, "threshold": 20])
        #expect(sensor.quantity == .temperature)
    }

    @Test(arguments: [#"{"type":"device","id":"d"}"#, #"{"type":"devices","id":"d"}"#])
    func subscriptionDevicesAreSingularOrPlural(identifier: String) throws {
        for related in ["[\(identifier)]", identifier] {
            let event = try Self.decode(
                type: "subscription_activated", data: #","relationships":{"devices":{"data":\#(related)}}"#,
                attributes: #""source":"subscriptions","sub_type":"trial","plan_id":null"#)
            guard case .subscription(let subscription) = event.content else { throw ExpectedSensor() }
            #expect(subscription.devices == ["d"])
        }
    }

    @Test func aBodyWithoutARequestIDIsNamedByItsDigest() throws {
        let one = try RingWebhookEvent(decoding: Array(#"{"data":{"type":"a"}}"#.utf8))
        let same = try RingWebhookEvent(decoding: Array(#"{"data":{"type":"a"}}"#.utf8))
        let other = try RingWebhookEvent(decoding: Array(#"{"data":{"type":"b"}}"#.utf8))
        #expect(one.key == same.key)
        #expect(one.key != other.key)
        #expect(one.requestID.rawValue.hasPrefix("sha256:"))
    }

    @Test func theKeyAsTextIsUnambiguous() {
        let one = RingWebhookKey(requestID: "a:b", eventID: "c")
        let two = RingWebhookKey(requestID: "a", eventID: "b:c")
        #expect(one.description != two.description)
    }

    @Test(arguments: [
        ("", RingWebhookError.Code.malformedBody), ("[]", .notAnEvent), ("null", .notAnEvent), ("{}", .notAnEvent),
        (#"{"data":[]}"#, .notAnEvent), (#"{"data":{"type":""}}"#, .notAnEvent), (#"{"data":{"type":7}}"#, .notAnEvent),
        (#"{"data":{"type":"x"}"#, .malformedBody), (#"{"data":{"type":"x"}}{}"#, .malformedBody),
    ])
    func whatIsNoEventIsTold(text: String, code: RingWebhookError.Code) {
        #expect { try RingWebhookEvent(decoding: Array(text.utf8)) } throws: { ($0 as? RingWebhookError)?.code == code }
    }

    @Test func aByteOrderMarkAndAnOddStringLoseNoEvent() throws {
        let body =
            "\u{feff}" + #"{"data":{"type":"button_press","id":"e","attributes":{"source":"d","note":"\ud83d"}}}"#
        let event = try RingWebhookEvent(decoding: Array(body.utf8))
        #expect(event.kind == .buttonPress && event.id == "e")
        #expect(event.document["data"]?["attributes"]?["note"]?.string == nil)
    }

    @Test func duplicateNamesDoNotConfuse() throws {
        let event = try Self.decode(
            data: #","type":"button_press""#, attributes: #""source":"x","source":"d","source_type":"devices""#)
        #expect(event.kind == .buttonPress)
        #expect(event.deviceID == "d")
    }
}
