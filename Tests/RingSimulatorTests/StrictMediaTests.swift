import RingCore
import RingJSONAPI
import RingSimulator
import Testing

/// What the service checks of requests for media, and what it says of the media that it sends.
@Suite(.timeLimit(.minutes(5))) struct StrictMediaTests {
    /// Motion with a recording of ten seconds, which is over.
    ///
    /// - Returns: The first moment of the recording.
    private func recording(_ bench: Bench) async throws -> Int64 {
        try bench.simulator.trigger(
            RingSimulatorEvent(
                type: "motion_detected", device: bench.simulator.id(.doorbell), recording: .seconds(10)))
        bench.simulator.advance(by: .seconds(120))
        let event = try await bench.history().data?.elements.first
        return try #require(event?["attributes"]?["start"]?.int64)
    }

    private func timestamp(_ bench: Bench, _ body: String) async throws -> Int64? {
        let step = try await bench.still(body)
        return try await RingSimulatorTests.send("GET", step.location).fields["X-Media-Timestamp"].flatMap { Int64($0) }
    }

    @Test func aStillNamesTheMomentOfItsPicture() async throws {
        try await Bench.run { bench async throws in
            let start = try await self.recording(bench)
            for (wanted, shown) in [
                (start + 3000, start + 3000), (start - 5000, start), (start + 18_000, start + 10_000),
            ] {
                let body = #"{"type":"at_timestamp","timestamp":\#(wanted)}"#
                #expect(try await self.timestamp(bench, body) == shown)
            }
            // The end of the range is neither the moment of a picture nor past.
            let range = #"{"type":"latest_in_range","start_timestamp":\#(start - 60_000)"#
            #expect(try await self.timestamp(bench, range + "}") == start + 10_000)
            let future = #","end_timestamp":\#(start + 3_600_000)}"#
            #expect(try await self.timestamp(bench, range + future) == start + 10_000)
            #expect(try await self.timestamp(bench, range + #","end_timestamp":\#(start + 4000)}"#) == start + 4000)
        }
    }

    @Test func aStillOfNowIsNotFromTheFuture() async throws {
        try await Bench.run({ $0.switches.media.insert(.everywhere) }) { bench async throws in
            let now = bench.simulator.milliseconds
            let body = #"{"type":"latest_in_range","start_timestamp":\#(now - 1000),"end_timestamp":\#(now + 600000)}"#
            let shown = try #require(try await self.timestamp(bench, body))
            #expect((now...bench.simulator.milliseconds).contains(shown))
        }
    }

    @Test(
        arguments: [
            (-5000, 60_000, 206, 0, "10000"), (-5000, 10_000, 206, 0, "5000"), (2000, 60_000, 206, 2000, "8000"),
            (0, 10_000, 200, 0, nil), (2000, 3000, 200, 2000, nil), (-9000, 5000, 416, 0, nil),
            (10_001, 5000, 416, 0, nil),
        ] as [(Int64, Int64, Int, Int64, String?)])
    func aClipIsWhatWasRecorded(
        offset: Int64, duration: Int64, status: Int, start: Int64, length: String?
    ) async throws {
        try await Bench.run({ $0.switches.clipDelivery = .direct }) { bench async throws in
            let recording = try await self.recording(bench)
            let reply = try await bench.send(
                "POST", "\(bench.device(.doorbell))/media/video/download",
                body: #"{"timestamp":\#(recording + offset),"duration":\#(duration)}"#)
            #expect(reply.status == status)
            #expect(reply.fields["X-Media-Length"] == length)
            if status < 300 { #expect(reply.fields["X-Media-Timestamp"] == String(recording + start)) }
        }
    }

    @Test func aClipOfARecordingThatGoesOnEndsNow() async throws {
        try await Bench.run({ $0.switches.clipDelivery = .direct }) { bench async throws in
            try bench.simulator.trigger(
                RingSimulatorEvent(
                    type: "motion_detected", device: bench.simulator.id(.doorbell), recording: .seconds(3600)))
            bench.simulator.advance(by: .seconds(5))
            let event = try await bench.history().data?.elements.first
            let start = try #require(event?["attributes"]?["start"]?.int64)
            let clip = try await bench.send(
                "POST", "\(bench.device(.doorbell))/media/video/download",
                body: #"{"timestamp":\#(start),"duration":900000}"#)
            #expect(clip.status == 206)
            let length = try #require(clip.fields["X-Media-Length"].flatMap { Int64($0) })
            #expect((5000...(bench.simulator.milliseconds - start)).contains(length))
        }
    }

    @Test func whatIsNoSizeNoRateAndNoCodecIsRefused() async throws {
        try await Bench.run { bench async throws in
            let time = bench.motion()
            for (options, pointer) in [
                (#""video_options":{"codec":7}"#, "video_options.codec"),
                (#""video_options":{"codec":"AVC"}"#, "video_options.codec"),
                (#""video_options":{"frame_rate":"fast"}"#, "video_options.frame_rate"),
                (#""video_options":{"frame_rate":0}"#, "video_options.frame_rate"),
                (#""video_options":{"frame_rate":12.5}"#, "video_options.frame_rate"),
                (#""video_options":{"resolution":{"width":9999}}"#, "video_options.resolution.width"),
                (#""video_options":{"resolution":{"width":1920,"height":1081}}"#, "video_options.resolution.height"),
                (#""video_options":"all""#, "video_options"),
                (#""audio_options":"on""#, "audio_options"),
                (#""components":"1""#, "components"),
                (#""components":{"component_id":"1"}"#, "components"),
                (#""audio_options":{"audio_enabled":"yes"}"#, "audio_options.audio_enabled"),
            ] {
                let refused = try await bench.clip(time, more: ",\(options)")
                #expect(refused.status == 400, "\(options)")
                #expect(refused.error?["code"]?.string == "INVALID_PAYLOAD")
                #expect(refused.error?["source"]?["pointer"]?.string == pointer)
            }
            for (size, pointer) in [
                (#"{"width":9999,"height":9999}"#, "width"), (#"{"width":0,"height":0}"#, "width"),
                (#"{"width":640,"height":0}"#, "height"), (#"{"width":640,"height":"big"}"#, "height"),
            ] {
                let refused = try await bench.still(
                    #"{"type":"at_timestamp","timestamp":\#(time),"image_options":{"resolution":\#(size)}}"#)
                #expect(refused.status == 400)
                #expect(refused.error?["source"]?["pointer"]?.string == "image_options.resolution.\(pointer)")
            }
            let good = #","video_options":{"codec":"hevc","frame_rate":25,"resolution":{"width":1920,"height":1080}}"#
            #expect(try await bench.clip(time, more: good).status == 303)
        }
    }

    @Test func mediaErrorsSayWhatIsWrongAndWhen() async throws {
        try await Bench.run({ $0.switches.clipDelivery = .direct }) { bench async throws in
            let time = bench.motion() - 3_600_000
            let error = try #require(try await bench.clip(time).error)
            #expect(error.members.map(\.name) == ["id", "status", "code", "detail", "source", "meta"])
            #expect(error["id"]?.string?.utf8.count == 36)
            #expect(error["detail"]?.string?.isEmpty == false)
            #expect(error["meta"]?["timestamp"]?.milliseconds == time / 1000 * 1000)
            let token = try await RingSimulatorTests.send(
                "POST", "\(bench.simulator.path(.doorbell))/media/video/download", token: "x", body: "{}")
            #expect(token.error?["code"]?.string == "UNAUTHORIZED")
        }
    }

    /// The two texts that were seen live.
    @Test func aBodyWithoutItsTimeIsForbidden() async throws {
        try await Bench.run { bench async throws in
            let empty = try await bench.still("")
            #expect(empty.status == 403)
            #expect(empty.error?["detail"]?.string == "Cannot authorize: empty request body")
            let timeless = try await bench.still(#"{"type":"latest_in_range"}"#)
            #expect(timeless.status == 403)
            #expect(timeless.error?["detail"]?.string == "missing required timestamp fields in request body")
            #expect(timeless.error?["code"]?.string == "REQUEST_FORBIDDEN")
            #expect(try await bench.still("[]").error?["code"]?.string == "INVALID_PAYLOAD")
        }
    }

    @Test func aDeviceThatIsSharedAgainHasANewConsent() async throws {
        try await Bench.run { bench async throws in
            let (time, door) = (bench.motion(), bench.simulator.id(.doorbell))
            for type in ["device_removed", "device_added"] {
                try bench.simulator.trigger(RingSimulatorEvent(type: type, device: door))
            }
            #expect(try await bench.clip(time).error?["code"]?.string == "TIME_RANGE_NOT_AUTHORIZED")
            #expect(try await bench.history().data?.elements.count == 0)
            #expect(try await bench.clip(bench.motion()).status == 303)
        }
    }
}
