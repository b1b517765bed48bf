import RingCore
import RingDevices
import RingTesting
import Testing

/// What each member of capabilities and configurations becomes when it is missing, in another form than documented, or unknown.
@Suite struct OddCapabilitiesTests {
    struct Odd: Sendable, CustomTestStringConvertible {
        var attributes: String
        var expected: String
        var notes: [String] = []
        var testDescription: String { self.attributes }
    }

    private func capabilities(_ odd: Odd, _ read: (RingDeviceCapabilities) -> String?) async throws {
        let observer = RecordingObserver()
        let body = #"{"data":{"type":"device-capabilities","id":"c","attributes":{\#(odd.attributes)}}}"#
        let capabilities = try await Fixture.client([.json(body)], observer: observer).client.capabilities(of: "d")
        #expect(read(capabilities) ?? "nil" == odd.expected)
        #expect(observer.events(RingDocumentProblem.self).map { "\($0.kind) \($0.path)" } == odd.notes)
    }

    private func configurations(_ odd: Odd, _ read: (RingDeviceConfigurations) -> String?) async throws {
        let observer = RecordingObserver()
        let body = #"{"data":{"type":"device-configurations","id":"g","attributes":{\#(odd.attributes)}}}"#
        let configurations = try await Fixture.client([.json(body)], observer: observer).client
            .configurations(of: "d")
        #expect(read(configurations) ?? "nil" == odd.expected)
        #expect(observer.events(RingDocumentProblem.self).map { "\($0.kind) \($0.path)" } == odd.notes)
    }

    @Test(arguments: [
        Odd(attributes: #""video":null"#, expected: "nil"), Odd(attributes: "", expected: "nil"),
        Odd(attributes: #""video":{}"#, expected: "[] nil []"),
        Odd(attributes: #""video":true"#, expected: "nil", notes: ["changed_form device-capabilities.video"]),
        Odd(attributes: #""video":{"codecs":["AVC","HEVC"]}"#, expected: "[AVC, HEVC] nil []"),
        Odd(
            attributes: #""video":{"codecs":"AVC"}"#, expected: "[AVC] nil []",
            notes: ["changed_form device-capabilities.video.codecs"]),
        Odd(
            attributes: #""video":{"codecs":["AVC",7,null]}"#, expected: "[AVC] nil []",
            notes: ["changed_form device-capabilities.video.codecs"]),
        Odd(
            attributes: #""video":{"max_resolution":"1080"}"#, expected: "[] 1080 []",
            notes: ["changed_form device-capabilities.video.max_resolution"]),
        Odd(
            attributes: #""video":{"max_resolution":"1080p"}"#, expected: "[] nil []",
            notes: ["changed_form device-capabilities.video.max_resolution"]),
        Odd(
            attributes: #""video":{"supported_resolutions":[1080,"1440",null,{}]}"#, expected: "[] nil [1080, 1440]",
            notes: ["changed_form device-capabilities.video.supported_resolutions"]),
        Odd(attributes: #""video":{"supported_resolutions":1080}"#, expected: "[] nil []"),
        Odd(
            attributes: #""video":{"frame_rate":30}"#, expected: "[] nil []",
            notes: ["unknown_member device-capabilities.video.frame_rate"]),
    ])
    func video(odd: Odd) async throws {
        try await self.capabilities(odd) { capabilities in
            capabilities.video.map { video in
                "[\(video.codecs.map(\.rawValue).joined(separator: ", "))] "
                    + "\(video.maximumHeight.map(String.init) ?? "nil") \(video.supportedHeights)"
            }
        }
    }

    @Test(arguments: [
        Odd(attributes: #""image_enhancements":{"configurations":["hdr"]}"#, expected: "hdr"),
        Odd(attributes: #""image_enhancements":{"configurations":null}"#, expected: ""),
        Odd(attributes: #""image_enhancements":{}"#, expected: ""),
        Odd(
            attributes: #""image_enhancements":{"configurations":["hdr","thermal"]}"#, expected: "hdr thermal",
            notes: ["unknown_value device-capabilities.image_enhancements"]),
        Odd(
            attributes: #""image_enhancements":{"configurations":"hdr"}"#, expected: "hdr",
            notes: ["changed_form device-capabilities.image_enhancements"]),
        Odd(
            attributes: #""image_enhancements":{"options":[]}"#, expected: "",
            notes: ["unknown_member device-capabilities.image_enhancements.options"]),
    ])
    func imageFeatures(odd: Odd) async throws {
        try await self.capabilities(odd) { $0.imageFeatures.map(\.rawValue).joined(separator: " ") }
    }

    @Test(arguments: [
        Odd(attributes: #""contact_detection":{}"#, expected: "contact"),
        Odd(attributes: #""contact_detection":true,"tamper_detection":false"#, expected: "contact"),
        Odd(
            attributes: #""flood_detection":{"supported":false},"freeze_detection":{"supported":true}"#,
            expected: "freeze"),
        Odd(attributes: #""co_detection_listener":{},"smoke_detection":null"#, expected: "co"),
        Odd(
            attributes: #""radar_detection":{}"#, expected: "radar",
            notes: ["unknown_member device-capabilities.radar_detection"]),
        Odd(
            attributes: #""radar":{}"#, expected: "", notes: ["unknown_member device-capabilities.radar"]),
    ])
    func detections(odd: Odd) async throws {
        try await self.capabilities(odd) { $0.detections.map(\.rawValue).sorted().joined(separator: " ") }
    }

    @Test(arguments: [
        Odd(attributes: #""battery_status":{"supported":true}"#, expected: "true"),
        Odd(attributes: #""battery_status":{"supported":false}"#, expected: "false"),
        Odd(attributes: #""battery_status":{}"#, expected: "true"),
        Odd(attributes: #""battery_status":false"#, expected: "false"),
        Odd(attributes: #""battery_status":null"#, expected: "nil"),
        Odd(
            attributes: #""battery_status":{"supported":"on"}"#, expected: "true",
            notes: ["changed_form device-capabilities.battery_status.supported"]),
        Odd(
            attributes: #""battery_status":{"cells":2}"#, expected: "true",
            notes: ["unknown_member device-capabilities.battery_status.cells"]),
    ])
    func battery(odd: Odd) async throws {
        try await self.capabilities(odd) { $0.hasBattery.map { "\($0)" } }
    }

    @Test(arguments: [
        Odd(attributes: #""components":{"items":[{"component_id":"1","component_type":"lens"}]}"#, expected: "1 lens"),
        Odd(
            attributes: #""components":{"items":[{"component_id":1,"component_type":"microphone"}]}"#,
            expected: "1 microphone",
            notes: ["unknown_value device-capabilities.components.items.component_type"]),
        Odd(
            attributes: #""components":{"items":[{"component_id":"1","focus":2}]}"#, expected: "1 -",
            notes: ["unknown_member device-capabilities.components.items.focus"]),
        Odd(
            attributes: #""components":{"items":[{"component_id":""},{"component_type":"lens"}]}"#, expected: "",
            notes: ["unreadable /data/attributes/components/items/0", "unreadable /data/attributes/components/items/1"]),
        Odd(attributes: #""components":{}"#, expected: ""),
        Odd(
            attributes: #""components":{"items":"1"}"#, expected: "",
            notes: ["changed_form device-capabilities.components.items"]),
        Odd(attributes: #""components":2"#, expected: "", notes: ["changed_form device-capabilities.components"]),
    ])
    func components(odd: Odd) async throws {
        try await self.capabilities(odd) { capabilities in
            capabilities.components.map { "\($0.id) \($0.type ?? "-")" }.joined(separator: ",")
        }
    }

    @Test(arguments: [
        Odd(attributes: #""motion_detection":{"enabled":"on"}"#, expected: "true 0"),
        Odd(attributes: #""motion_detection":{"enabled":"off"}"#, expected: "false 0"),
        Odd(attributes: #""motion_detection":{"enabled":null}"#, expected: "nil 0"),
        Odd(
            attributes: #""motion_detection":{"enabled":true}"#, expected: "true 0",
            notes: ["changed_form device-configurations.motion_detection.enabled"]),
        Odd(
            attributes: #""motion_detection":{"enabled":"sometimes"}"#, expected: "nil 0",
            notes: ["unknown_value device-configurations.motion_detection.enabled"]),
        Odd(
            attributes: #""motion_detection":"on""#, expected: "nil",
            notes: ["changed_form device-configurations.motion_detection"]),
        Odd(
            attributes: #""motion_detection":{"motion_zones":{}}"#, expected: "nil 0",
            notes: ["unreadable /data/attributes/motion_detection/motion_zones"]),
        Odd(
            attributes:
                #""motion_detection":{"motion_zones":[7,{"id":4,"vertices":[{"x":0,"y":0},{"x":1,"y":0},{"x":1,"y":1}]}]}"#,
            expected: "nil 1",
            notes: [
                "unreadable /data/attributes/motion_detection/motion_zones/0",
                "changed_form device-configurations.motion_detection",
            ]),
    ])
    func motion(odd: Odd) async throws {
        try await self.configurations(odd) { configurations in
            configurations.motion.map { "\($0.isEnabled.map { "\($0)" } ?? "nil") \($0.zones.count)" }
        }
    }

    @Test(arguments: [
        Odd(attributes: #""e2e_encryption":{"enabled":true}"#, expected: "true"),
        Odd(attributes: #""e2e_encryption":{"enabled":null}"#, expected: "nil"),
        Odd(attributes: #""e2e_encryption":null"#, expected: "nil"),
        Odd(
            attributes: #""e2e_encryption":true"#, expected: "true",
            notes: ["changed_form device-configurations.e2e_encryption"]),
        Odd(
            attributes: #""e2e_encryption":{"enabled":"on"}"#, expected: "true",
            notes: ["changed_form device-configurations.e2e_encryption.enabled"]),
        Odd(
            attributes: #""e2e_encryption":{"enabled":false,"keys":1}"#, expected: "false",
            notes: ["unknown_member device-configurations.e2e_encryption.keys"]),
    ])
    func encryption(odd: Odd) async throws {
        try await self.configurations(odd) { $0.isEncrypted.map { "\($0)" } }
    }

    @Test(arguments: [
        Odd(attributes: #""audio":{"volume":11}"#, expected: "11 0"),
        Odd(
            attributes: #""audio":{"volume":"11"}"#, expected: "11 0",
            notes: ["changed_form device-configurations.audio.volume"]),
        Odd(
            attributes: #""audio":{"volume":7.5}"#, expected: "8 0",
            notes: ["changed_form device-configurations.audio.volume"]),
        Odd(
            attributes: #""audio":{"volume":"loud"}"#, expected: "nil 0",
            notes: ["changed_form device-configurations.audio.volume"]),
        Odd(attributes: #""audio":7"#, expected: "nil", notes: ["changed_form device-configurations.audio"]),
        Odd(
            attributes: #""audio":{"customizable_slots":{}}"#, expected: "nil 0",
            notes: ["changed_form device-configurations.audio.customizable_slots"]),
        Odd(
            attributes: #""audio":{"customizable_slots":[{"event":"ring-appstore-event-9"},7]}"#, expected: "nil 1",
            notes: [
                "unreadable /data/attributes/audio/customizable_slots/1",
                "unknown_value device-configurations.audio.customizable_slots.event",
            ]),
    ])
    func audio(odd: Odd) async throws {
        try await self.configurations(odd) { configurations in
            configurations.audio.map { "\($0.volume.map(String.init) ?? "nil") \($0.slots.count)" }
        }
    }
}
