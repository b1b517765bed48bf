import RingCore
import RingJSONAPI
import RingSimulator
import Testing

/// Switches of clips, stills and live sessions.
@Suite(.timeLimit(.minutes(5))) struct MediaSwitchTests {
    @Test func aClipIsDeliveredInThreeWays() async throws {
        try await Bench.run { bench async throws in
            let time = bench.motion()
            #expect(try await bench.clip(time).status == 303)
            bench.simulator.change { $0.clipDelivery = .moved }
            let moved = try await bench.clip(time)
            #expect(moved.status == 301)
            #expect(try await RingSimulatorTests.send("GET", moved.location).status == 200)
            bench.simulator.change { $0.clipDelivery = .direct }
            let direct = try await bench.clip(time)
            #expect(direct.status == 200)
            #expect(direct.fields["Content-Type"] == "video/mp4")
            #expect(direct.fields["X-Media-Timestamp"] == String(time))
        }
    }

    @Test func aPartialClipNamesItsLength() async throws {
        try await Bench.run({ $0.switches.clipDelivery = .direct }) { bench async throws in
            let time = bench.motion()
            #expect(try await bench.clip(time).fields["X-Media-Length"] == nil)
            bench.simulator.change { $0.media.insert(.partialClips) }
            for (header, expected) in [
                (RingSimulatorSwitches.LengthHeader.length, ["5000", nil]), (.duration, [nil, "5000"]),
                (.both, ["5000", "5000"]),
            ] {
                bench.simulator.change { $0.lengthHeader = header }
                let clip = try await bench.clip(time)
                #expect(clip.status == 206)
                #expect([clip.fields["X-Media-Length"], clip.fields["X-Media-Duration"]] == expected)
            }
        }
    }

    @Test func mediaProblemsShowAtTheirStep() async throws {
        try await Bench.run { bench async throws in
            let time = bench.motion()
            for (failure, status) in [
                (RingSimulatorSwitches.Failure.mediaNotReady, 425), (.mediaWithoutKey, 422), (.mediaMissing, 416),
            ] {
                bench.simulator.change { $0.next[failure] = 2 }
                let step = try await bench.clip(time)
                #expect(step.status == 303)
                #expect(try await RingSimulatorTests.send("GET", step.location).status == status)
                bench.simulator.change { $0.media.insert(.problemsAtStepOne) }
                #expect(try await bench.clip(time).status == status)
                #expect(try await bench.clip(time).status == 303)
                bench.simulator.change { $0.media.remove(.problemsAtStepOne) }
            }
        }
    }

    @Test func thereIsMediaAroundEventsOrEverywhere() async throws {
        try await Bench.run({ $0.switches.clipDelivery = .direct }) { bench async throws in
            let time = bench.motion() - 3_600_000
            let missing = try await bench.clip(time)
            #expect(missing.status == 416)
            #expect(missing.error?["code"]?.string == "TIMESTAMP_NOT_FOUND")
            bench.simulator.change { $0.missingClipCode = .mediaNotFound }
            #expect(try await bench.clip(time).error?["code"]?.string == "MEDIA_NOT_FOUND")
            bench.simulator.change { $0.media.insert(.everywhere) }
            #expect(try await bench.clip(time).status == 200)
        }
    }

    @Test func theBodyCanBeWrongOrCut() async throws {
        try await Bench.run({ $0.switches.clipDelivery = .direct }) { bench async throws in
            let time = bench.motion()
            let whole = try await bench.clip(time).body
            bench.simulator.change { $0.mediaBody = .html }
            #expect(try await bench.clip(time).text.hasPrefix("<html>"))
            bench.simulator.change { $0.mediaBody = .json }
            #expect(try await bench.clip(time).error?["code"]?.string == "INTERNAL_ERROR")
            bench.simulator.change { $0.mediaBody = .garbage }
            #expect(try await bench.clip(time).body.count == 20_000)
            bench.simulator.change {
                $0.mediaBody = .real
                $0.limits[.mediaCutBytes] = 1000
                $0.next[.mediaCut] = 1
            }
            await #expect(throws: (any Error).self) { try await bench.clip(time) }
            #expect(try await bench.clip(time).body == whole)
        }
    }

    @Test func aPreSignedLinkExpires() async throws {
        try await Bench.run(
            { $0.switches.limits[.mediaLinkSeconds] = 30 },
            { bench async throws in
                let step = try await bench.clip(bench.motion())
                #expect(step.location.contains("X-Amz-Expires=30"))
                bench.simulator.advance(by: .seconds(31))
                #expect(try await RingSimulatorTests.send("GET", step.location).status == 403)
                let origin = bench.simulator.mediaURL
                #expect(try await RingSimulatorTests.send("GET", "\(origin)/v1/download").status == 403)
                #expect(try await RingSimulatorTests.send("GET", "\(origin)/other").status == 404)
            })
    }

    @Test func requestsForClipsAreChecked() async throws {
        try await Bench.run { bench async throws in
            let time = bench.motion(.elite)
            let codec = try await bench.clip(time, .elite, more: #","video_options":{"codec":"vp8"}"#)
            #expect(codec.error?["source"]?["pointer"]?.string == "video_options.codec")
            let rate = try await bench.clip(time, .elite, more: #","video_options":{"frame_rate":26}"#)
            #expect(rate.error?["source"]?["pointer"]?.string == "video_options.frame_rate")
            let lensless = try await bench.clip(time, .elite)
            #expect(lensless.error?["source"]?["pointer"]?.string == "components")
            let lens = try await bench.clip(time, .elite, more: #","components":[{"component_id":"2"}]"#)
            #expect(lens.status == 303)
            let extra = try await bench.clip(time, .doorbell, more: #","components":[{"component_id":"2"}]"#)
            #expect(extra.status == 400)
            #expect(try await bench.clip(time, .chime).error?["code"]?.string == "REQUEST_FORBIDDEN")
            let consent = try await bench.clip(time - 2 * 86_400_000)
            #expect(consent.error?["code"]?.string == "TIME_RANGE_NOT_AUTHORIZED")
            #expect(try await bench.clip(time + 86_400_000).status == 400)
        }
    }

    @Test func stillsHaveTwoRequestsAndTwoFormats() async throws {
        try await Bench.run { bench async throws in
            let time = bench.motion()
            let exact = try await bench.still(
                #"{"type":"at_timestamp","timestamp":\#(time),"image_options":{"format":"png"}}"#)
            let png = try await RingSimulatorTests.send("GET", exact.location)
            #expect(png.fields["Content-Type"] == "image/png")
            #expect(png.fields["X-Media-Origin"] == "recording")
            #expect(png.body.prefix(4) == [0x89, 0x50, 0x4E, 0x47])
            let latest = try await bench.still(#"{"type":"latest_in_range","start_timestamp":\#(time - 60000)}"#)
            #expect(try await RingSimulatorTests.send("GET", latest.location).status == 200)
            // The documented form of these errors; StrictMediaTests has the one that was seen live.
            bench.simulator.change { $0.media.remove(.malformedForbidden) }
            for (body, pointer) in [
                (#"{"type":"newest"}"#, "type"), (#"{"type":"at_timestamp"}"#, "timestamp"),
                (
                    #"{"type":"at_timestamp","timestamp":\#(time),"image_options":{"format":"gif"}}"#,
                    "image_options.format"
                ),
                (#"{"type":"latest_in_range"}"#, "start_timestamp"),
                (#"{"type":"latest_in_range","start_timestamp":\#(time),"end_timestamp":1}"#, "end_timestamp"),
            ] {
                let refused = try await bench.still(body)
                #expect(refused.error?["source"]?["pointer"]?.string == pointer)
            }
            bench.simulator.change { $0.media.insert(.malformedForbidden) }
            #expect(try await bench.still("{}").status == 403)
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct LiveSwitchTests {
    private static let offer = [
        "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=setup:actpass", "a=ice-ufrag:Q2Ug",
        "a=ice-pwd:wg0Jo2c1etD25NCHOTwcEGOA",
        "a=fingerprint:sha-256 \(Array(repeating: "AB", count: 32).joined(separator: ":"))",
        "m=video 9 UDP/TLS/RTP/SAVPF 102 103", "c=IN IP4 0.0.0.0", "a=mid:0", "a=recvonly",
        "a=rtpmap:102 H264/90000", "a=fmtp:102 packetization-mode=1;profile-level-id=42e01f",
        "a=rtpmap:103 H264/90000", "a=fmtp:103 packetization-mode=1;profile-level-id=640c1f", "",
    ].joined(separator: "\r\n")

    private func open(
        _ bench: Bench, _ offer: String = Self.offer, _ kind: RingSimulatorDevice.Kind = .camera, query: String = "",
        type: String = "application/sdp"
    ) async throws -> Reply {
        try await bench.send(
            "POST", "\(bench.device(kind))/media/streaming/whep/sessions\(query)", type: type, body: offer)
    }

    @Test func theLocationHasFourForms() async throws {
        try await Bench.run { bench async throws in
            for (form, prefix) in [
                (RingSimulatorSwitches.SessionLocation.absolute, bench.simulator.apiURL), (.relative, "/v1/devices/"),
                (.foreign, "https://elsewhere.invalid/v1/"), (.missing, ""),
            ] {
                bench.simulator.change { $0.sessionLocation = form }
                let opened = try await self.open(bench)
                #expect(opened.status == 201)
                #expect(opened.location.hasPrefix(prefix))
                #expect(opened.location.isEmpty == (form == .missing))
            }
            #expect(bench.simulator.openSessions == 4)
        }
    }

    @Test func theSDPAnswerPicksTheHighProfile() async throws {
        try await Bench.run { bench async throws in
            let lines = try await self.open(bench).text.split(separator: "\r\n")
            #expect(lines.contains { $0.hasPrefix("m=video ") && $0.hasSuffix(" 103") })
            #expect(lines.contains("a=group:BUNDLE 0"))
            #expect(lines.contains("a=setup:passive"))
            let baseline = Self.offer.replacing("640c1f", with: "42001f")
            #expect(try await self.open(bench, baseline).status == 500)
            bench.simulator.change { $0.liveVideo = [] }
            let accepted = try await self.open(bench, baseline)
            #expect(
                accepted.text.split(separator: "\r\n").contains { $0.hasPrefix("m=video ") && $0.hasSuffix(" 102") })
        }
    }

    @Test func offersAreRefusedAsTheSwitchesSay() async throws {
        try await Bench.run { bench async throws in
            #expect(try await self.open(bench, type: "application/json").status == 415)
            #expect(try await self.open(bench, "v=0\r\n").status == 400)
            #expect(try await self.open(bench, Self.offer, .chime).status == 404)
            #expect(try await self.open(bench, query: "?component_id=1").status == 400)
            #expect(try await self.open(bench, Self.offer, .elite, query: "?component_id=1").status == 201)
            let sending = Self.offer.replacing("recvonly", with: "sendrecv")
            #expect(try await self.open(bench, sending).status == 400)
            bench.simulator.change {
                $0.statuses = [.offerDirection: 406]
                $0.next = [.offerOffline: 1, .offerFailed: 1]
            }
            #expect(try await self.open(bench).status == 503)
            #expect(try await self.open(bench).status == 500)
            #expect(try await self.open(bench, sending).status == 406)
            let camera = bench.simulator.id(.camera)
            try bench.simulator.trigger(RingSimulatorEvent(type: "device_offline", device: camera))
            #expect(try await self.open(bench).error?["title"]?.string == "Device Unavailable")
        }
    }

    @Test func sessionsEndByPowerOrBySwitchAndCloseOnce() async throws {
        try await Bench.run { bench async throws in
            // The doorbell runs on a battery: 30 seconds. The camera does not: 60.
            _ = try await self.open(bench, Self.offer, .doorbell)
            let camera = try await self.open(bench)
            bench.simulator.advance(by: .seconds(31))
            #expect(bench.simulator.openSessions == 1)
            bench.simulator.change { $0.statuses = [.sessionDeleted: 204] }
            #expect(try await RingSimulatorTests.send("DELETE", camera.location, token: bench.token).status == 204)
            #expect(try await RingSimulatorTests.send("DELETE", camera.location, token: bench.token).status == 404)
            bench.simulator.change { $0.limits[.sessionSeconds] = 10 }
            _ = try await self.open(bench)
            bench.simulator.advance(by: .seconds(11))
            #expect(bench.simulator.openSessions == 0)
        }
    }
}
