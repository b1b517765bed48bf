import RingCore
import RingDevices
import RingTesting
import Testing

@Suite struct RingDeviceConfigurationsTests {
    private func read(_ name: String) async throws -> RingDeviceConfigurations {
        try await Fixture.client(name).client.configurations(of: "d")
    }

    private func read(image: String) async throws -> RingImageConfiguration? {
        let body = #"{"data":{"type":"device-configurations","id":"g","attributes":{"image_enhancements":\#(image)}}}"#
        return try await Fixture.client([.json(body)]).client.configurations(of: "d").image
    }

    @Test func readsADocumentedCamera() async throws {
        let configurations = try await self.read("device-configurations.documented")
        #expect(configurations.motion?.isEnabled == true)
        #expect(configurations.motion?.zones.first?.id == "2f6f3a7c-2b54-4f4e-8f5e-1a9d3f0c7b21")
        #expect(configurations.motion?.zones.first?.vertices.count == 8)
        #expect(configurations.motion?.zones.first?.vertices.first == RingZonePoint(x: 0, y: 0.25))
        #expect(configurations.image?.hdr == false && configurations.image?.privacyZones == [])
        #expect(configurations.image?.privacyZonesAreComplete == true)
        #expect(configurations.audio == RingAudioConfiguration(volume: 11))
        #expect(configurations.isEncrypted == false)
    }

    @Test func aSparseOneHasNoZones() async throws {
        let configurations = try await self.read("device-configurations.sparse")
        #expect(configurations.motion == nil && configurations.audio == nil && configurations.isEncrypted == nil)
        #expect(configurations.image == RingImageConfiguration())
    }

    @Test func newFormsAreUnderstoodAndAnUnreadablePrivacyZoneHidesTheWholePicture() async throws {
        let configurations = try await self.read("device-configurations.future")
        #expect(configurations.motion?.isEnabled == true)
        #expect(configurations.image?.colorNightVision == nil)
        #expect(configurations.isEncrypted == true)
        let image = try #require(configurations.image)
        #expect(image.privacyZones.map(\.id) == ["z"])
        #expect(!image.privacyZonesAreComplete)
        let frame = try #require(RingFrameSize(width: 20, height: 10))
        #expect(image.privacyMask(in: frame).coveredPixelCount == 200)
    }

    @Test(arguments: [
        #"{"privacy_zones":{}}"#, #"{"privacy_zones":"none"}"#, #"{"privacy_zones":[{"id":"a","vertices":[]}]}"#,
        #"{"privacy_zones":[{"id":"a"}]}"#, #"{"privacy_zones":[{"vertices":[{"x":0,"y":0},{"x":1},{"x":1,"y":1}]}]}"#,
        #"{"privacy_zones":[null]}"#, "7",
    ])
    func whatCannotBeReadAsAPrivacyZoneIsNeverTakenForNone(image: String) async throws {
        #expect(try await self.read(image: image)?.privacyZonesAreComplete == false)
    }

    @Test func verticesMayBeWholeDecimalOrText() async throws {
        let image = try await self.read(
            image: #"{"privacy_zones":[{"vertices":[{"x":0,"y":0.5},{"x":"0.25","y":1},{"y":1e-1,"x":1.0}]}]}"#)
        #expect(
            image?.privacyZones.first?.vertices == [
                RingZonePoint(x: 0, y: 0.5), RingZonePoint(x: 0.25, y: 1), RingZonePoint(x: 1, y: 0.1),
            ])
    }

    @Test func readsAChimesSlotsWithoutPrintingTheirAddress() async throws {
        let audio = try #require(try await self.read("device-configurations.chime").audio)
        #expect(audio.volume == 7)
        #expect(audio.slots.map(\.event) == [.appstore1, .appstore2])
        #expect(audio.slots.map(\.isDisabled) == [false, true])
        #expect(audio.slots.first?.audioReference == "aud-17")
        #expect(audio.slots.first?.audioAddress?.contains("canary") == true)
        #expect(!"\(audio.slots)".contains("canary"))
        var dumped = ""
        dump(audio.slots, to: &dumped)
        #expect(!dumped.contains("canary"))
    }
}
