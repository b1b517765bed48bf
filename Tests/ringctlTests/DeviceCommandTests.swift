import RingJSONAPI
import RingListener
import RingTesting
import Synchronization
import Testing

/// `devices …`, `events list` and `chime play` as a script uses them, each command a process of its own.
@Suite(.timeLimit(.minutes(2))) struct DeviceCommandTests {
    /// A device with attributes no version knows, laid out over several lines as a server may send it.
    private static let list = #"""
        {
          "data": [
            {"type": "devices", "id": "d1", "attributes": {"name": "Front\nDoor ä \"1\"", "id": "not mine",
              "firmware": {"version": "9.1"}, "tags": [1.50, "a b", null]},
             "relationships": {"status": {"data": {"type": "device-status", "id": "s"}},
                               "location": {"data": {"type": "locations", "id": "l"}}}},
            {"type": "devices", "attributes": {"name": "lost"}},
            {"type": "devices", "id": "d2"}
          ],
          "included": [
            {"type": "locations", "id": "l", "attributes": {"country": "US", "state": null}},
            {"type": "device-status", "id": "s", "attributes": {"online": false, "radio": {"rssi": -61.0}}}
          ]
        }
        """#

    private func bench() async throws -> (Ringctl, RingListener, Asked) {
        let asked = Asked()
        let listener = try await RingListener.startRaw { request in
            asked.note(request)
            let body: String? =
                switch request.path {
                case "/v1/devices": Self.list
                case "/v1/devices/d1/status":
                    #"{"data":{"type":"device-status","id":"s","attributes":{"id":"s", "online":true, "new":[ 1 ]}}}"#
                case "/v1/devices/d1/location": #"{"data":null}"#
                case "/v1/history/devices/d1/events":
                    #"""
                    {"data":[{"type":"history-events","id":"e1","attributes":{"event_type":"motion","start":"1795000000500",
                    "end":1795000025500,"is_third_party_reviewed":false}},{"type":"history-events","id":"e2",
                    "attributes":{"event_type":"ding","start":1795000000400}},{"type":"history-events","id":"e3",
                    "attributes":{"event_type":"motion","start":1795000000300}}]}
                    """#
                case "/v1/devices/c1/media/audio/playback": ""
                default: nil
                }
            guard let body else { return RingListenerResponse(status: 404) }
            return RingListenerResponse(status: 200, contentType: "application/json", text: body)
        }
        let environment = [
            "RING_API_URL": listener.origin, "RING_ACCESS_TOKEN": "SECRET-access", "RING_STORE": "memory",
        ]
        return (Ringctl(environment: environment), listener, asked)
    }

    @Test func aListIsALineADeviceWithEveryAttributeTheServerSent() async throws {
        let (ringctl, listener, asked) = try await self.bench()
        let outcome = try await ringctl.run("devices", "list", "--include", "all", "--json")
        #expect(outcome.status == 0, "\(outcome.errorText)")
        let devices = try outcome.results
        #expect(devices.map { $0["id"]?.string } == ["d1", "d2"])
        let sent = try JSONAPIDocument(parsing: Array(Self.list.utf8))
        let attributes = try #require(sent.resources.first?.attributes)
        for (name, value) in attributes.members where name != "id" { #expect(devices.first?.member(name) == value) }
        #expect(devices.first?["status"] == sent.included(type: "device-status", id: "s")?.attributes)
        #expect(devices.first?["location"] == sent.included(type: "locations", id: "l")?.attributes)
        #expect(devices.first?["capabilities"] == nil)
        #expect(outcome.outputText.contains("1.50") && outcome.outputText.contains("-61.0"))
        #expect(outcome.errorText.contains("left out (/data/1)"))
        #expect(asked.targets == ["/v1/devices?include=capabilities%2Cconfigurations%2Clocation%2Cstatus"])
        await listener.stop()
    }

    @Test func aTableIsPlainTextInAPipe() async throws {
        let (ringctl, listener, _) = try await self.bench()
        let outcome = try await ringctl.run("devices", "list", "--include", "status,location")
        let lines = outcome.outputText.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first?.hasPrefix("NAME") == true)
        #expect(lines.dropFirst().first?.contains("offline") == true)
        #expect(!outcome.outputText.contains("\u{1B}"))
        await listener.stop()
    }

    @Test func verboseTellsWhatIsNewWithoutSecrets() async throws {
        let (ringctl, listener, _) = try await self.bench()
        let outcome = try await ringctl.run("devices", "list", "--include", "all", "--json", "--verbose")
        #expect(outcome.errorText.contains("kind=unknown_member path=devices.firmware"))
        #expect(outcome.errorText.contains("kind=unknown_member path=device-status.radio"))
        #expect(!outcome.errorText.contains("SECRET") && !outcome.outputText.contains("SECRET"))
        await listener.stop()
    }

    @Test func onePartHasTheDevicesIdentifier() async throws {
        let (ringctl, listener, asked) = try await self.bench()
        let status = try await ringctl.run("devices", "status", "d1", "--json")
        #expect(status.outputText == #"{"id":"d1","online":true,"new":[1]}"# + "\n")
        let location = try await ringctl.run("devices", "location", "d1", "--json")
        #expect(location.status == 4 && location.failure?["code"]?.string == "location_not_found")
        let missing = try await ringctl.run("devices", "get", "../../users/me", "--json")
        #expect(missing.status == 4 && missing.failure?["code"]?.string == "device_not_found")
        #expect(asked.targets.last == "/v1/devices/..%2F..%2Fusers%2Fme")
        await listener.stop()
    }

    @Test func wrongUseIsSaidBeforeAnythingIsSent() async throws {
        let (ringctl, listener, asked) = try await self.bench()
        for arguments in [
            ["devices", "list", "--include", "everything"], ["devices", "get"],
            ["devices", "status", "d1", "--component", "1"],
            ["events", "list", "d1", "--limit", "0"], ["events", "list", "d1", "--since", "soon"],
            ["chime", "play", "c1"], ["chime", "play", "c1", "--audio-ref", "a", "--form", "opera"],
        ] {
            #expect(try await ringctl.run(arguments).status == 2, "\(arguments)")
        }
        #expect(asked.targets.isEmpty)
        await listener.stop()
    }

    @Test func eventsAreFilteredLimitedAndInMilliseconds() async throws {
        let (ringctl, listener, asked) = try await self.bench()
        let outcome = try await ringctl.run(
            "events", "list", "d1", "--types", "motion", "--since", "1795000000300", "--until",
            "2026-11-18T11:06:40.500Z", "--json")
        #expect(outcome.status == 0, "\(outcome.errorText)")
        #expect(
            outcome.outputText.split(separator: "\n").first.map { String($0) }
                == #"{"id":"e1","event_type":"motion","start":1795000000500,"end":1795000025500,"#
                + #""is_third_party_reviewed":false,"device_id":"d1"}"#)
        #expect(try outcome.results.map { $0["id"]?.string } == ["e1", "e3"])
        // The list tells whether this is an id or a name.
        #expect(asked.targets == ["/v1/devices", "/v1/history/devices/d1/events?event_types=motion"])
        let limited = try await ringctl.run("events", "list", "d1", "--limit", "1")
        #expect(limited.outputText.contains("e1") && !limited.outputText.contains("e2"))
        await listener.stop()
    }

    @Test func aChimePlaysOnceInTheFormAskedFor() async throws {
        let (ringctl, listener, asked) = try await self.bench()
        let outcome = try await ringctl.run("chime", "play", "c1", "--audio-ref", "aud-17", "--json")
        #expect(outcome.outputText == #"{"status":"accepted"}"# + "\n", "\(outcome.errorText)")
        _ = try await ringctl.run("chime", "play", "c1", "--audio-ref", "aud-17", "--form", "flat")
        #expect(
            asked.bodies.filter { !$0.isEmpty } == [
                #"{"data":{"type":"audio","attributes":{"audio_ref":"aud-17"}}}"#,
                #"{"audio_ref":"aud-17","components":[0]}"#,
            ])
        await listener.stop()
    }
}

/// The requests of a listener.
private final class Asked: Sendable {
    private let list = Mutex<[(target: String, body: String)]>([])

    func note(_ request: RingListenerRequest) {
        let target = request.path + (request.query.map { "?\($0)" } ?? "")
        self.list.withLock { $0.append((target, String(decoding: request.body, as: UTF8.self))) }
    }

    var targets: [String] { self.list.withLock { $0.map(\.target) } }
    var bodies: [String] { self.list.withLock { $0.map(\.body) } }
}
