import RingAccounts
import RingCore
import RingDevices
import RingJSONAPI
import RingMedia
import RingTesting
import RingWebhooks
import Testing

@Suite struct RingSampleTests {
    @Test func theDefaultDeviceIsACameraWithAllParts() throws {
        let device = try RingSample.device()
        #expect((device.id, device.name) == ("device-1", "Front Door"))
        #expect(device.status?.isOnline == true)
        #expect(device.capabilities?.video?.maximumHeight == 1080)
        #expect(device.configurations != nil)
        #expect(device.location?.country == "US")
        #expect(device.raw?["attributes"]?["name"]?.string == "Front Door")
    }

    @Test func partsComeFromJSONOrAreLeftOut() throws {
        let device = try RingSample.device(
            id: #"a"/1"#, name: "Ünter\n", status: #"{"online":false,"mood":"curious"}"#, capabilities: nil,
            configurations: nil, location: nil)
        #expect((device.id, device.name) == (#"a"/1"#, "Ünter\n"))
        #expect(device.status?.isOnline == false)
        #expect(device.capabilities == nil)
        #expect(device.configurations == nil)
        #expect(device.location == nil)
        #expect(throws: JSONAPIReadError.self) { try RingSample.device(status: "{") }
    }

    @Test func aDocumentKeepsItsProblems() throws {
        let list = try RingSample.devices(
            #"{"data":[{"type":"devices","id":"d1"},{"type":"devices","attributes":{}},{"type":"other","id":"x"}]}"#)
        #expect(list.map(\.id) == ["d1"])
        #expect(list.problems.count == 2)
    }

    @Test func eventsMatchAcrossWebhookAndHistory() throws {
        let entry = RingSample.historyEvent(duration: .milliseconds(1500))
        #expect(entry.length == .milliseconds(1500))
        let event = try RingSample.webhookEvent()
        #expect((event.kind, event.subType, event.deviceID) == (.motionDetected, .human, "device-1"))
        #expect(event.occurredAt == RingSample.date)
        let delivery = RingSample.delivery(of: event, attempt: 2)
        #expect((delivery.key, delivery.attempt) == (event.key, 2))
        #expect(throws: RingWebhookError.self) { try RingSample.webhookEvent(body: Array("[]".utf8)) }
    }

    @Test func usersSubscriptionsAndMedia() throws {
        let user = try RingSample.user()
        #expect((user.id, user.firstName) == ("account-1", "Robin"))
        let plan = try RingSample.subscription(attributes: #"{"sub_type":"trial","status":"inactive"}"#)
        #expect((plan.kind?.rawValue, plan.status?.rawValue) == ("trial", "inactive"))
        let info = RingSample.mediaInfo(isPartial: true)
        #expect((info.isPartial, info.mediaLength, info.mediaTimestamp) == (true, .seconds(25), RingSample.date))
    }
}
