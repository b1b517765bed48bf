import RingCore
import RingCrypto
import RingJSONAPI
import RingSimulator
import Testing

/// Cursors, the limiter, scopes and the partner-initiated flow, as the service checks them.
@Suite(.timeLimit(.minutes(5))) struct StrictAPITests {
    @Test func idsNeedEncodingAndHaveNoSlash() async throws {
        try await Bench.run { bench in
            for device in bench.simulator.devices {
                #expect(device.id.rawValue.utf8.count > 100)
                #expect(!device.id.rawValue.contains("/"))
                #expect(device.id.rawValue.contains("+") && device.id.rawValue.contains("="))
            }
        }
    }

    @Test(arguments: [false, true]) func anEventBetweenTwoPagesMovesNothing(isTime: Bool) async throws {
        try await Bench.run(
            {
                $0.switches.limits[.historyPageSize] = 2
                if isTime { $0.switches.history.insert(.timeCursors) }
            },
            { bench async throws in
                for _ in 0..<5 { _ = bench.motion() }
                let all = try await bench.history("?event_types=motion").data?.elements.first?["id"]?.string
                var (link, seen): (String?, [String]) = (nil, [])
                repeat {
                    let page =
                        if let link { try await bench.get(link) } else {
                            try await bench.history("?event_types=motion")
                        }
                    seen += page.data?.elements.compactMap { $0["id"]?.string } ?? []
                    link = page.json?["links"]?["next"]?.string
                    _ = bench.motion()
                } while link != nil
                #expect(seen.first == all)
                #expect(seen.count == 5)
                #expect(Set(seen).count == 5)
            })
    }

    @Test(arguments: ["garbage", "1", "-1", "MTIz", "", "2026-13-45T00:00:00Z", "..%2F..", "AAAA"])
    func aPageThatThereIsNotIsRefused(key: String) async throws {
        try await Bench.run { bench async throws in
            _ = bench.motion()
            let history = try await bench.history("?page%5Bkey%5D=\(segment(key))")
            #expect(history.status == 400)
            #expect(history.error?["source"]?["pointer"]?.string == "page[key]")
            let plans = try await bench.get("/v1/accounts/me/subscriptions?page%5Bcursor%5D=\(segment(key))")
            #expect(plans.status == 400)
            #expect(plans.error?["source"]?["pointer"]?.string == "page[cursor]")
        }
    }

    @Test func theLimiterCountsAllRequestsOfTheApp() async throws {
        try await Bench.run({ $0.switches.limits[.requestsPerSecond] = 2 }) { bench async throws in
            var seen: [[String?]] = []
            // A second may end between two requests, so this is repeated until it does not.
            for _ in 0..<20 where seen.isEmpty {
                bench.simulator.advance(by: .milliseconds(1000 - bench.simulator.milliseconds % 1000))
                let replies = [
                    try await bench.simulator.token("grant_type=refresh_token&refresh_token=x"),
                    try await bench.get("/v1/devices"), try await bench.get("/v1/users/me"),
                    try await bench.simulator.token("grant_type=refresh_token&refresh_token=x"),
                ]
                let seconds = bench.simulator.journal.suffix(4).map { $0.milliseconds / 1000 }
                guard Set(seconds).count == 1 else { continue }
                seen = replies.map { reply in
                    [
                        String(reply.status), reply.fields["X-RateLimit-Limit"], reply.fields["X-RateLimit-Remaining"],
                        reply.fields["Retry-After"],
                    ]
                }
            }
            #expect(
                seen == [
                    ["400", "2", "1", nil], ["200", "2", "0", nil], ["429", "2", "0", "1"], ["429", "2", "0", "1"],
                ])
            // Pre-signed media count nothing.
            let media = try await RingSimulatorTests.send("GET", "\(bench.simulator.mediaURL)/v1/download")
            #expect(media.status == 403)
            #expect(media.fields["X-RateLimit-Limit"] == nil)
        }
    }

    @Test func everyResponseHasARequestIDOfItsOwn() async throws {
        try await Bench.run { bench async throws in
            let replies = [
                try await bench.get("/v1/devices"), try await bench.get("/v1/nothing"), try await bench.get("/v2"),
                try await bench.simulator.token("grant_type=refresh_token&refresh_token=x"),
                try await bench.clip(bench.motion()), try await bench.open(),
            ]
            let ids = replies.compactMap { $0.fields["X-Request-ID"] }
            #expect(ids.allSatisfy { $0.utf8.count == 36 })
            #expect(Set(ids).count == replies.count)
        }
    }

    @Test func callsBeforeTheLinkAreRefusedButThoseThatMakeIt() async throws {
        try await Bench.run({ $0.accounts[0].state = .pending }) { bench async throws in
            for path in ["/v1/devices", bench.device(.camera), "\(bench.device(.camera))/status"] {
                #expect(try await bench.get(path).status == 403, "\(path)")
            }
            #expect(try await bench.history().status == 403)
            #expect(try await bench.open().status == 403)
            #expect(try await bench.get("/v1/users/me").status == 200)
            #expect(try await bench.confirm(try bench.simulator.linkRedirect().nonce).status == 200)
            #expect(try await bench.get(bench.device(.camera)).status == 200)
        }
    }

    @Test func liveViewsNeedACompleteOffer() async throws {
        try await Bench.run { bench async throws in
            let full = Bench.offer()
            for name in ["ice-ufrag", "ice-pwd", "fingerprint"] {
                let lines = full.split(separator: "\r\n").filter { !$0.hasPrefix("a=\(name):") }
                let refused = try await bench.open(lines.joined(separator: "\r\n") + "\r\n")
                #expect(refused.status == 400, "\(name)")
                #expect(refused.error?["detail"]?.string?.hasPrefix("the offer has no ") == true)
            }
            // In a section they are as good as in front of it.
            var lines = full.split(separator: "\r\n").map(String.init)
            let moved = lines.filter { $0.hasPrefix("a=ice") || $0.hasPrefix("a=finger") }
            lines.removeAll(where: moved.contains)
            let index = try #require(lines.firstIndex { $0.hasPrefix("m=video") })
            lines.insert(contentsOf: moved, at: index + 1)
            #expect(try await bench.open(lines.joined(separator: "\r\n") + "\r\n").status == 201)
            let lensless = try await bench.open(full, .elite)
            #expect(lensless.error?["source"]?["pointer"]?.string == "component_id")
        }
    }

    /// RFC 6749 section 4.1.2.1: an error about the redirect URI itself goes nowhere.
    @Test func thePartnerInitiatedFlowChecksItsRedirectAndItsScope() async throws {
        let redirect = "http://127.0.0.1/back/"
        try await Bench.run(
            {
                $0.redirectURI = redirect
                $0.accounts[0].state = .pending
            },
            { bench async throws in
                let page = "\(bench.simulator.oauthURL)/account/integrations/partner-link/authorize"
                let verifier = "verifier-verifier-verifier-verifier-verifier"
                let challenge = RingSHA256.digest(of: Array(verifier.utf8)).base64URL
                func authorize(
                    to uri: String = redirect, scope: String = "ava.v1:read", method: String = "S256"
                ) async throws -> Reply {
                    try await RingSimulatorTests.send(
                        "GET",
                        "\(page)?client_id=sim-client&redirect_uri=\(segment(uri))&response_type=code&state=s1"
                            + "&scope=\(segment(scope))&code_challenge_method=\(method)&code_challenge=\(challenge)")
                }
                for uri in ["http://127.0.0.1/back", "http://127.0.0.1/back/?x=1", "https://elsewhere.invalid/", ""] {
                    let refused = try await authorize(to: uri)
                    #expect(refused.status == 400, "\(uri)")
                    #expect(refused.location.isEmpty)
                }
                for (reply, error) in [
                    (try await authorize(scope: "ava.v1:write"), "invalid_scope"),
                    (try await authorize(scope: ""), "invalid_scope"),
                    (try await authorize(method: "plain"), "invalid_request"),
                ] {
                    #expect(reply.location.hasPrefix("\(redirect)?error=\(error)&error_description="))
                    #expect(reply.location.hasSuffix("&state=s1"))
                }
                let location = try await authorize().location
                #expect(location.hasPrefix("\(redirect)?code="))
                let code = location.dropFirst(redirect.count + 6).prefix { $0 != "&" }
                let pair = try await bench.simulator.token(
                    "grant_type=authorization_code&code=\(code)&code_verifier=\(verifier)")
                let token = try #require(pair.json?["access_token"]?.string)
                // The link is made by PATCH alone, and consent counts from then on.
                let partner = Bench(simulator: bench.simulator, token: token)
                let early = bench.simulator.milliseconds
                bench.simulator.advance(by: .seconds(5))
                #expect(try await partner.get("/v1/devices").status == 403)
                let path = "/v1/accounts/me/app-integrations"
                #expect(try await partner.send("PATCH", path, body: #"{"status":"completed"}"#).status == 200)
                #expect(try await partner.get("/v1/devices").status == 200)
                #expect(try await partner.clip(early).status == 403)
                #expect(try await partner.send("DELETE", path).status == 204)
            })
    }

    /// A device that never rests keeps its newest events, and not all of them.
    @Test func theHistoryOfADeviceIsBounded() async throws {
        try await Bench.run(
            {
                $0.switches.limits[.historyPageSize] = 20_000
                // Without a plan there are no webhooks, which would take most of the time.
                $0.accounts[0].subscriptionCount = 0
            },
            { bench async throws in
                let event = RingSimulatorEvent(type: "motion_detected", device: bench.simulator.id(.doorbell))
                for _ in 0..<10_500 { try bench.simulator.trigger(event) }
                bench.simulator.change { $0.planEnforcement = .none }
                let events = try await bench.history().data?.elements ?? []
                #expect((9000...10_000).contains(events.count))
                let newest = try #require(events.first?["attributes"]?["start"]?.int64)
                #expect(newest >= (events.last?["attributes"]?["start"]?.int64 ?? .max))
            })
    }

    /// Many links, sessions and tokens later, the simulator still knows those that are in use.
    @Test func whatEndedIsForgottenAndWhatIsUsedIsNot() async throws {
        try await Bench.run { bench async throws in
            let (old, code) = (try bench.simulator.grantTokens(), try bench.simulator.issueCode())
            for _ in 0..<3000 { _ = try bench.simulator.grantTokens() }
            bench.simulator.advance(by: .seconds(3 * 3600))
            for _ in 0..<3000 { _ = try bench.simulator.issueCode() }
            #expect(try await bench.get("/v1/devices").status == 200)
            #expect(bench.simulator.isValid(refreshToken: old.refresh))
            #expect(try await bench.exchange(code).status == 400)
            #expect(await bench.refresh(old.refresh) == "200")
            #expect(await bench.refresh(old.refresh) == "400")
        }
    }
}
