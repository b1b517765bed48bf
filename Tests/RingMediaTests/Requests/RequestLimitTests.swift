import FoundationEssentials
import RingCore
import RingMedia
import RingTesting
import Testing

@Suite struct RequestLimitTests {
    let now = Stage.start

    private func clip(_ edit: (inout RingClipRequest) -> Void) -> RingClipRequest {
        var clip = RingClipRequest(device: Stage.device, start: self.now - 60, duration: .seconds(10))
        edit(&clip)
        return clip
    }

    private func message(_ check: () throws(RingError) -> Void) -> String? {
        do {
            try check()
            return nil
        } catch {
            #expect(error.code == .invalidArgument)
            #expect(error.delivery == .notSent)
            return error.message
        }
    }

    @Test func namesEveryLimitOfAClip() {
        let cases: [(RingClipRequest, String)] = [
            (self.clip { $0.duration = .zero }, "above zero"),
            (self.clip { $0.duration = .seconds(-1) }, "above zero"),
            (self.clip { $0.duration = .microseconds(10) }, "above zero"),
            (self.clip { $0.duration = .seconds(900) + .milliseconds(1) }, "15 minutes"),
            (self.clip { $0.duration = .seconds(Int64.max / 2) }, "15 minutes"),
            (self.clip { $0.start = self.now + 0.001 }, "future"),
            (self.clip { $0.start = self.now - 180 * 86_400 - 1 }, "180 days"),
            (self.clip { $0.start = .distantPast }, "180 days"),
            (self.clip { $0.start = Date(timeIntervalSince1970: .infinity) }, "range of dates"),
            (self.clip { $0.start = Date(timeIntervalSince1970: .nan) }, "range of dates"),
            (self.clip { $0.frameRate = 26 }, "1 to 25"),
            (self.clip { $0.frameRate = 0 }, "1 to 25"),
            (self.clip { $0.size = RingPictureSize(width: 1921, height: 1080) }, "1 to 1920"),
            (self.clip { $0.size = RingPictureSize(width: 1920, height: 1081) }, "1 to 1080"),
            (self.clip { $0.size = RingPictureSize(width: 0, height: 1) }, "1 to 1920"),
            (self.clip { $0.device = "" }, "empty"),
            (self.clip { $0.component = "" }, "empty"),
        ]
        for (clip, words) in cases {
            let message = self.message { () throws(RingError) in try clip.validate(now: self.now) }
            #expect(message?.contains(words) == true, "\(words): \(message ?? "was accepted")")
        }
    }

    @Test func acceptsAClipAtItsLimits() {
        let clip = self.clip {
            $0.duration = .seconds(900)
            $0.start = self.now - 180 * 86_400
            $0.frameRate = 25
            $0.size = RingPictureSize(width: 1920, height: 1080)
            $0.codec = .hevc
        }
        #expect(self.message { () throws(RingError) in try clip.validate(now: self.now) } == nil)
        // A range may reach past the present: Ring responses with what there is, as partial.
        let late = self.clip { $0.start = self.now }
        #expect(self.message { () throws(RingError) in try late.validate(now: self.now) } == nil)
    }

    @Test func asksForExactlyOneComponentOnDevicesWithSeveral() {
        let none = self.clip { _ in }
        let one = self.clip { $0.component = "1" }
        let other = self.clip { $0.component = "9" }
        func message(_ clip: RingClipRequest, _ known: [RingComponentID]?) -> String? {
            self.message { () throws(RingError) in try clip.validate(now: self.now, components: known) }
        }
        #expect(message(none, ["1", "2"])?.contains("exactly one component") == true)
        #expect(message(other, ["1", "2"])?.contains("no component “9”") == true)
        #expect(message(one, [])?.contains("takes no component") == true)
        #expect(message(one, ["1", "2"]) == nil)
        #expect(message(none, []) == nil)
        #expect(message(one, nil) == nil)
    }

    @Test func namesEveryLimitOfAStill() {
        func still(_ moment: RingStillRequest.Moment, format: RingStillFormat? = nil, size: RingPictureSize? = nil)
            -> String?
        {
            let request = RingStillRequest(device: Stage.device, moment: moment, format: format, size: size)
            return self.message { () throws(RingError) in try request.validate(now: self.now) }
        }
        let day: TimeInterval = 86_400
        #expect(still(.at(self.now + 1))?.contains("future") == true)
        #expect(still(.at(self.now - 181 * day))?.contains("180 days") == true)
        #expect(still(.latest(from: self.now - day - 1, to: nil))?.contains("24 hours") == true)
        #expect(still(.latest(from: self.now - 2 * day, to: self.now - day + 1))?.contains("24 hours") == true)
        #expect(still(.latest(from: self.now + 1, to: nil))?.contains("future") == true)
        #expect(still(.latest(from: self.now, to: self.now - 1))?.contains("before it starts") == true)
        #expect(still(.latest(from: self.now - 181 * day, to: self.now - 180.5 * day))?.contains("180 days") == true)
        #expect(still(.at(self.now), size: RingPictureSize(width: 1, height: 0))?.contains("1 to 1080") == true)
        #expect(still(.latest(from: self.now - day, to: nil)) == nil)
        #expect(still(.at(self.now), format: .png, size: RingPictureSize(width: 1920, height: 1080)) == nil)
    }

    @Test func sendsNothingWhenALimitIsExceeded() async throws {
        let stage = try Stage.direct(.mp4([]))
        let folder = try TestFolder()
        _ = try await failure {
            try await stage.media.download(stage.clip(duration: .seconds(901)), to: folder.file("a"))
        }
        _ = try await failure { try await stage.media.stream(stage.clip(duration: .zero)) }
        _ = try await failure { try await stage.media.data(stage.still(.seconds(-5))) }
        var media = stage.media
        media.components = { _ in ["1", "2"] }
        let error = try await failure { try await media.data(stage.clip(), upTo: 10) }
        #expect(error.message.contains("exactly one component"))
        #expect(stage.wire.requests.isEmpty)
        #expect(folder.names.isEmpty)
    }

    @Test func writesTheDocumentedBodies() async throws {
        let jpeg = try Fixture.bytes("still.jpg")
        let mp4 = try Fixture.bytes("clip.mp4")
        let stage = try Stage { request in
            request.url.path().contains("image") ? .media(jpeg, "image/jpeg") : .mp4(mp4)
        }
        let start = Date(timeIntervalSince1970: 1_794_999_000.5)
        _ = try await stage.media.data(
            RingClipRequest(device: Stage.device, start: start, duration: .seconds(10)), upTo: 1 << 20)
        _ = try await stage.media.data(
            RingClipRequest(
                device: Stage.device, start: start, duration: .seconds(10), codec: .avc, frameRate: 15,
                size: RingPictureSize(width: 1280, height: 720), isAudioEnabled: true, component: "1"), upTo: 1 << 20)
        _ = try await stage.media.data(RingStillRequest(device: Stage.device, moment: .at(start)))
        _ = try await stage.media.data(
            RingStillRequest(
                device: Stage.device, moment: .latest(from: start, to: start + 60), format: .png,
                size: RingPictureSize(width: 640, height: 360), component: "2"))
        let bodies = stage.posts.map { String(decoding: $0.body.bytes ?? [], as: UTF8.self) }
        #expect(
            bodies == [
                #"{"timestamp":1794999000500,"duration":10000}"#,
                #"{"timestamp":1794999000500,"duration":10000,"video_options":{"codec":"avc","frame_rate":15,"#
                    + #""resolution":{"width":1280,"height":720}},"audio_options":{"audio_enabled":true},"#
                    + #""components":[{"component_id":"1"}]}"#,
                #"{"type":"at_timestamp","timestamp":1794999000500}"#,
                #"{"type":"latest_in_range","start_timestamp":1794999000500,"end_timestamp":1794999060500,"#
                    + #""image_options":{"format":"png","resolution":{"width":640,"height":360}},"#
                    + #""components":[{"component_id":"2"}]}"#,
            ])
        #expect(
            stage.wire.targets == [
                "/v1/devices/ava1.ring.device.a%2Fb%3D/media/video/download",
                "/v1/devices/ava1.ring.device.a%2Fb%3D/media/video/download",
                "/v1/devices/ava1.ring.device.a%2Fb%3D/media/image/download",
                "/v1/devices/ava1.ring.device.a%2Fb%3D/media/image/download",
            ])
        #expect(stage.posts.allSatisfy { $0.headerFields[.contentType] == "application/json" })
    }
}
