import Foundation
import RingCore
import RingDevices
import RingJSONAPI
import Testing

/// Devices as JSON for a web page, and a list as a collection.
@Suite struct RingDeviceJSONTests {
    private func devices(_ fixture: String) throws -> RingDeviceList {
        RingDeviceList(try JSONAPIDocument(parsing: Fixture.bytes(fixture)))
    }

    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    private static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }()

    @Test(arguments: ["devices.documented", "devices.future", "devices.sparse"])
    func aDeviceSurvivesItsJSON(fixture: String) throws {
        for device in try self.devices(fixture) {
            let json = try Self.encoder.encode(device)
            let copy = try Self.decoder.decode(RingDevice.self, from: json)
            #expect(try Self.encoder.encode(copy) == json)
            #expect(copy.id == device.id && copy.name == device.name && copy.imageURL == device.imageURL)
            #expect(copy.likelyKind == device.likelyKind && copy.powerSource == device.powerSource)
            #expect(copy.capabilities?.video == device.capabilities?.video)
            #expect(copy.configurations?.motion == device.configurations?.motion)
            #expect(copy.configurations?.image == device.configurations?.image)
            #expect(copy.location?.country == device.location?.country)
            #expect(copy.raw == nil)
        }
    }

    @Test func theMemberNamesOfADeviceAreStable() throws {
        let status = RingDeviceStatus(
            isOnline: true, reportedAt: Date(timeIntervalSince1970: 1_795_000_000),
            contact: RingDetection(isTriggered: true),
            otherDetections: [.smoke: RingDetection(isTriggered: false)], battery: RingBattery(percentage: 80),
            signalStrength: .good, readings: [RingReading(kind: .temperature, value: 21.5, unit: .celsius)])
        let zone = RingZone(id: "z", vertices: [RingZonePoint(x: 0, y: 0), RingZonePoint(x: 1, y: 0)])
        let device = RingDevice(
            id: "d", name: "Door", imageAddress: "https://example.com/a.png", status: status,
            capabilities: RingDeviceCapabilities(
                video: RingVideoCapabilities(codecs: [.avc], maximumHeight: 1080), detections: [.contact]),
            configurations: RingDeviceConfigurations(
                motion: RingMotionConfiguration(isEnabled: true, zones: [zone]), isEncrypted: false),
            location: RingLocation(id: "l", country: "US", state: "WA"))
        #expect(
            String(decoding: try Self.encoder.encode(device), as: UTF8.self) == """
                {"capabilities":{"audioActions":[],"components":[],"detections":["contact"],"imageFeatures":[],\
                "motionFeatures":[],"video":{"codecs":["AVC"],"features":[],"maximumHeight":1080,"supportedHeights":[]}},\
                "configurations":{"isEncrypted":false,"motion":{"isEnabled":true,"zones":[{"id":"z","vertices":\
                [{"x":0,"y":0},{"x":1,"y":0}]}]}},"id":"d","imageURL":"https://example.com/a.png","kind":"camera",\
                "location":{"country":"US","id":"l","state":"WA"},"name":"Door","status":{"battery":{"isOnMains":false,\
                "percentage":80},"contact":{"isTriggered":true},"hasNeverReported":false,"isOnline":true,\
                "otherDetections":{"smoke":{"isTriggered":false}},"readings":[{"kind":"temperature","unit":"celsius",\
                "value":21.5}],"reportedAt":"2026-11-18T11:06:40Z","signalStrength":"good"}}
                """)
    }

    @Test func equalDevicesAreEqualJSON() throws {
        let kinds = ["tamper", "contact", "co", "smoke", "flood", "freeze", "glass_break", "heat"].map {
            RingDetectionKind(rawValue: $0)
        }
        var expected: Data?
        // The order of a set's elements depends on how it came to be.
        for capacity in [0, 16, 64, 256, 1_024] {
            var detections: Set<RingDetectionKind> = []
            detections.reserveCapacity(capacity)
            detections.formUnion(kinds)
            let device = RingDevice(id: "d", capabilities: RingDeviceCapabilities(detections: detections))
            let json = try Self.encoder.encode(device)
            #expect(json == expected ?? json)
            expected = json
            let copy = try Self.decoder.decode(RingDevice.self, from: json)
            #expect(copy.capabilities?.detections == detections)
        }
        #expect(
            String(decoding: expected ?? Data(), as: UTF8.self).contains(
                #""detections":["co","contact","flood","freeze","glass_break","heat","smoke","tamper"]"#))
    }

    @Test func nothingReceivedGetsIntoTheJSONByItself() throws {
        let text = #"{"data":{"type":"devices","id":"d","attributes":{"name":"Door","secret_number":"canary"}}}"#
        let list = RingDeviceList(try JSONAPIDocument(parsing: Array(text.utf8)))
        let device = try #require(list.first)
        #expect(device.attributes?["secret_number"]?.string == "canary")
        #expect(
            String(decoding: try Self.encoder.encode(device), as: UTF8.self)
                == #"{"id":"d","kind":"unknown","name":"Door"}"#)
    }

    @Test func aListIsACollectionWithItsProblemsBesideIt() throws {
        let text = #"""
            {"meta":{"time":"2026-11-18T11:10:00Z"},
            "data":[{"type":"devices","id":"a"},7,{"type":"device","id":"b"},{"type":"devices"},{"type":"toasters","id":"t"}]}
            """#
        let list = RingDeviceList(try JSONAPIDocument(parsing: Array(text.utf8)))
        #expect(list.map(\.id) == ["a", "b"] && list.count == 2 && list[1].id == "b" && list.last?.id == "b")
        #expect(list["b"]?.id == "b" && list["c"] == nil)
        #expect(list.problems.map(\.path) == ["/data/1", "/data/3", "/data/4"])
        #expect(list.time == Date(timeIntervalSince1970: 1_795_000_200))
        #expect(list.filter { $0.id == "a" }.count == 1 && list.reversed().first?.id == "b")
    }

    @Test(
        arguments: [
            (#""name":"Front Door""#, "Front Door"), (#""name":null"#, nil), ("", nil), (#""name":12"#, "12"),
            (#""name":true"#, nil), (#""name":{}"#, nil), (#""name":"a","n\u0061me":"b""#, "b"), (#""name":"""#, ""),
        ] as [(String, String?)])
    func aNameInOddForms(attributes: String, name: String?) throws {
        let text = #"{"data":{"type":"devices","id":"d","attributes":{\#(attributes)}}}"#
        #expect(RingDeviceList(try JSONAPIDocument(parsing: Array(text.utf8))).first?.name == name)
    }

    @Test(
        arguments: [
            (#""id":"d""#, "d"), (#""id":7"#, "7"), (#""id":"""#, nil), (#""id":null"#, nil), (#""id":{}"#, nil),
            (#""id":"a","id":"b""#, "b"), (#""id":"../../users/me""#, "../../users/me"),
        ] as [(String, String?)])
    func anIdentifierInOddForms(member: String, id: String?) throws {
        let list = RingDeviceList(
            try JSONAPIDocument(parsing: Array(#"{"data":[{"type":"devices",\#(member)}]}"#.utf8)))
        #expect(list.first?.id.rawValue == id)
        #expect(list.problems.count == (id == nil ? 1 : 0))
    }

    @Test(arguments: [
        "7", "[]", #""x""#, #"{"status":7}"#, #"{"status":{"data":7}}"#, #"{"status":{"data":{"id":"s"}}}"#,
    ])
    func relationshipsInOddFormsLoseNoDevice(relationships: String) throws {
        let text = #"""
            {"data":[{"type":"devices","id":"d","relationships":\#(relationships)}],
            "included":[{"type":"device-status","id":"s","attributes":{"online":true}}]}
            """#
        let list = RingDeviceList(try JSONAPIDocument(parsing: Array(text.utf8)))
        #expect(list.first?.id == "d" && list.first?.status == nil && list.problems.isEmpty)
    }

    @Test func aDeviceThatNeverReportedHasNoMedia() {
        let device = RingDevice(
            id: "d", status: RingDeviceStatus(isOnline: true, hasNeverReported: true),
            capabilities: RingDeviceCapabilities(video: RingVideoCapabilities(codecs: [.avc])))
        for request in [RingMediaAdvice.Request.live, .clip, .still] {
            #expect(device.advice(on: request).obstacles == [.neverReported])
        }
        #expect(device.sensibleMediaRequests.isEmpty)
    }
}
