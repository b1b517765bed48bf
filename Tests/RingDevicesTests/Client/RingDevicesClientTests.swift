import Foundation
import RingCore
import RingDevices
import RingJSONAPI
import RingTesting
import Synchronization
import Testing

@Suite struct RingDevicesClientTests {
    @Test(arguments: [
        ([#"{"data":[{"type":"devices","id":"1"}],"links":{"next":"/v1/devices?p=1"}}"#], 1, ["repeatedLink"]),
        (
            [
                #"{"data":[{"type":"devices","id":"1"}],"links":{"next":"/v1/devices?p=1"}}"#,
                #"{"data":[],"links":{"next":"/v1/devices?p=2"}}"#,
            ], 1, ["emptyPage"]
        ),
        ([#"{"data":[{"type":"devices","id":"1"}]}"#], 1, []),
    ])
    func aListThatEndsEarlyIsTold(pages: [String], count: Int, ends: [String]) async throws {
        let observer = RecordingObserver()
        let responses = Mutex(pages)
        let transport = StubTransport { _ in
            .json(responses.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] })
        }
        let api = RingAPIClient(
            baseURL: try #require(URL(string: "https://api.example.test")), transport: transport,
            environment: RingEnvironment(observer: observer))
        #expect(try await RingDevicesClient(api: api).list(include: []).count == count)
        let told = observer.events(RingDocumentProblem.self).filter { $0.kind == "list_ended_early" }
        #expect(told.map(\.sample) == ends)
    }

    @Test func asksForPartsInOneStableOrder() async throws {
        let (client, transport) = try Fixture.client("devices.documented", "devices.documented", "devices.documented")
        _ = try await client.list(include: [])
        _ = try await client.list()
        _ = try await client.list(include: [.status, .capabilities])
        #expect(
            transport.targets == [
                "/v1/devices", "/v1/devices?include=capabilities%2Cconfigurations%2Clocation%2Cstatus",
                "/v1/devices?include=capabilities%2Cstatus",
            ])
        #expect(transport.requests.allSatisfy { $0.headerFields[.accept] == "application/json" && $0.method == .get })
    }

    @Test func readsADocumentedDeviceWithEverythingIncluded() async throws {
        let (client, _) = try Fixture.client("devices.documented")
        let list = try await client.list()
        let device = try #require(list.first)
        #expect(list.count == 1 && list.problems.isEmpty)
        #expect(list.time.map { JSONAPITime.format($0) } == "2026-11-18T11:10:00Z")
        #expect(device.id == "ava1.ring.device.TESTDOOR0001")
        #expect(device.name == "Front Door")
        #expect(device.imageURL?.host() == "app-content.ring.com")
        #expect(device.status?.isOnline == true)
        #expect(device.capabilities?.video?.maximumHeight == 1080)
        #expect(device.configurations?.audio?.volume == 11)
        #expect(device.location?.state == "WA")
        #expect(device.locationID == "7d0f9a52-7a0e-4b8e-9a9f-2b6f2f4f1c10")
    }

    @Test func aSparseDeviceIsADevice() async throws {
        let (client, _) = try Fixture.client("devices.sparse")
        let device = try #require(try await client.list().first)
        #expect(device.id == "d/2 ä")
        #expect(device.name == nil && device.status == nil && device.location == nil && device.locationID == nil)
    }

    @Test func aDeviceOfTheFutureKeepsWhatIsUnderstoodAndShowsTheRest() async throws {
        let (client, _) = try Fixture.client("devices.future")
        let list = try await client.list()
        let device = try #require(list["ava1.ring.device.TESTDOOR0001"])
        #expect(list.count == 1)
        #expect(Set(list.problems.map(\.reason)) == ["not a device", "zone without readable vertices"])
        #expect(device.attributes?["firmware"]?["version"]?.string == "9.1")
        #expect(device.status?.isOnline == true)
        #expect(device.configurations?.isEncrypted == true)
        #expect(device.location?.country == "DE")
    }

    @Test(arguments: ["../../users/me", "a/b", "a?b", "a#b", "%2e%2e", "ä ö", "a\r\nb"])
    func anIdentifierNeverBecomesAPath(id: String) async throws {
        let (client, transport) = try Fixture.client("devices.documented")
        _ = try await client.device(RingDeviceID(rawValue: id), include: [])
        let target = try #require(transport.targets.first)
        #expect(target.split(separator: "/").count == 3)
        #expect(target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f })
        #expect(!target.contains("?"))
    }

    @Test(arguments: ["", ".", ".."])
    func anIdentifierThatIsNoSegmentIsRefusedBeforeAnythingIsSent(id: String) async throws {
        let (client, transport) = try Fixture.client("devices.documented")
        let error = await #expect(throws: RingError.self) { try await client.status(of: RingDeviceID(rawValue: id)) }
        #expect(error?.code == .invalidArgument)
        #expect(transport.requests.isEmpty)
    }

    @Test func followsALinkToANextPageIfRingEverSendsOne() async throws {
        let first = #"{"data":[{"type":"devices","id":"1"}],"links":{"next":"/v1/devices?page[cursor]=c%2B2"}}"#
        let (client, transport) = try Fixture.client([.json(first), .json(#"{"data":[{"type":"devices","id":"2"}]}"#)])
        let list = try await client.list(include: [])
        #expect(list.map(\.id.rawValue) == ["1", "2"])
        #expect(transport.targets.last == "/v1/devices?page%5Bcursor%5D=c%2B2")
    }

    @Test func aLinkToAnotherHostIsNotFollowed() async throws {
        let first = #"{"data":[{"type":"devices","id":"1"}],"links":{"next":"https://evil.example/v1/devices"}}"#
        let (client, transport) = try Fixture.client([.json(first)])
        let error = await #expect(throws: RingError.self) { try await client.list(include: []) }
        #expect(error?.code == .redirectRefused)
        #expect(transport.requests.count == 1)
    }

    @Test(arguments: ["status", "capabilities", "configurations", "location"])
    func fetchesEachPartAlone(part: String) async throws {
        let fixture = part == "location" ? "location.documented" : "device-\(part).documented"
        let (client, transport) = try Fixture.client(fixture)
        switch part {
        case "status": #expect(try await client.status(of: "d").isOnline == true)
        case "capabilities": #expect(try await client.capabilities(of: "d").hasCamera)
        case "configurations": #expect(try await client.configurations(of: "d").motion?.isEnabled == true)
        default: #expect(try await client.location(of: "d")?.country == "US")
        }
        #expect(transport.targets == ["/v1/devices/d/\(part)"])
    }

    @Test func aComponentGoesIntoTheQueryOfItsOwnRequestsOnly() async throws {
        let (client, transport) = try Fixture.client("device-capabilities.elite", "device-configurations.documented")
        _ = try await client.capabilities(of: "d", component: "1 &")
        _ = try await client.configurations(of: "d", component: "2")
        #expect(
            transport.targets == [
                "/v1/devices/d/capabilities?component_id=1%20%26", "/v1/devices/d/configurations?component_id=2",
            ])
    }

    @Test func aDeviceWithoutALocationHasNone() async throws {
        let (client, _) = try Fixture.client([.json(#"{"data":null}"#)])
        #expect(try await client.location(of: "d") == nil)
    }

    @Test func listsLocations() async throws {
        let (client, transport) = try Fixture.client([
            .json(#"{"data":[{"type":"locations","id":"l","attributes":{"country":"US","state":"CA"}}]}"#)
        ])
        #expect(try await client.locations().map(\.state) == ["CA"])
        #expect(transport.targets == ["/v1/locations"])
    }

    @Test(arguments: [(401, "unauthorized"), (403, "forbidden"), (404, "device_not_found"), (500, "server_failure")])
    func aResponseThatIsNoSuccessIsATypedError(status: Int, code: String) async throws {
        let (client, _) = try Fixture.client([.json(#"{"errors":[{"status":"\#(status)"}]}"#, status: status)])
        let error = await #expect(throws: RingError.self) { try await client.device("d") }
        #expect(error?.code.rawValue == code)
        #expect(error?.status == status)
    }

    @Test(arguments: [#"{"data":[]}"#, #"{"data":null}"#, #"{"data":{"type":"devices"}}"#, "[]", "null", "<html>", ""])
    func aResponseWithoutADeviceSaysSo(body: String) async throws {
        let (client, _) = try Fixture.client([.json(body)])
        let error = await #expect(throws: RingError.self) { try await client.device("d") }
        #expect(error?.code == .malformedResponse)
    }
}
