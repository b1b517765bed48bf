import RingAccounts
import RingCore
import RingDevices
import RingJSONAPI
import RingMedia
import RingTesting
import RingWebhooks
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Each builder, part by part.
@Suite struct RingSamplePartsTests {
    enum Part: CaseIterable, Sendable { case status, capabilities, configurations, location }

    private func device(_ part: Part, _ json: String?) throws -> RingDevice {
        switch part {
        case .status: try RingSample.device(status: json)
        case .capabilities: try RingSample.device(capabilities: json)
        case .configurations: try RingSample.device(configurations: json)
        case .location: try RingSample.device(location: json)
        }
    }

    private func parts(of device: RingDevice) -> Set<Part> {
        var parts: Set<Part> = []
        if device.status != nil { parts.insert(.status) }
        if device.capabilities != nil { parts.insert(.capabilities) }
        if device.configurations != nil { parts.insert(.configurations) }
        if device.location != nil { parts.insert(.location) }
        return parts
    }

    @Test(arguments: Part.allCases) func onePartCanBeLeftOut(_ part: Part) throws {
        let device = try self.device(part, nil)
        #expect(self.parts(of: device) == Set(Part.allCases).subtracting([part]))
    }

    @Test(arguments: Part.allCases) func aPartThatIsNoJSONIsAnError(_ part: Part) {
        for text in ["{", "", "{\"a\":}", "{} {}"] {
            #expect(throws: JSONAPIReadError.self, "\(text)") { try self.device(part, text) }
        }
    }

    @Test(arguments: [
        "", "\"", "\\", "\u{0}\u{1F}", "a/b?c#d", "😀", "\"},{\"x\":\"", String(repeating: "n", count: 4_096),
    ])
    func anyTextIsANameAndAnIdentifier(_ text: String) throws {
        #expect(try RingSample.device(name: text).name == text)
        // An identifier is not empty.
        let id = "i" + text
        #expect(try RingSample.device(id: RingDeviceID(rawValue: id)).id.rawValue == id)
        #expect(try RingSample.user(id: RingAccountID(rawValue: id)).id.rawValue == id)
        #expect(try RingSample.subscription(id: RingSubscriptionID(rawValue: id)).id.rawValue == id)
    }

    @Test func theDefaultsDescribeOneHousehold() throws {
        let device = try RingSample.device()
        #expect(self.parts(of: device) == Set(Part.allCases))
        #expect(device.isEncrypted == false)
        #expect(device.capabilities?.hasCamera == true)
        #expect(device.status?.reportedAt == RingSample.date)
        let user = try RingSample.user()
        #expect((user.firstName, user.lastName, user.email) == ("Robin", "Vale", "robin.vale@example.org"))
        let plan = try RingSample.subscription()
        #expect((plan.id, plan.kind?.rawValue, plan.status?.rawValue) == ("subscription-1", "paid", "active"))
        #expect(RingSample.date == ManualClock().now())
    }

    @Test func missingAttributesAreNil() throws {
        let user = try RingSample.user(attributes: "{}")
        #expect((user.firstName, user.lastName, user.email) == (nil, nil, nil))
        let plan = try RingSample.subscription(attributes: "{}")
        #expect(plan.kind == nil)
        #expect(plan.status == nil)
        #expect(throws: JSONAPIReadError.self) { try RingSample.user(attributes: "[") }
        #expect(throws: JSONAPIReadError.self) { try RingSample.subscription(attributes: "") }
    }

    @Test(arguments: [Duration.zero, .milliseconds(1), .milliseconds(1_500), .seconds(25), .seconds(86_400)])
    func aHistoryEventHasItsLength(_ duration: Duration) {
        let event = RingSample.historyEvent(id: "e", device: "d", kind: .buttonPress, duration: duration)
        #expect((event.id, event.device, event.kind) == ("e", "d", .buttonPress))
        #expect(event.length == duration)
        #expect(event.key == RingEventKey(device: "d", kind: .buttonPress, start: RingSample.date))
    }

    @Test func aWebhookMatchesTheHistoryEventOfItsKind() throws {
        let event = try RingSample.webhookEvent()
        #expect(event.historyKey == RingSample.historyEvent().key)
        #expect(event.accountID == "account-1")
        let delivery = RingSample.delivery(of: event)
        #expect((delivery.attempt, delivery.receivedAt) == (1, RingSample.date))
        #expect(delivery.event.id == event.id)
    }

    @Test(arguments: ["", "{}", "null", #"{"data":{}}"#, #"{"meta":{},"data":[]}"#])
    func whatIsNoWebhookIsRefused(_ text: String) {
        #expect(throws: RingWebhookError.self) { try RingSample.webhookEvent(body: Array(text.utf8)) }
    }

    @Test func mediaInfoFollowsItsHeaderFields() {
        let whole = RingSample.mediaInfo()
        #expect((whole.contentType, whole.isPartial, whole.mediaLength) == ("video/mp4", false, .seconds(25)))
        let other = RingSample.mediaInfo(
            contentType: "image/jpeg", headerFields: ["X-Media-Timestamp": "1795000001500"])
        #expect(other.contentType == "image/jpeg")
        #expect(other.mediaTimestamp == RingSample.date + 1.5)
        #expect(other.mediaLength == nil)
    }

    @Test func anEmptyDocumentHasNoDevices() throws {
        let list = try RingSample.devices(#"{"data":[]}"#)
        #expect(list.isEmpty)
        #expect(list.problems.isEmpty)
        #expect(throws: JSONAPIReadError.self) { try RingSample.devices("[") }
    }
}
