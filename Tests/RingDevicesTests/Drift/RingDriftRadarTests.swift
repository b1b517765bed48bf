import RingCore
import RingDevices
import RingJSONAPI
import RingTesting
import Testing

@Suite struct RingDriftRadarTests {
    @Test func findsWhatIsNewInADocumentOfTheFuture() async throws {
        let radar = RingDriftRadar()
        _ = try await Fixture.client("devices.future", observer: radar).client.list()
        let found = radar.findings.map { "\($0.kind) \($0.path)" }
        let expected = [
            "unknown_member devices.firmware", "unknown_member devices.badge", "unknown_member devices.owner_email",
            "unknown_member devices.relationships.twin", "unknown_type data", "unknown_type included",
            "changed_form device-status.online", "changed_form device-status.reported_at",
            "unknown_member device-status.radio_quality", "unknown_member device-status.presence_detection",
            "unknown_value device-capabilities.video.codecs", "changed_form device-capabilities.video.ratio",
            "changed_form device-capabilities.video.max_resolution",
            "unknown_member device-capabilities.video.frame_rates",
            "unknown_member device-capabilities.radar_detection",
            "unknown_value device-capabilities.image_enhancements",
            "changed_form device-configurations.motion_detection.enabled",
            "unknown_member device-configurations.motion_detection.sensitivity",
            "unknown_value device-configurations.image_enhancements.color_night_vision",
            "changed_form device-configurations.e2e_encryption", "unknown_member device-configurations.lights",
            "unknown_member locations.time_zone", "unreadable /data/*",
        ]
        for finding in expected { #expect(found.contains(finding), "missing: \(finding)") }
    }

    @Test func countsOncePerFindingAndTellsTheObserverOnceADocument() async throws {
        let text = Household.text(devices: 400).replacing(#""online":"#, with: #""led":"blue","online":"#)
        let recorder = RecordingObserver()
        let radar = RingDriftRadar(forwardingTo: recorder)
        let (client, _) = try Fixture.client([.json(text), .json(text)], observer: radar)
        _ = try await client.list()
        _ = try await client.list()
        #expect(
            radar.findings == [
                .init(kind: "unknown_member", path: "device-status.led", sample: "string of 4 bytes", count: 800)
            ])
        #expect(recorder.events(RingDocumentProblem.self).map(\.count) == [400, 400])
    }

    @Test func samplesHoldNothingPersonal() async throws {
        let canaries = [
            "jane@example.com", "+1 206 555 0100", "47.6062", "ava1.ring.account.SECRET", "Jane", "12065550100",
        ]
        let recorder = RecordingObserver()
        let members = canaries.enumerated().map { #""m\#($0)":"\#($1)""# }.joined(separator: ",")
        let keyed = canaries.map { #""\#($0)":1"# }.joined(separator: ",")
        let body = #"""
            {"data":[{"type":"devices","id":"d","attributes":{\#(members),"map":{\#(keyed)},\#(keyed)},
            "relationships":{"capabilities":{"data":{"type":"device-capabilities","id":"c"}}}},
            {"type":"jane@example.com","id":"x"}],"included":[{"type":"device-capabilities","id":"c","attributes":{
            "video":{"codecs":["jane@example.com","+1 206 555 0100"],"jane@example.com":[]}}}]}
            """#
        _ = try await Fixture.client([.json(body)], observer: recorder).client.list()
        #expect(recorder.events(RingDocumentProblem.self).count >= 8)
        let told = recorder.events(RingDocumentProblem.self).map { "\($0.attributes)" }.joined()
        for canary in canaries where canary != "Jane" { #expect(!told.contains(canary)) }
    }

    @Test func aHostileDocumentCannotFillTheRadar() async throws {
        let members = (0..<5000).map { #""m\#($0 / 100)x\#($0 % 100)":1"# }.joined(separator: ",")
        let radar = RingDriftRadar(limit: 10)
        let body = #"{"data":[{"type":"devices","id":"d","attributes":{\#(members)}}]}"#
        let (client, _) = try Fixture.client([.json(body)], observer: radar)
        #expect(try await client.list(include: []).count == 1)
        #expect(radar.findings.count == 10)
        #expect(radar.droppedCount == 54)
    }
}
