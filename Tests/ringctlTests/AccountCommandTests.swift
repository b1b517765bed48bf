import Foundation
import RingCrypto
import RingJSONAPI
import RingTesting
import Synchronization
import Testing

/// `auth …` and `account …` as a script uses them, each command a process of its own.
@Suite(.timeLimit(.minutes(2))) struct AccountCommandTests {
    private func bench(_ changes: [String: String] = [:]) async throws -> (Ringctl, TokenService) {
        let service = try await TokenService.start()
        var environment = [
            "RING_API_URL": service.origin, "RING_OAUTH_URL": service.origin,
            "RING_STORE": service.folder.file("ring.sqlite"),
            "RING_CLIENT_ID": "client", "RING_CLIENT_SECRET": "SECRET-client", "RING_HMAC_KEY": TokenService.hmacKey,
        ]
        environment.merge(changes) { $1 }
        return (Ringctl(environment: environment), service)
    }

    private func redirect(secondsAgo: Double = 1) throws -> [String] {
        let time = "\(Int64((Date().timeIntervalSince1970 - secondsAgo) * 1_000))"
        let nonce = RingLinkNonce.compute(
            time: time, accountID: TokenService.account, key: try RingHMACKey(TokenService.hmacKey))
        return ["--nonce", nonce, "--time", time]
    }

    private func exchange(_ ringctl: Ringctl, _ service: TokenService, _ code: String = "code") async throws
        -> JSONAPIValue
    {
        service.state.withLock { _ = $0.codes.insert(code) }
        let outcome = try await ringctl.run("auth", "exchange", "--json", input: code + "\n")
        #expect(outcome.status == 0, "\(outcome.errorText)")
        return try #require(try outcome.results.first)
    }

    @Test func exchangeLinkAndUse() async throws {
        let (ringctl, service) = try await self.bench()
        let exchanged = try await self.exchange(ringctl, service)
        #expect(exchanged["account_id"]?.string == TokenService.account)
        #expect(exchanged["scope"]?.string == "ava.v1:read")
        #expect(exchanged["state"]?.string == "unclaimed")
        #expect(exchanged["access_expires_at"]?.string?.hasSuffix("Z") == true)

        let redirect = try self.redirect()
        let linked = try await ringctl.run(["account", "link", "--json", "--identifier", "r***e"] + redirect)
        #expect(linked.status == 0, "\(linked.errorText)")
        #expect(linked.outputText == #"{"account_id":"\#(TokenService.account)","status":"completed"}"# + "\n")
        // Run again, it is done.
        #expect(try await ringctl.run(["account", "link"] + redirect).status == 0)
        #expect(service.state.withLock { $0.integration } == "completed")

        let status = try await ringctl.run("auth", "status", "--json")
        #expect(try status.results.map { $0["state"]?.string } == ["linked"])
        #expect(try status.results.first?["refresh_expires_at"]?.string?.hasSuffix("Z") == true)
        let me = try await ringctl.run("account", "me", "--json")
        #expect(
            me.outputText
                == #"{"id":"\#(TokenService.account)","first_name":"Robin","last_name":null,"email":"r@e.org","phone_number":null}"#
                + "\n")
        let token = try await ringctl.run("auth", "token", "--json")
        #expect(try token.results.first?["access_token"]?.string == "SECRET-access-1")
        #expect(try await ringctl.run("auth", "token").outputText == "SECRET-access-1\n")

        let refreshed = try await ringctl.run("auth", "refresh", "--json")
        #expect(try refreshed.results.first?["account_id"]?.string == TokenService.account)
        #expect(try await ringctl.run("auth", "token").outputText == "SECRET-access-2\n")
        // A second exchange replaces the tokens of the linked account.
        #expect(try await self.exchange(ringctl, service, "again")["state"]?.string == "linked")
        await service.stop()
    }

    @Test(
        arguments: [
            (302, ""), (307, ""), (400, "<html><center>nginx</center></html>"), (400, ""), (400, "Bad Request"),
            (400, #"{"error":"Bad Request"}"#), (403, #"{"message":"Forbidden"}"#), (404, "<html>"), (405, ""),
            (415, ""),
            (418, "teapot"), (400, #"{"error":"invalid_scope"}"#),
        ])
    func aResponseThatIsNotTheEndpointsEndsWithOneAndChangesNothing(status: Int, body: String) async throws {
        let (ringctl, service) = try await self.bench()
        _ = try await self.exchange(ringctl, service)
        service.state.withLock { $0.proxy = (status, body) }
        let refresh = try await ringctl.run("auth", "refresh", "--json")
        #expect(refresh.status == 1, "\(refresh.errorText)")
        #expect(refresh.failure?["status"]?.int64 == Int64(status))
        let exchange = try await ringctl.run("auth", "exchange", "--json", input: "another\n")
        #expect(exchange.status == 1, "\(exchange.errorText)")
        service.state.withLock { $0.proxy = nil }
        #expect(try await ringctl.run("auth", "status", "--json").results.map { $0["state"]?.string } == ["unclaimed"])
        #expect(try await ringctl.run("auth", "refresh").status == 0)
        await service.stop()
    }

    @Test func theErrorOfTheEndpointDecidesWhateverTheStatus() async throws {
        let (ringctl, service) = try await self.bench()
        _ = try await self.exchange(ringctl, service)
        service.state.withLock { $0.proxy = (200, #"{"error":"invalid_grant","error_description":"x"}"#) }
        let refresh = try await ringctl.run("auth", "refresh", "--json")
        #expect(refresh.status == 3 && refresh.failure?["code"]?.string == "relink_required")
        #expect(
            try await ringctl.run("auth", "status", "--json").results.map { $0["state"]?.string } == ["relink_required"]
        )
        let body = #"{"access_token":"SECRET-bom","refresh_token":"SECRET-next","expires_in":14400}"#
        service.state.withLock { $0.proxy = (200, "\u{feff}" + body) }
        #expect(try await ringctl.run("auth", "refresh").status == 0)
        #expect(try await ringctl.run("auth", "token").outputText == "SECRET-bom\n")
        await service.stop()
    }

    /// Three attempts in all, whichever command makes them.
    @Test func aFailingUserIsRequestedThreeTimes() async throws {
        let (ringctl, service) = try await self.bench()
        func requests(_ arguments: [String], input: String = "") async throws -> Int {
            let before = service.state.withLock { $0.userRequests }
            let outcome = try await ringctl.run(arguments, input: Array(input.utf8))
            #expect(outcome.status == 1, "\(outcome.errorText)")
            return service.state.withLock { $0.userRequests } - before
        }
        service.state.withLock {
            $0.codes = ["one", "two"]
            $0.userFault = 500
        }
        #expect(try await requests(["auth", "exchange", "--json"], input: "one\n") == 3)
        // The tokens of the first code still wait.
        #expect(try await requests(["auth", "exchange"], input: "two\n") == 3)
        service.state.withLock { $0.codes = ["three"] }
        #expect(try await requests(["account", "link"] + self.redirect()) == 6, "two pairs wait, three attempts each")
        service.state.withLock { $0.userFault = nil }
        // With the next exchange they are all identified.
        #expect(try await ringctl.run("auth", "exchange", "--json", input: "three\n").status == 0)
        #expect(try await ringctl.run("auth", "status", "--json").results.map { $0["state"]?.string } == ["unclaimed"])
        #expect(try await ringctl.run(["account", "link"] + self.redirect()).status == 0)
        await service.stop()
    }

    @Test func subscriptionsKeepWhatTheServerSent() async throws {
        let (ringctl, service) = try await self.bench()
        _ = try await self.exchange(ringctl, service)
        let outcome = try await ringctl.run("account", "subscriptions", "--json")
        #expect(
            outcome.outputText == """
                {"id":"s1","sub_type":"paid","new":[1],"device_ids":["d1"]}
                {"id":"s2","status":"inactive","device_ids":[]}

                """)
        await service.stop()
    }

    @Test func aRotatedPairWinsOverItsStaleSeed() async throws {
        let (ringctl, service) = try await self.bench(["RING_REFRESH_TOKEN": "seed-1"])
        service.state.withLock { $0.refreshTokens = ["seed-1", "seed-2"] }
        for _ in 0..<3 {
            let me = try await ringctl.run("account", "me", "--json")
            #expect(me.status == 0, "\(me.errorText)")
        }
        #expect(service.state.withLock { $0.refreshes } == 1)
        // Another seed replaces the account's pair.
        var other = ringctl
        other.environment["RING_REFRESH_TOKEN"] = "seed-2"
        #expect(try await other.run("auth", "token").outputText == "SECRET-access-2\n")
        #expect(try await other.run("auth", "token").outputText == "SECRET-access-2\n")
        #expect(try await other.run("auth", "status", "--json").results.count == 1)
        await service.stop()
    }

    @Test func aFixedTokenIsUsedAsItIs() async throws {
        let (ringctl, service) = try await self.bench(["RING_ACCESS_TOKEN": "SECRET-fixed"])
        #expect(try await ringctl.run("auth", "token").outputText == "SECRET-fixed\n")
        service.state.withLock { _ = $0.accessTokens.insert("SECRET-fixed") }
        #expect(try await ringctl.run("account", "me").status == 0)
        #expect(try await ringctl.run("auth", "status", "--json").outputText.isEmpty)
        service.state.withLock { $0.accessTokens = [] }
        #expect(try await ringctl.run("account", "me").status == 3)
        await service.stop()
    }

    @Test func failuresHaveTheirStatusAndShowNoSecret() async throws {
        let (ringctl, service) = try await self.bench()
        _ = try await self.exchange(ringctl, service)
        let good = try self.redirect()
        let wrongKey = Ringctl(environment: ringctl.environment.merging(["RING_HMAC_KEY": "wrong"]) { $1 })
        let wrongSecret = Ringctl(environment: ringctl.environment.merging(["RING_CLIENT_SECRET": "SECRET-no"]) { $1 })
        let cases: [(Ringctl, [String], String, Int32, String)] = [
            (ringctl, ["auth", "exchange"], "SECRET-code", 3, "invalid_code"),
            (ringctl, ["auth", "exchange"], "  \n", 2, "usage"),
            (wrongSecret, ["auth", "refresh"], "", 3, "invalid_client"),
            (wrongKey, ["account", "link"] + good, "", 7, "no_matching_account"),
            (ringctl, ["account", "link", "--nonce", "short", "--time", good[3]], "", 7, "invalid_nonce"),
            (ringctl, ["account", "link", "--nonce", good[1], "--time", "soon"], "", 2, "usage"),
            (ringctl, ["account", "link", "--time", good[3]], "", 2, "usage"),
            (ringctl, ["account", "link"] + (try self.redirect(secondsAgo: 601)), "", 7, "link_expired"),
            (ringctl, ["account", "me", "--account", "nobody"], "", 4, "account_not_found"),
            (ringctl, ["account", "me", "--oauth-url", "http://example.org"], "", 2, "usage"),
            (ringctl, ["account", "me", "--api-url", "http://127.0.0.1:1"], "", 8, "connection_failed"),
        ]
        for (program, words, input, status, code) in cases {
            let outcome = try await program.run(words + ["--json", "--verbose"], input: Array(input.utf8))
            #expect(outcome.status == status, "\(words): \(outcome.errorText)")
            #expect(outcome.failure?["code"]?.string == code, "\(words): \(outcome.errorText)")
            #expect(outcome.output.isEmpty)
            #expect(!outcome.errorText.contains("SECRET") && !outcome.errorText.contains(good[1]), "\(words)")
        }
        // A nonce that Ring has seen.
        service.state.withLock { _ = $0.nonces.insert(good[1]) }
        #expect(try await ringctl.run(["account", "link"] + good).status == 7)
        await service.stop()
    }

    @Test func aLostResponseIsSeenInTheStatus() async throws {
        let (ringctl, service) = try await self.bench()
        _ = try await self.exchange(ringctl, service)
        service.state.withLock { $0.losesResponse = true }
        #expect(try await ringctl.run("auth", "refresh").status == 8)
        let states = { try await ringctl.run("auth", "status", "--json").results.map { $0["state"]?.string } }
        #expect(try await states() == ["uncertain"])
        service.state.withLock { $0.losesResponse = false }
        // The access token is still valid, so calls succeed.
        #expect(try await ringctl.run("account", "me").status == 0)
        let refused = try await ringctl.run("auth", "refresh", "--json")
        #expect(refused.status == 3)
        #expect(refused.failure?["code"]?.string == "relink_required")
        #expect(try await states() == ["relink_required"])
        await service.stop()
    }

    @Test func anInterruptedRefreshStillSavesItsPair() async throws {
        let (ringctl, service) = try await self.bench()
        _ = try await self.exchange(ringctl, service)
        service.state.withLock { $0.delay = .milliseconds(300) }
        let running = try ChildProcess(
            Ringctl.path, ["auth", "refresh", "--verbose"], environment: ringctl.environment)
        var arrivals = service.arrivals.stream.makeAsyncIterator()
        for _ in 0..<2 { await arrivals.next() }  // the exchange's, and now the refresh's
        running.signal(SIGINT)
        let outcome = await running.outcome()
        #expect(outcome.ending == .exited(130), "\(outcome.errorText)")
        service.state.withLock { $0.delay = nil }
        #expect(try await ringctl.run("auth", "status", "--json").results.map { $0["state"]?.string } == ["unclaimed"])
        #expect(try await ringctl.run("auth", "token").outputText == "SECRET-access-2\n")
        await service.stop()
    }

    @Test func nobodySignedInIsThree() async throws {
        let (ringctl, service) = try await self.bench(["RING_STORE": "memory"])
        for words in [["account", "me"], ["auth", "token"], ["auth", "refresh"]] {
            #expect(try await ringctl.run(words).status == 3, "\(words)")
        }
        let status = try await ringctl.run("auth", "status", "--json")
        #expect(status.status == 0)
        #expect(status.output.isEmpty)
        await service.stop()
    }
}
