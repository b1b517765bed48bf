import RingCore
import RingDevices
import RingJSONAPI
import RingTesting
import Testing

@Suite struct HouseholdTests {
    @Test func aHouseholdOf400DevicesIsReadWholeAndHoldsNoNews() async throws {
        let text = Household.text(devices: 400)
        let radar = RingDriftRadar()
        let (client, _) = try Fixture.client([.json(text)], observer: radar)
        let list = try await client.list()
        #expect(text.utf8.count > 1 << 20)
        #expect(list.count == 400 && list.problems.isEmpty)
        #expect(list.allSatisfy { $0.status != nil && $0.capabilities != nil && $0.configurations != nil })
        #expect(list.allSatisfy { $0.location?.country == "US" })
        #expect(radar.findings == [])
        let expected = [
            "camera", "camera", "multiCamera", "chime", "contactSensor", "floodFreezeSensor", "climateSensor",
            "airQualityMonitor",
        ]
        #expect(list.enumerated().allSatisfy { $1.likelyKind.rawValue == expected[$0 % 8] })
    }

    @Test func oneBrokenDeviceAmong400CostsThatOneOnly() async throws {
        let (client, _) = try Fixture.client([.json(Household.text(devices: 400, broken: [217]))])
        let list = try await client.list()
        #expect(list.count == 399)
        #expect(list.problems.map(\.path) == ["/data/217"])
        #expect(list.problems.first?.reason == "resource without an id")
        #expect(list.map(\.id.rawValue) == (0..<400).filter { $0 != 217 }.map { Household.id($0) })
    }

    @Test(arguments: [
        #"{"type":"devices","id":"x","attributes":17}"#, #"{"type":"devices","id":"x","attributes":{"name":{"a":[]}}}"#,
        #"{"type":"devices","id":"x","relationships":[1,2]}"#, "null", "[]", "7", #"{"type":{},"id":"x"}"#,
        #"{"type":"devices","id":""}"#, #"{"type":"devices","id":"x","relationships":{"status":{"data":[{}]}}}"#,
    ])
    func whateverOneElementIsTheOthersStay(odd: String) async throws {
        let body =
            #"{"data":[{"type":"devices","id":"1"},\#(odd),{"type":"devices","id":"2","attributes":{"name":"B"}}]}"#
        let (client, _) = try Fixture.client([.json(body)])
        let list = try await client.list(include: [])
        #expect(list["1"] != nil && list["2"]?.name == "B")
        #expect(list.count + list.problems.count == 3)
    }

    @Test func rawHoldsEveryAttributeTheServerSent() async throws {
        let text = Household.text(devices: 24)
        let (client, _) = try Fixture.client([.json(text)])
        let document = try JSONAPIDocument(parsing: Array(text.utf8))
        for (device, resource) in zip(try await client.list(), document.resources) {
            #expect(device.attributes == resource.attributes)
            #expect(device.status?.attributes == document.included(resource.relationship("status"))?.attributes)
            #expect(
                device.capabilities?.attributes == document.included(resource.relationship("capabilities"))?.attributes)
            #expect(
                device.configurations?.attributes
                    == document.included(resource.relationship("configurations"))?.attributes)
            #expect(device.location?.attributes == document.included(resource.relationship("location"))?.attributes)
        }
    }

    @Test func aDetachedDeviceSaysTheSameAndABareOneKeepsItsTypedValues() async throws {
        let (client, _) = try Fixture.client([.json(Household.text(devices: 16))])
        for device in try await client.list() {
            #expect(device.detached() == device)
            let bare = device.withoutRaw()
            #expect(bare.raw == nil && bare.status?.raw == nil && bare.configurations?.attributes == nil)
            #expect(bare.name == device.name && bare.status?.isOnline == device.status?.isOnline)
            #expect(
                bare.kindFinding() == device.kindFinding()
                    && bare.configurations?.motion == device.configurations?.motion)
            #expect(bare.status?.readings.map(\.value) == device.status?.readings.map(\.value))
        }
    }
}
