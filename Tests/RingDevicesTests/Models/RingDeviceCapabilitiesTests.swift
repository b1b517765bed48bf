import RingCore
import RingDevices
import RingTesting
import Testing

@Suite struct RingDeviceCapabilitiesTests {
    private func read(_ name: String) async throws -> RingDeviceCapabilities {
        try await Fixture.client(name).client.capabilities(of: "d")
    }

    @Test func readsADocumentedCamera() async throws {
        let capabilities = try await self.read("device-capabilities.documented")
        #expect(
            capabilities.video
                == RingVideoCapabilities(
                    codecs: [.avc], maximumHeight: 1080, supportedHeights: [1080], aspectRatio: "16:9",
                    features: [.resolutionMode]))
        #expect(capabilities.motionFeatures == [.motionDetection, .motionZones])
        #expect(capabilities.imageFeatures == [.colorNightVision, .privacyZones, .snapshot])
        #expect(capabilities.audioActions == [] && capabilities.chimeSlotCount == nil)
        #expect(capabilities.detections == [] && capabilities.hasBattery == nil && capabilities.components == [])
        #expect(RingVideoCodec.hevc.requestSpelling == "hevc")
    }

    @Test func blocksWithNullMembersAreNoCamera() async throws {
        let capabilities = try await self.read("device-capabilities.sparse")
        #expect(capabilities.video == RingVideoCapabilities())
        #expect(!capabilities.hasCamera)
    }

    @Test func newWordsAndFormsAreUnderstoodAsFarAsTheyGo() async throws {
        let capabilities = try await self.read("device-capabilities.future")
        #expect(capabilities.video?.codecs == [RingVideoCodec(rawValue: "AV1"), .avc])
        #expect(capabilities.video?.maximumHeight == 4320)
        #expect(capabilities.video?.aspectRatio == "1.78")
        #expect(capabilities.imageFeatures == [.privacyZones, RingDeviceFeature(rawValue: "thermal")])
        #expect(capabilities.detections == [RingDetectionKind(rawValue: "radar")])
    }

    @Test func readsTheLensesOfAnEliteWithStringAndNumberIdentifiers() async throws {
        let capabilities = try await self.read("device-capabilities.elite")
        #expect(capabilities.components.map(\.id) == ["1", "2"])
        #expect(capabilities.components.map(\.name) == ["View 1", "View 2"])
        #expect(capabilities.components.allSatisfy { $0.type == "lens" && $0.video?.codecs.count == 1 })
        #expect(capabilities.components.first?.video?.componentID == "1")
    }

    @Test(arguments: [
        #"{"items":["1",2]}"#, #"["1",2]"#, #"{"items":[{"component_id":1},{"component_id":"2"}]}"#,
        #"[{"component_id":"1"},{"component_id":2.0e0},null]"#.replacing("2.0e0", with: "2"),
    ])
    func lensesInOtherFormsAreUnderstood(components: String) async throws {
        let body = #"{"data":{"type":"device-capabilities","id":"c","attributes":{"components":\#(components)}}}"#
        let capabilities = try await Fixture.client([.json(body)]).client.capabilities(of: "d")
        #expect(capabilities.components.map(\.id) == ["1", "2"])
    }

    @Test func readsAChime() async throws {
        let capabilities = try await self.read("device-capabilities.chime")
        #expect(capabilities.audioActions == [.chimePlay])
        #expect(capabilities.chimeSlotCount == 2)
        #expect(capabilities.hasBattery == false)
        #expect(RingDevice(id: "d", capabilities: capabilities).likelyKind == .chime)
    }
}
