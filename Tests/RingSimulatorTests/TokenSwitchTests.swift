import RingCore
import RingCrypto
import RingJSONAPI
import RingListener
import RingSimulator
import Testing

/// Switches of tokens, codes and integrations.
@Suite(.timeLimit(.minutes(5))) struct TokenSwitchTests {
    private func refresh(_ bench: Bench, _ token: String) async throws -> Reply {
        try await bench.simulator.token("grant_type=refresh_token&refresh_token=\(token)")
    }

    @Test func theErrorBodyHasThreeForms() async throws {
        try await Bench.run { bench async throws in
            let plain = try await self.refresh(bench, "unknown")
            #expect(plain.json?["error"]?.string == "invalid_grant")
            bench.simulator.change { $0.tokenErrorForm = .jsonapi }
            #expect(try await self.refresh(bench, "unknown").error?["title"]?.string == "invalid_grant")
            bench.simulator.change { $0.tokenErrorForm = .empty }
            let empty = try await self.refresh(bench, "unknown")
            #expect(empty.status == 400)
            #expect(empty.body.isEmpty)
        }
    }

    @Test func requestsAreCheckedInOrder() async throws {
        try await Bench.run { bench async throws in
            let url = "\(bench.simulator.oauthURL)/oauth/token"
            let stranger = try await RingSimulatorTests.send(
                "POST", url, type: form, body: "client_id=x&client_secret=y&grant_type=refresh_token")
            #expect(stranger.status == 401)
            #expect(stranger.json?["error"]?.string == "invalid_client")
            for (body, error) in [
                ("grant_type=password", "unsupported_grant_type"), ("scope=x", "invalid_request"),
                ("grant_type=refresh_token", "invalid_request"), ("grant_type=authorization_code", "invalid_request"),
            ] {
                #expect(try await bench.simulator.token(body).json?["error"]?.string == error)
            }
            #expect(try await RingSimulatorTests.send("GET", url).status == 404)
        }
    }

    @Test func tokenRequestsCanFailAndAreNotDoneThen() async throws {
        try await Bench.run { bench async throws in
            let token = try bench.simulator.grantTokens().refresh
            bench.simulator.change { $0.next = [.tokenUnavailable: 1, .tokenRateLimited: 2] }
            #expect(try await self.refresh(bench, token).status == 503)
            #expect(try await self.refresh(bench, token).fields["Retry-After"] == "1")
            bench.simulator.change { $0.api.remove(.retryAfter) }
            let limited = try await self.refresh(bench, token)
            #expect(limited.status == 429)
            #expect(limited.fields["Retry-After"] == nil)
            #expect(bench.simulator.switches.next == [.tokenUnavailable: 0, .tokenRateLimited: 0])
            #expect(bench.simulator.isValid(refreshToken: token))
            #expect(try await self.refresh(bench, token).status == 200)
        }
    }

    @Test func tokensLiveAsLongAsTheSwitchesSay() async throws {
        try await Bench.run(
            { $0.switches.limits = [.accessTokenSeconds: 60, .refreshTokenSeconds: 120] },
            { bench async throws in
                let issued = try await self.refresh(bench, try bench.simulator.grantTokens().refresh)
                #expect(issued.json?["expires_in"]?.int64 == 60)
                let (access, refresh) = (
                    try #require(issued.json?["access_token"]?.string),
                    try #require(issued.json?["refresh_token"]?.string)
                )
                let devices = "\(bench.simulator.apiURL)/v1/devices"
                #expect(try await RingSimulatorTests.send("GET", devices, token: access).status == 200)
                bench.simulator.advance(by: .seconds(61))
                #expect(try await RingSimulatorTests.send("GET", devices, token: access).status == 401)
                #expect(bench.simulator.isValid(refreshToken: refresh))
                bench.simulator.advance(by: .seconds(60))
                #expect(!bench.simulator.isValid(refreshToken: refresh))
                #expect(try await self.refresh(bench, refresh).status == 400)
            })
    }

    @Test func anAccessTokenCanBeExpired() async throws {
        try await Bench.run { bench async throws in
            bench.simulator.expire(accessToken: bench.token)
            #expect(try await bench.get("/v1/devices").status == 401)
        }
    }

    @Test func codesOfTheTwoFlowsHaveTheirOwnLives() async throws {
        try await Bench.run(
            { $0.switches.limits = [.codeSeconds: 1000, .pkceCodeSeconds: 2000] },
            { bench async throws in
                let verifier = "verifier-verifier-verifier-verifier-verifier"
                let challenge = RingSHA256.digest(of: Array(verifier.utf8)).base64URL
                let plain = try bench.simulator.issueCode()
                let wrong = try bench.simulator.issueCode(challenge: challenge)
                let right = try bench.simulator.issueCode(challenge: challenge)
                bench.simulator.advance(by: .seconds(1001))
                func exchange(_ code: String, _ more: String = "") async throws -> Int {
                    try await bench.simulator.token("grant_type=authorization_code&code=\(segment(code))\(more)").status
                }
                #expect(try await exchange(plain) == 400)
                #expect(try await exchange(wrong, "&code_verifier=other") == 400)
                #expect(try await exchange(right, "&code_verifier=\(verifier)") == 200)
                let late = try bench.simulator.issueCode(challenge: challenge)
                bench.simulator.advance(by: .seconds(2001))
                #expect(try await exchange(late, "&code_verifier=\(verifier)") == 400)
            })
    }

    @Test func theAuthorizePageRedirectsWithACodeOrAnError() async throws {
        try await Bench.run { bench async throws in
            let page = "\(bench.simulator.oauthURL)/account/integrations/partner-link/authorize"
            let query = "client_id=sim-client&redirect_uri=http%3A%2F%2F127.0.0.1%2Fback&state=a%26b"
            let full = "\(query)&response_type=code&scope=ava.v1%3Aread&code_challenge_method=S256&code_challenge=abc"
            let redirect = try await RingSimulatorTests.send("GET", "\(page)?\(full)")
            #expect(redirect.status == 302)
            #expect(redirect.location.hasPrefix("http://127.0.0.1/back?code=us-east-1%3A"))
            #expect(redirect.location.hasSuffix("&state=a%26b"))
            let wrong = try await RingSimulatorTests.send("GET", "\(page)?\(query)")
            #expect(
                wrong.location
                    == "http://127.0.0.1/back?error=invalid_request&error_description=response_type%20is%20missing&state=a%26b"
            )
            #expect(try await RingSimulatorTests.send("GET", "\(page)?client_id=x").status == 400)
        }
    }

    @Test func codesAreDeliveredAsAFormOrAsJSON() async throws {
        let receiver = try await Receiver([200, 503])
        try await Bench.run(
            { $0.tokenExchangeURL = receiver.url },
            { bench async throws in
                #expect(try await bench.simulator.deliverCode() == 200)
                bench.simulator.change { $0.linking = [.codesAsJSON] }
                #expect(try await bench.simulator.deliverCode(to: receiver.url) == 503)
                let bodies = receiver.hooks.map { String(decoding: $0.body, as: UTF8.self) }
                #expect(bodies.first?.hasPrefix("code=us-east-1%3A") == true)
                #expect(try JSONAPIValue(parsing: bodies[1])["code"]?.string?.hasPrefix("us-east-1:") == true)
            })
        await receiver.stop()
    }

    @Test func nobodyListensAtTheTokenExchangeURL() async throws {
        try await Bench.run { bench async throws in
            #expect(try await bench.simulator.deliverCode() == 0)
            #expect(try await bench.simulator.deliverCode(to: "http://127.0.0.1:1/code") == 0)
            #expect(try await bench.simulator.deliverCode(to: "https://127.0.0.1/code") == 0)
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct IntegrationSwitchTests {
    private let path = "/v1/accounts/me/app-integrations"

    private func post(_ bench: Bench, _ nonce: String) async throws -> Reply {
        try await bench.send("POST", self.path, body: #"{"nonce":"\#(nonce)"}"#)
    }

    @Test func aNonceGrowsOld() async throws {
        try await Bench.run(
            { $0.switches.limits = [.nonceSeconds: 30] },
            { bench async throws in
                let old = try bench.simulator.linkRedirect()
                bench.simulator.advance(by: .seconds(31))
                let refused = try await self.post(bench, old.nonce)
                #expect(refused.status == 400)
                #expect(refused.error?["code"]?.string == "INVALID_NONCE")
                let new = try bench.simulator.linkRedirect()
                #expect(new.url.hasSuffix("?nonce=\(new.nonce)&time=\(new.time)"))
                #expect(try await self.post(bench, new.nonce).status == 200)
            })
    }

    @Test func aNonceOfAnotherAccountIsRefused() async throws {
        try await Bench.run(
            { $0.accounts.append(RingSimulatorAccount(id: "account-2")) },
            { bench async throws in
                let other = try bench.simulator.linkRedirect(account: "account-2")
                #expect(try await self.post(bench, other.nonce).status == 400)
                #expect(try await bench.send("POST", self.path, body: "{}").status == 400)
            })
    }

    @Test func responsesCanBeFlatOrWithoutMeta() async throws {
        try await Bench.run { bench async throws in
            let full = try await bench.get(self.path)
            #expect(full.data?["attributes"]?["status"]?.string == "completed")
            #expect(full.json?["meta"] != nil)
            bench.simulator.change { $0.linking = [.integrationsWithoutMeta] }
            #expect(try await bench.get(self.path).json?["meta"] == nil)
            bench.simulator.change { $0.linking = [.flatIntegrations] }
            let flat = try await bench.send("PATCH", self.path, body: #"{"account_identifier":"r***n"}"#)
            #expect(flat.json?["status"]?.string == "completed")
            #expect(flat.json?["account_identifier"]?.string == "r***n")
            #expect(flat.json?["updated_at"] != nil)
        }
    }

    @Test func deletionIsForThePartnerInitiatedFlowUnlessASwitchAllowsIt() async throws {
        try await Bench.run { bench async throws in
            #expect(try await bench.send("DELETE", self.path).status == 403)
            bench.simulator.change { $0.linking = [.deletionAllowed] }
            #expect(try await bench.send("DELETE", self.path).status == 204)
            #expect(bench.simulator.accounts.map(\.state) == [.removed])
            #expect(try await bench.get("/v1/devices").status == 401)
        }
    }

    @Test func aRemovedIntegrationCanBe403() async throws {
        try await Bench.run { bench async throws in
            let refresh = try bench.simulator.grantTokens().refresh
            try bench.simulator.trigger(RingSimulatorEvent(type: "app_integration_removed"))
            bench.simulator.change { $0.statuses = [.removedIntegration: 403] }
            #expect(try await bench.get("/v1/devices").status == 403)
            #expect(!bench.simulator.isValid(refreshToken: refresh))
        }
    }
}
