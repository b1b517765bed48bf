import RingCore
import RingCrypto
import RingJSONAPI
import RingListener
import RingSimulator
import Testing

@Suite struct MainFlowTests {
    /// One account that is linked: devices are not shown before that.
    private static var linked: RingSimulatorConfiguration {
        var configuration = RingSimulatorConfiguration.still
        configuration.accounts = [RingSimulatorAccount(state: .completed)]
        return configuration
    }

    @Test func linksAnAccountAndHoldsWebhooksBackUntilThen() async throws {
        let receiver = try await Receiver()
        let simulator = try await RingSimulator.start(.still)
        simulator.webhookURL = receiver.url
        try simulator.trigger(RingSimulatorEvent(type: "motion_detected", device: "Front Door", subType: "human"))
        await simulator.settle()
        #expect(receiver.hooks.isEmpty)

        let pair = try await simulator.token("grant_type=authorization_code&code=\(segment(try simulator.issueCode()))")
        let access = try #require(pair.json?["access_token"]?.string)
        let user = try await send("GET", "\(simulator.apiURL)/v1/users/me", token: access)
        let account = try #require(user.json?["data"]?["id"]?.string)
        let redirect = try simulator.linkRedirect()
        let key = try RingHMACKey(simulator.configuration.hmacKey)
        #expect(RingLinkNonce.compute(time: redirect.time, accountID: account, key: key) == redirect.nonce)

        let integration = "\(simulator.apiURL)/v1/accounts/me/app-integrations"
        let early = try await send("PATCH", integration, token: access, body: #"{"status":"completed"}"#)
        #expect(early.status == 400)
        let nonce = #"{"nonce":"\#(redirect.nonce)"}"#
        let posted = try await send("POST", integration, token: access, body: nonce)
        #expect(posted.json?["data"]?["attributes"]?["status"]?.string == "awaiting")
        #expect(try await send("POST", integration, token: access, body: nonce).status == 400)
        #expect(try await send("PATCH", integration, token: access, body: "{}").status == 400)
        #expect(try await send("PATCH", integration, token: access, body: #"{"status":"completed"}"#).status == 200)
        #expect(simulator.accounts.map(\.state) == [.completed])
        await simulator.settle()
        #expect(receiver.hooks.count == 2 + simulator.devices.count)
        for hook in receiver.hooks {
            #expect(hook.signature == RingWebhookSignature(signing: hook.body, key: key).headerValue)
        }
        #expect(try await send("DELETE", integration, token: access).status == 403)
        await simulator.stop()
        await receiver.stop()
    }

    @Test func refreshTokensWorkOnceAndCodesWorkOnce() async throws {
        let simulator = try await RingSimulator.start(.still)
        let code = segment(try simulator.issueCode())
        let first = try await simulator.token("grant_type=authorization_code&code=\(code)")
        #expect(try await simulator.token("grant_type=authorization_code&code=\(code)").status == 400)
        let refresh = try #require(first.json?["refresh_token"]?.string)
        let second = try await simulator.token("grant_type=refresh_token&refresh_token=\(refresh)")
        #expect(second.status == 200)
        let repeated = try await simulator.token("grant_type=refresh_token&refresh_token=\(refresh)")
        #expect(repeated.status == 400 && repeated.json?["error"]?.string == "invalid_grant")

        let next = try #require(second.json?["refresh_token"]?.string)
        simulator.change { $0.next[.refreshResponseLost] = 1 }
        await #expect(throws: (any Error).self) {
            try await simulator.token("grant_type=refresh_token&refresh_token=\(next)")
        }
        #expect(try await simulator.token("grant_type=refresh_token&refresh_token=\(next)").status == 400)

        let late = segment(try simulator.issueCode())
        simulator.advance(by: .milliseconds(61_000))
        #expect(try await simulator.token("grant_type=authorization_code&code=\(late)").status == 400)
        #expect(simulator.journal.allSatisfy { !$0.hasAuthorization })
        await simulator.stop()
    }

    @Test func holdsRefreshesBeforeAndAfterTheyAreDone() async throws {
        let simulator = try await RingSimulator.start(.still)
        let (first, account) = (try simulator.grantTokens().refresh, simulator.accountID)
        let control = simulator.controlURL
        let refresh = { (token: String) in
            Task { try await simulator.token("grant_type=refresh_token&refresh_token=\(token)") }
        }
        // Held, closed: nothing was done.
        simulator.change { $0.next[.refreshHeld] = 1 }
        let closed = refresh(first)
        await simulator.waitUntilHeld(1)
        #expect(try await send("GET", "\(control)/held").json?["held"]?.int64 == 1)
        #expect(simulator.isValid(refreshToken: first))
        simulator.release(closing: true)
        await #expect(throws: (any Error).self) { try await closed.value }
        #expect(simulator.isValid(refreshToken: first))
        // Held after the rotation, released: the response arrives.
        simulator.change { $0.next[.refreshResponseHeld] = 1 }
        let late = refresh(first)
        await simulator.waitUntilHeld(1)
        #expect(!simulator.isValid(refreshToken: first))
        #expect(try await send("POST", "\(control)/release", body: "{}").status == 204)
        let second = try #require(try await late.value.json?["refresh_token"]?.string)
        #expect(simulator.isValid(refreshToken: second))
        // Held after the rotation, closed: the response is lost.
        simulator.change { $0.next[.refreshResponseHeld] = 1 }
        let lost = refresh(second)
        await simulator.waitUntilHeld(1)
        #expect(try await send("POST", "\(control)/release", body: #"{"close":true}"#).status == 204)
        await #expect(throws: (any Error).self) { try await lost.value }
        #expect(try await refresh(second).value.status == 400)
        #expect(simulator.heldRequests == 0)
        let refreshes = simulator.journal.filter { $0.grantType == "refresh_token" }
        #expect(refreshes.map(\.status) == [0, 200, 0, 400])
        #expect(refreshes.allSatisfy { $0.account == account })
        // The connections of requests that are still held are closed by `stop()`.
        simulator.change { $0.next[.refreshHeld] = 1 }
        let last = refresh(try simulator.grantTokens().refresh)
        await simulator.waitUntilHeld(1)
        await simulator.stop()
        await #expect(throws: (any Error).self) { try await last.value }
    }

    @Test func listsDevicesAndTheirParts() async throws {
        let simulator = try await RingSimulator.start(Self.linked)
        let token = try simulator.grantTokens().access
        let all = "include=status,capabilities,location,configurations"
        let list = try await send("GET", "\(simulator.apiURL)/v1/devices?\(all)", token: token)
        #expect(list.json?["data"]?.elements.count == 7)
        #expect(list.json?["included"]?.elements.count == 22)
        let id = try #require(list.json?["data"]?.elements.first?["id"]?.string)
        #expect(id.utf8.count > 100 && id.contains("+") && !id.contains("/"))
        for part in ["", "/status", "/capabilities", "/configurations", "/location"] {
            #expect(
                try await send("GET", "\(simulator.apiURL)/v1/devices/\(segment(id))\(part)", token: token).status
                    == 200
            )
        }
        #expect(
            try await send("GET", "\(simulator.path(.elite))/capabilities?component_id=2", token: token).status == 200)
        #expect(
            try await send("GET", "\(simulator.path(.elite))/capabilities?component_id=3", token: token).status == 400)
        #expect(try await send("GET", "\(simulator.apiURL)/v1/devices/unknown", token: token).status == 404)
        #expect(try await send("GET", "\(simulator.apiURL)/v1/devices").status == 401)
        #expect(try await send("GET", "\(simulator.apiURL)/v1/users/me").status == 403)
        #expect(try await send("GET", "\(simulator.apiURL)/v2/x", token: token).body.isEmpty)

        try simulator.trigger(RingSimulatorEvent(type: "device_removed", device: RingDeviceID(rawValue: id)))
        #expect(try await send("GET", "\(simulator.apiURL)/v1/devices/\(segment(id))", token: token).status == 404)
        try simulator.trigger(RingSimulatorEvent(type: "app_integration_removed"))
        #expect(try await send("GET", "\(simulator.apiURL)/v1/devices", token: token).status == 401)
        await simulator.stop()
    }

    @Test func servesAClipInTwoStepsAndNoticesAnAccessToken() async throws {
        let simulator = try await RingSimulator.start(Self.linked)
        let token = try simulator.grantTokens().access
        try simulator.trigger(RingSimulatorEvent(type: "motion_detected", device: simulator.id(.doorbell)))
        let time = simulator.milliseconds
        simulator.advance(by: .milliseconds(60_000))
        let clip = "\(simulator.path(.doorbell))/media/video/download"
        let step = try await send("POST", clip, token: token, body: #"{"timestamp":\#(time),"duration":10000}"#)
        #expect(step.status == 303)
        let link = try #require(step.fields["Location"])
        #expect(link.hasPrefix(simulator.mediaURL))
        let media = try await send("GET", link)
        #expect(media.status == 200 && media.body.count > 20_000)
        #expect(Array(media.body.prefix(8).dropFirst(4)) == Array("ftyp".utf8))
        #expect(!simulator.mediaReceivedAuthorization)
        #expect(try await send("GET", link, token: token).status == 400)
        #expect(simulator.mediaReceivedAuthorization)
        #expect(simulator.journal.allSatisfy { !"\($0)".contains(token) && $0.query?.contains("=") != true })

        let old = try await send("POST", clip, token: token, body: #"{"timestamp":1000,"duration":10000}"#)
        #expect(old.status == 403)
        let bad = try await send("POST", clip, token: token, body: #"{"timestamp":\#(time),"duration":900001}"#)
        #expect(bad.json?["errors"]?.elements.first?["source"]?["pointer"]?.string == "duration")
        let none = try await send(
            "POST", clip, token: token, body: #"{"timestamp":\#(time - 3_600_000),"duration":1000}"#)
        #expect(try await send("GET", none.fields["Location"] ?? "").status == 416)

        simulator.change {
            $0.clipDelivery = .direct
            $0.next[.mediaNotReady] = 1
        }
        let body = #"{"timestamp":\#(time),"duration":10000}"#
        #expect(try await send("POST", clip, token: token, body: body).status == 425)
        #expect(try await send("POST", clip, token: token, body: body).status == 200)

        let image = "\(simulator.path(.doorbell))/media/image/download"
        let still = try await send("POST", image, token: token, body: #"{"type":"at_timestamp","timestamp":\#(time)}"#)
        let picture = try await send("GET", still.fields["Location"] ?? "")
        #expect(Array(picture.body.prefix(2)) == [0xFF, 0xD8])
        await simulator.stop()
    }

    @Test func opensAndClosesALiveSession() async throws {
        let simulator = try await RingSimulator.start(Self.linked)
        let token = try simulator.grantTokens().access
        let sessions = "\(simulator.path(.camera))/media/streaming/whep/sessions"
        func offer(_ direction: String, _ profile: String) -> String {
            [
                "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=ice-ufrag:Q2Ug",
                "a=ice-pwd:wg0Jo2c1etD25NCHOTwcEGOA",
                "a=fingerprint:sha-256 \(Array(repeating: "AB", count: 32).joined(separator: ":"))",
                "m=video 9 UDP/TLS/RTP/SAVPF 102",
                "c=IN IP4 0.0.0.0", "a=mid:video", "a=\(direction)", "a=rtpmap:102 H264/90000",
                "a=fmtp:102 packetization-mode=1;profile-level-id=\(profile)", "m=audio 9 UDP/TLS/RTP/SAVPF 111",
                "a=mid:audio", "a=recvonly", "a=rtpmap:111 opus/48000/2", "",
            ].joined(separator: "\r\n")
        }
        func post(_ text: String) async throws -> Reply {
            try await send("POST", sessions, token: token, type: "application/sdp", body: text)
        }
        #expect(try await post(offer("recvonly", "42e01f")).status == 500)
        #expect(try await post(offer("sendrecv", "64001f")).status == 400)
        #expect(try await post("<html>").status == 400)
        let started = try await post(offer("recvonly", "64001f"))
        #expect(started.status == 201)
        let lines = started.text.split(separator: "\r\n")
        #expect(lines.filter { $0.hasPrefix("m=") }.map { $0.prefix(7) } == ["m=video", "m=audio"])
        #expect(lines.count { $0 == "a=sendonly" } == 2)
        let location = try #require(started.fields["Location"])
        #expect(simulator.openSessions == 1)
        #expect(try await send("DELETE", location, token: token).status == 200)
        #expect(try await send("DELETE", location, token: token).status == 404)
        let history = "\(simulator.apiURL)/v1/history/devices/\(segment(simulator.id(.camera).rawValue))/events"
        let seen = try await send("GET", history, token: token)
        #expect(seen.json?["data"]?.elements.first?["attributes"]?["event_type"]?.string == "on_demand")

        let second = try #require(try await post(offer("recvonly", "64001f")).fields["Location"])
        simulator.advance(by: .milliseconds(60_001))
        #expect(try await send("DELETE", second, token: token).status == 404)
        await simulator.stop()
    }

    @Test func retriesAWebhookByTheSchedule() async throws {
        let receiver = try await Receiver([500])
        var configuration = RingSimulatorConfiguration.still
        configuration.accounts = [RingSimulatorAccount(state: .completed)]
        configuration.webhookURL = receiver.url
        let simulator = try await RingSimulator.start(configuration)
        try simulator.trigger(RingSimulatorEvent(type: "button_press", device: "Front Door"))
        await simulator.settle()
        #expect(receiver.hooks.count == 1)
        for (index, delay) in [1000, 5000, 30_000, 120_000, 600_000, 3_600_000].enumerated() {
            simulator.advance(by: .milliseconds(delay))
            await simulator.settle()
            #expect(receiver.hooks.count == index + 2)
        }
        #expect(simulator.deliveries.first?.outcome == .deadLetter)
        #expect(Set(receiver.hooks.map(\.body)).count == 1)
        await simulator.stop()
        await receiver.stop()
    }

    @Test func pagesHistoryAndSubscriptions() async throws {
        var configuration = RingSimulatorConfiguration.still
        configuration.accounts = [RingSimulatorAccount(state: .completed, subscriptionCount: 60)]
        configuration.switches.limits[.historyPageSize] = 2
        let simulator = try await RingSimulator.start(configuration)
        let token = try simulator.grantTokens().access
        for number in 0..<5 {
            try simulator.trigger(
                RingSimulatorEvent(
                    type: "motion_detected", device: "Garden", subType: number % 2 == 0 ? "human" : "vehicle"))
            simulator.advance(by: .milliseconds(1000))
        }
        var (link, count): (String?, Int) = (
            "/v1/history/devices/\(segment(simulator.id(.camera).rawValue))/events?event_types=motion.human", 0
        )
        while let path = link {
            let page = try await send("GET", simulator.apiURL + path, token: token)
            count += page.json?["data"]?.elements.count ?? 0
            link = page.json?["links"]?["next"]?.string
        }
        #expect(count == 3)
        (link, count) = ("/v1/accounts/me/subscriptions", 0)
        while let path = link {
            let page = try await send("GET", simulator.apiURL + path, token: token)
            count += page.json?["data"]?.elements.count ?? 0
            link = page.json?["links"]?["next"]?.string
        }
        #expect(count == 60)
        await simulator.stop()
    }
}
