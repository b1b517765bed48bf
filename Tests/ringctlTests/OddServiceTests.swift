import Foundation
import RingJSONAPI
import RingListener
import RingTesting
import Synchronization
import Testing

/// Responses that are none of the service's, or not what they should be: exit statuses, and what is left of the state.
@Suite(.timeLimit(.minutes(4))) struct OddServiceTests {
    /// A stored account whose tokens are good.
    private func signedIn(_ body: (Ringctl, TokenService) async throws -> Void) async throws {
        let service = try await TokenService.start()
        let folder = FileManager.default.temporaryDirectory.appending(path: "ringctl-odd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let ringctl = Ringctl(environment: [
            "RING_API_URL": service.origin, "RING_OAUTH_URL": service.origin,
            "RING_STORE": folder.appending(path: "ring.sqlite").path(), "RING_CLIENT_ID": "client",
            "RING_CLIENT_SECRET": "SECRET-client", "RING_HMAC_KEY": TokenService.hmacKey,
        ])
        service.state.withLock { _ = $0.codes.insert("code") }
        #expect(try await ringctl.run("auth", "exchange", input: "code").status == 0)
        try await body(ringctl, service)
        await service.stop()
    }

    private func state(_ ringctl: Ringctl) async throws -> String? {
        try await ringctl.run("auth", "status", "--json").results.first?["state"]?.string
    }

    private static let nginx =
        "<html>\r\n<head><title>400 Bad Request</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n"
        + "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"

    /// A WAF, a gateway or nothing at all, with the statuses that the token endpoint itself also uses.
    @Test(arguments: [
        (400, "text/html", Self.nginx), (400, "application/json", #"{"message":"Bad Request"}"#), (400, "", ""),
        (401, "application/json", #"{"message":"Unauthorized"}"#), (403, "text/html", Self.nginx),
        (400, "text/plain", "error: invalid_grant"), (400, "application/json", #"{"code":"invalid_grant"}"#),
    ])
    func anIntermediaryDecidesNothing(status: Int, type: String, body: String) async throws {
        try await self.signedIn { ringctl, service async throws in
            service.state.withLock {
                $0.intermediary = RingListenerResponse(status: status, contentType: type, text: body)
            }
            let refresh = try await ringctl.run("auth", "refresh", "--json")
            #expect(refresh.status == 1, "\(refresh.errorText)")
            #expect(try await self.state(ringctl) == "unclaimed")
            let exchange = try await ringctl.run("auth", "exchange", "--json", input: "another")
            #expect(exchange.status == 1, "\(exchange.errorText)")
            // Nothing was lost.
            service.state.withLock { $0.intermediary = nil }
            #expect(try await ringctl.run("auth", "refresh").status == 0)
            #expect(try await self.state(ringctl) == "unclaimed")
        }
    }

    @Test(arguments: [
        (400, #"{"error":"invalid_grant"}"#), (200, #"{"error":"invalid_grant","error_description":"expired"}"#),
        (400, #"{"errors":[{"status":"400","code":"invalid_grant"}]}"#),
    ])
    func theEndpointsOwnWordDecides(status: Int, body: String) async throws {
        try await self.signedIn { ringctl, service async throws in
            service.state.withLock {
                $0.intermediary = RingListenerResponse(status: status, contentType: "application/json", text: body)
            }
            let refresh = try await ringctl.run("auth", "refresh", "--json")
            #expect(refresh.status == 3, "\(refresh.errorText)")
            #expect(refresh.failure?["code"]?.string == "relink_required")
            #expect(try await self.state(ringctl) == "relink_required")
        }
    }

    @Test func aByteOrderMarkLosesNoTokens() async throws {
        try await self.signedIn { ringctl, service async throws in
            let body =
                "\u{FEFF}"
                + #"{"access_token":"SECRET-a","refresh_token":"SECRET-r","scope":"ava.v1:read","expires_in":14400}"#
            service.state.withLock {
                $0.intermediary = RingListenerResponse(status: 200, contentType: "application/json", text: body)
            }
            #expect(try await ringctl.run("auth", "refresh").status == 0)
            #expect(try await ringctl.run("auth", "token").outputText == "SECRET-a\n")
        }
    }

    /// Whatever a server says, the user's words were right. After a gateway's timeout it is unknown what became of the refresh.
    @Test(arguments: [
        300, 302, 307, 403, 404, 405, 406, 408, 409, 410, 411, 413, 414, 415, 418, 422, 425, 451, 520, 529,
    ])
    func aStatusOfTheTokenEndpointIsNoUsageError(status: Int) async throws {
        try await self.signedIn { ringctl, service async throws in
            service.state.withLock {
                $0.intermediary = RingListenerResponse(
                    status: status, headers: ["Location": "/elsewhere"], body: .bytes([]))
            }
            let refresh = try await ringctl.run("auth", "refresh", "--json", "--timeout", "10")
            #expect([1, 8].contains(refresh.status), "\(status): \(refresh.status) \(refresh.errorText)")
            let isTimeout = status == 408 || (520...529).contains(status)
            #expect(try await self.state(ringctl) == (isTimeout ? "uncertain" : "unclaimed"), "\(status)")
        }
    }

    /// A refused token request goes back to the queue no longer than its command lasts.
    @Test func aTokenEndpointThatOnlyRefusesIsNotAskedAfterTheTimeout() async throws {
        try await self.signedIn { ringctl, service async throws in
            service.state.withLock { $0.intermediary = RingListenerResponse(status: 429) }
            let start = ContinuousClock.now
            let refresh = try await ringctl.run("auth", "refresh", "--json", "--timeout", "8")
            #expect(refresh.status == 5, "\(refresh.errorText)")
            // Much less than the pauses that a rate limit asks for, also on a busy machine.
            #expect(ContinuousClock.now - start < .seconds(40))
            #expect(try await self.state(ringctl) == "unclaimed")
        }
    }

    /// A wait that Ring asks for is the command's to allow.
    @Test func aLongWaitForTheRateLimitEndsWithTheTimeoutAlone() async throws {
        let requests = Mutex(0)
        let listener = try await RingListener.startRaw { _ in
            let count = requests.withLock { count in
                count += 1
                return count
            }
            return count == 1
                ? RingListenerResponse(status: 429, headers: ["Retry-After": "31"])
                : RingListenerResponse(status: 200, contentType: "application/json", text: #"{"data":[]}"#)
        }
        let ringctl = Ringctl(environment: [
            "RING_API_URL": listener.origin, "RING_ACCESS_TOKEN": "x", "RING_STORE": "memory",
        ])
        let outcome = try await ringctl.run("devices", "list", "--json", "--timeout", "60")
        #expect(outcome.status == 0, "\(outcome.errorText)")
        #expect(requests.withLock { $0 } == 2)
        await listener.stop()
    }

    /// An engine that reads a pipe would wait for ever, and a device would be gone.
    @Test func noPipeIsReplacedByTheFileOfASession() async throws {
        let pipe = FileManager.default.temporaryDirectory.appending(path: "ringctl-pipe-\(UUID().uuidString)").path()
        let isMade = unsafe mkfifo(pipe, 0o600) == 0
        try #require(isMade)
        defer { try? FileManager.default.removeItem(atPath: pipe) }
        let ringctl = Ringctl(environment: [
            "RING_API_URL": "http://127.0.0.1:1", "RING_ACCESS_TOKEN": "x", "RING_STORE": "memory",
        ])
        let outcome = try await ringctl.run("live", "negotiate", "d1", "--offer", "-", "--answer", pipe, "--json")
        #expect(outcome.status == 2, "\(outcome.errorText)")
        #expect(outcome.errorText.contains("is not an ordinary file"))
        let type = try FileManager.default.attributesOfItem(atPath: pipe)[.type] as? FileAttributeType
        #expect(type != .typeRegular)
    }

    /// A device such as /dev/null is written to, and stays what it is. Its own copy here: the test needs root to make one.
    @Test(.enabled(if: geteuid() == 0, "only root may make a device")) func aDeviceTakesTheDescriptionOfASession()
        async throws
    {
        let device = FileManager.default.temporaryDirectory.appending(path: "ringctl-null-\(UUID().uuidString)").path()
        let isMade = unsafe mknod(device, S_IFCHR | 0o600, 0x103) == 0
        try #require(isMade)
        defer { try? FileManager.default.removeItem(atPath: device) }
        let ringctl = Ringctl(environment: [
            "RING_API_URL": "http://127.0.0.1:1", "RING_ACCESS_TOKEN": "x", "RING_STORE": "memory",
        ])
        let offer = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "RingWHEPTests/Fixtures/SDP/offer-chromium156-video.sdp").path()
        let outcome = try await ringctl.run("live", "negotiate", "d1", "--offer", offer, "--answer", device, "--json")
        // Not a usage error: there is only nobody at the URL.
        #expect(outcome.status == 8, "\(outcome.errorText)")
        let type = try FileManager.default.attributesOfItem(atPath: device)[.type] as? FileAttributeType
        #expect(type == .typeCharacterSpecial)
    }

    // MARK: Documents

    private static let collections = [
        (["devices", "list"], "/v1/devices", #"{"type":"devices","id":"first"}"#),
        (
            ["events", "list", "d1"], "/v1/history/devices/d1/events",
            #"{"type":"history-events","id":"first","attributes":{"event_type":"motion","start":1795000000400}}"#
        ),
        (["account", "subscriptions"], "/v1/accounts/me/subscriptions", #"{"type":"subscriptions","id":"first"}"#),
    ]
    private static let broken = [
        "{}", #"{"data":"x"}"#, #"{"errors":[{"title":"Sorry"}]}"#, "", "[]", "null", "{",
        #"{"data":[],"errors":[{"title":"Sorry"}]}"#,
    ]

    private func pages(_ respond: @escaping @Sendable (RingListenerRequest) -> String) async throws -> (
        Ringctl, RingListener
    ) {
        let listener = try await RingListener.startRaw {
            RingListenerResponse(status: 200, contentType: "application/json", text: respond($0))
        }
        let environment = ["RING_API_URL": listener.origin, "RING_ACCESS_TOKEN": "x", "RING_STORE": "memory"]
        return (Ringctl(environment: environment), listener)
    }

    @Test(arguments: Self.broken) func aDocumentOfTheWrongShapeIsNoEmptyList(body: String) async throws {
        let (ringctl, listener) = try await self.pages { _ in body }
        for (words, _, _) in Self.collections {
            let outcome = try await ringctl.run(words + ["--json"])
            #expect(outcome.status == 1, "\(words): \(outcome.errorText)")
            #expect(outcome.failure?["code"]?.string == "malformed_response", "\(words): \(outcome.errorText)")
            #expect(outcome.output.isEmpty)
            #expect(try await ringctl.run(words).status == 1, "\(words)")
        }
        await listener.stop()
    }

    @Test(arguments: Self.broken) func aBrokenLaterPageIsAnErrorAfterWhatCameBefore(body: String) async throws {
        let (ringctl, listener) = try await self.pages { request in
            guard request.query?.contains("cursor") != true else { return body }
            let element = Self.collections.first { $0.1 == request.path }?.2 ?? ""
            return #"{"data":[\#(element)],"links":{"next":"\#(request.path)?page%5Bcursor%5D=2"}}"#
        }
        for (words, _, _) in Self.collections where words.first != "devices" {
            let outcome = try await ringctl.run(words + ["--json"])
            #expect(outcome.status == 1, "\(words): \(outcome.errorText)")
            #expect(outcome.failure?["code"]?.string == "malformed_response", "\(words): \(outcome.errorText)")
            #expect(try outcome.results.map { $0["id"]?.string } == ["first"], "\(words)")
            // For a person as well.
            let table = try await ringctl.run(words)
            #expect(table.status == 1 && table.outputText.contains("first"), "\(table.outputText)")
        }
        await listener.stop()
    }

    @Test func aListThatMayHaveMoreSaysSo() async throws {
        for (rest, warning) in [
            (#""links":{"next":"?page%5Bcursor%5D=2"}"#, "a page that was there before"),
            (#""errors":[{"title":"Upstream"}]"#, "errors beside its data"),
        ] {
            let (ringctl, listener) = try await self.pages { request in
                let element = Self.collections.first { $0.1 == request.path }?.2 ?? #"{"type":"devices","id":"d1"}"#
                return #"{"data":[\#(element)],\#(rest)}"#
            }
            for (words, _, _) in Self.collections {
                let outcome = try await ringctl.run(words + ["--json"])
                #expect(outcome.status == 0 && outcome.errorText.contains(warning), "\(words): \(outcome.errorText)")
                #expect(try outcome.results.map { $0["id"]?.string } == ["first"], "\(words)")
            }
            await listener.stop()
        }
        let device = #"{"type":"devices","id":"d"}"#
        let (ringctl, listener) = try await self.pages { _ in #"{"data":[\#(device),\#(device)]}"# }
        let outcome = try await ringctl.run("account", "subscriptions", "--json")
        #expect(outcome.status == 0 && outcome.output.isEmpty)
        #expect(
            outcome.errorText
                == "ringctl: warning: 2 elements of the response are not subscriptions and are left out\n")
        await listener.stop()
    }

    /// What such a history does not have comes later, and its clips are still wanted.
    @Test func anArchiveIsNotCompleteAfterAHistoryThatRepeatsItself() async throws {
        let moments = Mutex<[Int64]>([])
        let isWhole = Mutex(false)
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        func event(_ id: String, hoursAgo: Int64) -> String {
            let start = now - hoursAgo * 3_600_000
            return #"{"type":"history-events","id":"\#(id)","attributes":"#
                + #"{"event_type":"motion","start":\#(start),"end":\#(start + 5_000)}}"#
        }
        let (young, old) = (event("young", hoursAgo: 2), event("old", hoursAgo: 48))
        let devices = #"""
            {"data":[{"type":"devices","id":"d1","attributes":{"name":"Door"},
              "relationships":{"capabilities":{"data":{"type":"device-capabilities","id":"c"}}}}],
             "included":[{"type":"device-capabilities","id":"c","attributes":{"video":{"codecs":["AVC"]}}}]}
            """#
        let listener = try await RingListener.startRaw { request in
            func json(_ text: String, status: Int = 200) -> RingListenerResponse {
                RingListenerResponse(status: status, contentType: "application/json", text: text)
            }
            if request.method == "POST" {
                let moment = try? JSONAPIValue(parsing: request.body)["timestamp"]?.int64
                moments.withLock { $0.append(moment ?? 0) }
                return json(#"{"errors":[{"code":"MEDIA_NOT_FOUND"}]}"#, status: 416)
            }
            guard request.path.hasSuffix("/events") else { return json(devices) }
            return json(
                isWhole.withLock { $0 }
                    ? #"{"data":[\#(young),\#(old)]}"# : #"{"data":[\#(young)],"links":{"next":"?page%5Bkey%5D=2"}}"#)
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "ringctl-odd-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let ringctl = Ringctl(environment: [
            "RING_API_URL": listener.origin, "RING_ACCESS_TOKEN": "x", "RING_STORE": "memory",
        ])
        let first = try await ringctl.run("clip", "sync", folder, "--keep", "30d")
        #expect(first.status == 0 && first.errorText.contains("there before"), "\(first.errorText)")
        isWhole.withLock { $0 = true }
        let second = try await ringctl.run("clip", "sync", folder, "--keep", "30d")
        #expect(second.status == 0, "\(second.errorText)")
        #expect(moments.withLock { $0 }.contains { $0 < now - 40 * 3_600_000 })
        await listener.stop()
    }

    @Test func aNumberBeyondAllNumbersEndsNoCommand() async throws {
        let (odd, listener) = try await self.pages { _ in
            #"{"requests":[{"number":1,"path":"/v1","time":9223372036854775807,"duration_ms":1e300}]}"#
        }
        var ringctl = odd
        ringctl.environment["RING_CONTROL_URL"] = listener.origin
        let outcome = try await ringctl.run("logs")
        #expect(outcome.status == 0 && outcome.outputText.hasSuffix(" /v1\n"), "\(outcome.errorText.suffix(300))")
        await listener.stop()
    }

    @Test func whatIsOnTwoPagesIsPrintedOnce() async throws {
        let (ringctl, listener) = try await self.pages { request in
            let isSecond = request.query?.contains("cursor") == true
            let first = Self.collections.first { $0.1 == request.path }?.2 ?? ""
            let second = first.replacing("first", with: "second")
            let next = #"{"next":"\#(request.path)?page%5Bcursor%5D=2"}"#
            return isSecond ? #"{"data":[\#(first),\#(second)]}"# : #"{"data":[\#(first)],"links":\#(next)}"#
        }
        for (words, _, _) in Self.collections where words.first != "devices" {
            let outcome = try await ringctl.run(words + ["--json"])
            #expect(outcome.status == 0, "\(words): \(outcome.errorText)")
            #expect(try outcome.results.map { $0["id"]?.string } == ["first", "second"], "\(words)")
            let table = try await ringctl.run(words).outputText
            #expect(table.components(separatedBy: "first").count == 2, "\(table)")
        }
        await listener.stop()
    }

    @Test func anEmptyOrOddNextLinkEndsTheList() async throws {
        for next in [#""""#, "null", #"{"href":""}"#] {
            let (ringctl, listener) = try await self.pages { request in
                let element = Self.collections.first { $0.1 == request.path }?.2 ?? ""
                return #"{"data":[\#(element)],"links":{"next":\#(next)}}"#
            }
            for (words, _, _) in Self.collections {
                let outcome = try await ringctl.run(words + ["--json"])
                #expect(outcome.status == 0, "\(words) \(next): \(outcome.errorText)")
                #expect(try outcome.results.count == 1, "\(words) \(next)")
            }
            await listener.stop()
        }
    }
}
