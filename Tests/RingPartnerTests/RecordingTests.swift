import Foundation
import RingPartner
import RingSimulator
import RingTesting
import Synchronization
import Testing

/// A whole session of a client is recorded, holds nothing personal, and replays.
@Suite(.timeLimit(.minutes(5))) struct RecordingTests {
    /// What a program does with one household, and what it sees of it beside names and ids.
    private func session(
        _ client: RingPartnerClient, code: String, clock: ManualClock, motion: @Sendable () async throws -> Void = {},
        redirect: (RingAccountID) throws -> RingLinkRedirect
    ) async throws -> [String] {
        var seen: [String] = []
        let status = try await client.linker.exchange(OAuthAuthorizationCode(code))
        seen.append("\(status.state) \(status.scope) \(String(describing: status.accessExpiresAt))")
        _ = try await client.linker.link(try redirect(status.accountID), for: RingPrincipal(rawValue: "robin"))
        let account = client.account(status.accountID)
        let user = try await account.profile.user()
        seen.append("\(user.firstName != nil) \(user.phoneNumber != nil) \(user.id == status.accountID)")
        seen.append("\(try await account.profile.integration()?.status as Any)")
        for try await subscription in account.profile.subscriptions() {
            seen.append("\(subscription.kind as Any) \(subscription.status as Any) \(subscription.deviceIDs.count)")
        }
        let devices = try await account.devices.list(include: .all)
        seen.append("\(devices.count) devices, \(devices.problems.count) problems")
        for device in devices {
            seen.append("\(device.status?.isOnline as Any) \(device.capabilities?.video?.maximumHeight as Any)")
        }
        let door = try #require(devices.first)
        let again = try await account.devices.device(door.id, include: .all)
        seen.append("the same: \(again.name == door.name && again.id == door.id)")
        try await motion()
        clock.advance(by: .seconds(60))
        let events = try await account.devices.history(of: door.id).collect().events
        seen += events.map { "\($0.kind) \($0.start) \($0.length as Any) \($0.device == door.id)" }
        let start = try #require(events.first?.start)
        let clip = try await account.media.data(
            RingClipRequest(device: door.id, start: start, duration: .seconds(5)), upTo: 8 << 20)
        seen.append("\(clip.info.detectedType as Any) \(clip.info.mediaTimestamp as Any)")
        let still = try await account.media.data(RingStillRequest(device: door.id, moment: .at(start)))
        seen.append("\(still.info.detectedType as Any) \(still.info.mediaTimestamp as Any)")
        // Before the user's consent.
        let early = RingClipRequest(device: door.id, start: start - 10 * 86_400, duration: .seconds(5))
        let error = await #expect(throws: RingError.self) { try await account.media.data(early, upTo: 1 << 20) }
        seen.append("\(error?.code as Any) \(error?.status as Any)")
        let live = try await account.live.open(door.id, offer: PartnerBench.offer())
        seen.append("\(live.url.path().hasPrefix("/v1/devices/"))")
        seen.append("\(await live.close())")
        seen.append("\(try await client.tokens.refresh(status.accountID).state)")
        return seen
    }

    private func recorded(keepsMedia: Bool = false) async throws -> (seen: [String], text: String, secrets: Set<String>)
    {
        let inner = Mutex<SecretCollector?>(nil)
        let recorder = Mutex<RecordingTransport?>(nil)
        let clock = ManualClock()
        let bench = try InProcessBench(
            clock: clock,
            change: { ring in
                ring.accounts = [
                    RingSimulatorAccount(
                        firstName: "CANARYfirst", lastName: "CANARY last", email: "canary@example.org",
                        phoneNumber: "+12065550199",
                        devices: RingSimulatorAccount.standardDevices.map { device in
                            var device = device
                            device.name = "CANARY “\(device.name)”"
                            return device
                        })
                ]
            },
            wrapping: { transport in
                let collector = SecretCollector(transport)
                let recording = RecordingTransport(collector, clock: clock, keepsMedia: keepsMedia)
                inner.withLock { $0 = collector }
                recorder.withLock { $0 = recording }
                return recording
            })
        let simulator = bench.simulator
        let motion = RingSimulatorEvent(type: "motion_detected", device: simulator.devices[0].id, subType: "human")
        let seen = try await self.session(
            bench.client, code: try simulator.issueCode(), clock: clock, motion: { try simulator.trigger(motion) },
            redirect: { account in
                let redirect = try simulator.linkRedirect(account: account)
                return RingLinkRedirect(nonce: redirect.nonce, time: redirect.time)
            })
        var secrets = inner.withLock { $0?.secrets ?? [] }
        for account in simulator.accounts {
            secrets.insert(account.id.rawValue)
            secrets.formUnion(account.devices.map(\.id.rawValue))
        }
        secrets.formUnion([
            "CANARY", "canary@", "2065550199", RingSimulatorSecrets.clientSecret, RingSimulatorSecrets.hmacKey,
            "ring-simulator.test", "ava1.ring",
        ])
        await simulator.stop()
        return (seen, recorder.withLock { $0?.recording ?? "" }, secrets)
    }

    private func replayed(
        _ text: String, wrapping wrap: (any RingTransport) -> any RingTransport = { $0 }
    ) async throws -> (seen: [String], transport: ReplayingTransport) {
        let transport = try ReplayingTransport(text)
        let clock = ManualClock(start: transport.startedAt)
        // The default origins, another client secret and another code than in the recording.
        let client = try RingPartnerClient(
            RingPartnerConfiguration(
                credentials: OAuthCredentials(clientID: "other", clientSecret: OAuthClientSecret("other-secret")),
                hmacKeys: [RingHMACKey(RingSimulatorSecrets.hmacKey)],
                storage: RingMemoryStorage(uptime: { clock.uptime() }), sealing: nil, transport: wrap(transport),
                environment: RingEnvironment(clock: clock)))
        let signer = try WebhookSigner(key: RingSimulatorSecrets.hmacKey)
        let seen = try await self.session(client, code: "another code", clock: clock) { account in
            signer.redirect(for: account, at: clock.now())
        }
        return (seen, transport)
    }

    @Test func aSessionReplaysToTheSameResults() async throws {
        let (seen, text, _) = try await self.recorded()
        #expect(seen.count > 15)
        let (again, transport) = try await self.replayed(text)
        #expect(again == seen)
        #expect(transport.unusedRequests == [])
        // What was replayed is recorded as it was, so nothing is lost or changed on the way.
        let recorder = Mutex<RecordingTransport?>(nil)
        _ = try await self.replayed(text) { transport in
            let recording = RecordingTransport(transport, clock: ManualClock())
            recorder.withLock { $0 = recording }
            return recording
        }
        #expect(recorder.withLock { $0?.recording } == text)
    }

    @Test func theFileHoldsNothingPersonalAndNoSecret() async throws {
        let (_, text, secrets) = try await self.recorded()
        #expect(secrets.count > 40)
        for secret in secrets {
            for form in [
                secret, RingPercentCoding.encode(secret), secret.replacing("/", with: "\\/"),
                Data(secret.utf8).base64EncodedString(),
            ] {
                #expect(!text.contains(form), "a recording holds \(form)")
            }
        }
        #expect(text.contains(#""first_name":"first_name-1""#))
        #expect(text.contains(#""path":"/v1/devices/devices-1""#))
        // Every line can be read and compared.
        #expect(text.split(separator: "\n").allSatisfy { (try? JSONAPIValue(parsing: String($0))) != nil })
    }

    @Test func mediaIsKeptOnRequest() async throws {
        let (_, text, _) = try await self.recorded()
        let (_, whole, _) = try await self.recorded(keepsMedia: true)
        #expect(text.utf8.count < 60_000 && whole.utf8.count > text.utf8.count)
        #expect(text.contains(#"{"media":"video/mp4"}"#) && !whole.contains(#""media":"video/mp4""#))
        let (seen, _) = try await self.replayed(whole)
        #expect(seen.count > 15)
    }

    @Test func anUnknownRequestNamesTheNearestOne() async throws {
        let (_, text, _) = try await self.recorded()
        let transport = try ReplayingTransport(text)
        let api = RingAPIClient(
            baseURL: try #require(URL(string: "https://api.amazonvision.com")), transport: transport)
        let devices = RingDevicesClient(api: api)
        let list = try await devices.list(include: .all)
        let door = try #require(list.first)
        // Another query.
        let query = await #expect(throws: RingError.self) { try await devices.device(door.id, include: [.status]) }
        #expect(query?.code == .notRecorded && query?.delivery == .notSent)
        #expect(query?.message.contains("GET /v1/devices/devices-1?include=") == true)
        #expect(query?.message.contains("differs in query") == true)
        // A device that is not in the recording. Its id is not repeated.
        let id = await #expect(throws: RingError.self) { try await devices.device("ava1.CANARY-id", include: .all) }
        #expect(id?.message.contains("devices-unknown") == true && id?.message.contains("CANARY") == false)
        // Another body.
        let media = RingMediaClient(api: api, downloads: transport)
        let clip = RingClipRequest(device: door.id, start: transport.startedAt, duration: .seconds(7))
        let body = await #expect(throws: RingError.self) { try await media.data(clip, upTo: 1 << 20) }
        #expect(body?.code == .notRecorded && body?.message.contains("differs in body") == true)
    }

    /// Two requests with the same target and different bodies are two entries; the same one twice gets its responses in order.
    @Test func theBodyIsAPartOfTheKey() async throws {
        let count = Mutex(0)
        let inner = StubTransport { request in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return .json(#"{"echo":\#(String(decoding: request.body.bytes ?? [], as: UTF8.self)),"number":\#(number)}"#)
        }
        let recorder = RecordingTransport(inner)
        let operation = RingOperation("test.post", retry: .whenNotSent)
        func send(_ body: String, by transport: any RingTransport) async throws -> Int64? {
            let request = RingHTTPRequest(
                method: .post, url: try #require(URL(string: "https://api.example/v1/devices")),
                headerFields: [.contentType: "application/json"], body: RingHTTPBody(body))
            let response = try await transport.send(request, for: operation)
            return try JSONAPIValue(parsing: try await response.body.collect(upTo: 1000))["number"]?.int64
        }
        for body in [#"{"a":1,"b":2}"#, #"{"a":2}"#, #"{"a":1,"b":2}"#] { _ = try await send(body, by: recorder) }
        let replay = try ReplayingTransport(recorder.recording)
        // The order of members does not count.
        #expect(try await send(#"{"a":2}"#, by: replay) == 2)
        #expect(try await send(#"{"b":2,"a":1}"#, by: replay) == 1)
        #expect(try await send(#"{"a":1,"b":2}"#, by: replay) == 3)
        let error = await #expect(throws: RingError.self) { try await send(#"{"a":2}"#, by: replay) }
        #expect(error?.message.contains("recorded 1 times") == true)
        #expect(replay.unusedRequests == [])
    }

    /// Whatever a service sends: what is no known word is replaced.
    @Test func whatIsNotKnownIsReplaced() async throws {
        let inner = StubTransport(
            .json(
                """
                {"data":{"type":"devices","id":7654321,"CANARY key":1,"attributes":{"name":"CANARY","phone":12065550143,\
                "new_text":"CANARYnew","score":21.5,"when":"2026-11-18T11:06:40Z","reading":"85","number":"12065550199",\
                "start":1795000000500,"latitude":47.61,"note":"call +1 206 555 0143","online":true,"battery_id":3,\
                "image_url":"https://cdn.CANARY.example/devices/CANARY.png?sig=CANARYsig"}},
                "errors":[{"code":"CANARYlowerCode","title":"Invalid Nonce","detail":"about CANARY"}]}
                """, headerFields: ["X-Unknown": "CANARY", "X-Request-Id": "CANARY-1"]))
        let recorder = RecordingTransport(inner)
        var request = RingHTTPRequest(
            method: .post,
            url: try #require(URL(string: "https://api.example/v1/devices/CANARY%2Fid?include=status&q=CANARY")),
            headerFields: [.contentType: "application/x-www-form-urlencoded", "Authorization": "Bearer CANARY"],
            body: RingHTTPBody("grant_type=authorization_code&code=CANARYcode&client_secret=CANARY&redirect_uri=CANARY")
        )
        _ = try await recorder.send(request, for: RingOperation("test"))
        request.headerFields[.contentType] = "text/plain"
        request.body = RingHTTPBody("CANARY")
        _ = try await recorder.send(request, for: RingOperation("test"))
        let text = recorder.recording
        for secret in ["CANARY", "7654321", "2065550143", "2065550199", "47.61", "206 555"] {
            #expect(!text.contains(secret), "\(secret) in \(text)")
        }
        for kept in [
            "21.5", "2026-11-18T11:06:40Z", #""85""#, "1795000000500", #""online":true"#, "Invalid Nonce",
            "include=status",
            "grant_type=authorization_code",
        ] { #expect(text.contains(kept), "\(kept)") }
    }

    @Test func failuresAreRecordedToo() async throws {
        let failures = Mutex<[RingHTTPResponse?]>([
            nil, RingHTTPResponse(status: 200, body: RingHTTPBody(streaming: Breaking())),
        ])
        let inner = StubTransport { _, context in
            guard let response = failures.withLock({ $0.removeFirst() }) else {
                throw RingError(
                    code: .connectionFailed, message: "to CANARY", operation: context.operation, delivery: .notSent)
            }
            return response
        }
        let recorder = RecordingTransport(inner)
        let request = RingHTTPRequest(url: try #require(URL(string: "https://api.example/v1/users/me")))
        func outcomes(_ transport: any RingTransport) async -> [String] {
            var list: [String] = []
            for _ in 0..<2 {
                do {
                    let response = try await transport.send(request, for: RingOperation("test"))
                    list.append("\(response.status)")
                    _ = try await response.body.collect(upTo: 10)
                } catch let error as RingError {
                    list.append("\(error.code) \(error.delivery) \(error.isTransient)")
                } catch { list.append("\(error)") }
            }
            return list
        }
        let first = await outcomes(recorder)
        #expect(first == ["connection_failed notSent true", "200", "connection_lost responded true"])
        #expect(!recorder.recording.contains("CANARY"))
        #expect(await outcomes(try ReplayingTransport(recorder.recording)) == first)
    }

    @Test func aFileIsWrittenAndRead() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/recording-\(UUID().uuidString).jsonl"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let recorder = RecordingTransport(StubTransport(.json(#"{"data":[]}"#)))
        let request = RingHTTPRequest(url: try #require(URL(string: "https://api.example/v1/devices")))
        _ = try await recorder.send(request, for: RingOperation("devices.list"))
        try recorder.save(to: path)
        let replay = try ReplayingTransport(contentsOf: path)
        #expect(try await replay.send(request, for: RingOperation("devices.list")).status == 200)
        #expect(throws: (any Error).self) { try ReplayingTransport(contentsOf: path + ".none") }
        for text in ["", "{}", "{\"ring_recording\":1,\"started_at\":\"2026-01-01T00:00:00Z\"}\n{}\n", "<html>"] {
            let error = #expect(throws: RingError.self) { try ReplayingTransport(text) }
            #expect(error?.code == .invalidArgument && error?.message.contains("line ") == true)
        }
    }
}

/// A body that breaks off after its first bytes.
private struct Breaking: AsyncSequence, Sendable {
    struct Iterator: AsyncIteratorProtocol {
        var isFirst = true
        mutating func next() async throws -> [UInt8]? {
            defer { self.isFirst = false }
            if self.isFirst { return [1] }
            throw RingError(code: .connectionLost, message: "broke", delivery: .responded)
        }
    }
    func makeAsyncIterator() -> Iterator { Iterator() }
}

/// Collects what a recording may not hold: tokens, codes, pre-signed queries, session ids, keys of session descriptions.
private final class SecretCollector: RingTransport {
    private let transport: any RingTransport
    private let state = Mutex<Set<String>>([])
    var secrets: Set<String> { self.state.withLock { $0 } }

    init(_ transport: any RingTransport) { self.transport = transport }

    func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        let sent = String(decoding: request.body.bytes ?? [], as: UTF8.self)
        self.collect(text: sent, type: request.headerFields[.contentType])
        if let token = request.headerFields[.authorization] { self.add(String(token.dropFirst(7))) }
        var response = try await self.transport.send(request, context: context)
        let bytes = try await response.body.collect(upTo: 64 << 20)
        response.body = RingHTTPBody(bytes)
        self.collect(
            text: String(decoding: bytes.prefix(100_000), as: UTF8.self), type: response.headerFields[.contentType])
        for field in [response.headerFields[.location], response.headerFields["X-Request-ID"]] {
            guard let field else { continue }
            let query = field.split(separator: "?").dropFirst().first ?? ""
            for item in query.split(separator: "&") {
                self.add(String(item.split(separator: "=", maxSplits: 1).last ?? ""))
            }
            if query.isEmpty { self.add(field.split(separator: "/").last.map(String.init) ?? "") }
        }
        return response
    }

    private func collect(text: String, type: String?) {
        if type?.contains("form") == true {
            for item in text.split(separator: "&") {
                let pair = item.split(separator: "=", maxSplits: 1)
                if pair.count == 2, pair[0] != "grant_type" { self.add(String(pair[1]).removingPercentEncoding ?? "") }
            }
        }
        if type?.contains("sdp") == true {
            for line in text.split(whereSeparator: \.isNewline) {
                if line.hasPrefix("a=ice-pwd:") || line.hasPrefix("a=fingerprint:") {
                    self.add(String(line.split(separator: ":", maxSplits: 1)[1]))
                }
            }
        }
        guard let root = try? JSONAPIValue(parsing: text) else { return }
        for name in ["access_token", "refresh_token", "nonce", "account_identifier"] {
            if let value = root[name]?.string { self.add(value) }
        }
        for resource in (root["data"]?.elements ?? []) + (root["included"]?.elements ?? []) {
            if let id = resource["id"]?.string { self.add(id) }
        }
    }

    private func add(_ text: String) {
        // Short values are no secrets: `300`, `clip`.
        if text.utf8.count > 7, Int64(text) == nil, text != "video_download", text != "image_download" {
            self.state.withLock { _ = $0.insert(text) }
        }
    }
}
