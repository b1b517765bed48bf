import RingCore
import RingJSONAPI
import RingSimulator
import RingTesting
import Testing

/// The journal of requests: bodies without secrets, pages, filters, and an end to its growth.
@Suite(.timeLimit(.minutes(5))) struct JournalTests {
    private func control(_ bench: Bench, _ path: String) async throws -> Reply {
        try await send("GET", bench.simulator.controlURL + path)
    }

    @Test func anEntryHasItsBodiesAndHeaderFields() async throws {
        try await Bench.run { bench async throws in
            _ = try await bench.send(
                "POST", "\(bench.device(.doorbell))/media/video/download", type: "application/json",
                body: #"{"timestamp":1,"duration":0}"#)
            let entry = try #require(try await self.control(bench, "/journal/1").json)
            #expect(entry["number"]?.int64 == 1)
            #expect(entry["request_body"]?["text"]?.string == #"{"timestamp":1,"duration":0}"#)
            #expect(entry["response_body"]?["text"]?.string?.contains("INVALID_PAYLOAD") == true)
            #expect(entry["response_body"]?["truncated"]?.bool == false)
            let headers = entry["request_headers"]?.elements ?? []
            let authorization = headers.first { $0["name"]?.string?.lowercased() == "authorization" }
            #expect(authorization?["value"]?.string == "Bearer REDACTED")
            #expect(try await self.control(bench, "/journal").json?["requests"]?.at(0)?["request_body"] == nil)
            let complete = try await self.control(bench, "/journal?bodies=true")
            #expect(complete.json?["requests"]?.at(0)?["request_body"]?["bytes"]?.int64 == 28)
            let missing = try await self.control(bench, "/journal/99")
            #expect(missing.status == 404 && missing.error?["detail"]?.string?.contains("no request 99") == true)
        }
    }

    /// Whatever has a secret, in whatever form.
    @Test func noBodyShowsASecret() async throws {
        try await Bench.run { bench async throws in
            let simulator = bench.simulator
            let pair = try #require(
                try await simulator.token("grant_type=authorization_code&code=\(segment(try simulator.issueCode()))")
                    .json)
            let (access, refresh) = (
                try #require(pair["access_token"]?.string), try #require(pair["refresh_token"]?.string)
            )
            _ = try await simulator.token("grant_type=refresh_token&refresh_token=\(refresh)")
            let redirect = try simulator.linkRedirect()
            _ = try await send(
                "POST", "\(simulator.apiURL)/v1/accounts/me/app-integrations", token: access,
                type: "application/json", body: #"{"nonce":"\#(redirect.nonce)"}"#)
            // Not what the endpoint takes, but what a client may send by mistake.
            let odd =
                #"{"Client_Secret":"CANARY1","a":{"refresh\u005ftoken":"CANARY2"},"tokens":["CANARY3"],"code":4711000,"#
                + #""url":"https://x.example/?security_token=CANARY4&X-Amz-Date=1","nonce":"CANARY5"#
            _ = try await send("POST", "\(simulator.oauthURL)/oauth/token", type: "application/json", body: odd)
            _ = try await send(
                "POST", "\(simulator.oauthURL)/oauth/token", type: "text/plain", body: "x=1&code_verifier=CANARY6")
            let offer = "v=0\r\na=ice-pwd:CANARY7\r\na=ice-ufrag:CANARY8\r\na=fingerprint:sha-256 CANARY9\r\n"
            _ = try await bench.send(
                "POST", "\(bench.device(.doorbell))/media/streaming/whep/sessions", type: "application/sdp",
                body: offer)
            let time = bench.motion()
            let location = try await bench.clip(time).location
            #expect(location.contains("security_token="))
            let journal = try await self.control(bench, "/journal?bodies=true").text
            for number in 1...9 { #expect(!journal.contains("CANARY\(number)"), "CANARY\(number)") }
            for secret in [
                access, refresh, bench.token, redirect.nonce, simulator.configuration.clientSecret, "4711000",
                String(location.split(separator: "security_token=").last?.prefix(40) ?? "?"),
            ] { #expect(!journal.contains(secret), "\(secret)") }
            // What is no secret stays.
            #expect(journal.contains("grant_type=refresh_token"))
            #expect(journal.contains("token_type"))
            #expect(journal.contains("Bearer REDACTED"))
        }
    }

    /// Tokens and codes in places that are not theirs, as a client's mistake puts them there.
    @Test func noPathQueryOrGrantTypeShowsASecret() async throws {
        try await Bench.run { bench async throws in
            let simulator = bench.simulator
            let (access, refresh) = try simulator.grantTokens()
            let code = try simulator.issueCode()
            let odd = "\(access)/\(refresh)/\(segment(code))"
            _ = try await send("GET", "\(simulator.apiURL)/v1/devices/\(odd)?id=\(access)&other=\(segment(code))")
            _ = try await send("GET", "\(simulator.oauthURL)/oauth/\(odd)", headers: ["X-Other": "\(access) \(code)"])
            _ = try await send(
                "POST", "\(simulator.oauthURL)/oauth/token", type: "text/plain",
                body: "grant_type=refresh_token\nrefresh_token=\(refresh)")
            _ = try await send("POST", "\(simulator.oauthURL)/oauth/token", type: "text/plain", body: access)
            let location = try await bench.clip(bench.motion()).location
            let query = String(location.split(separator: "?").last ?? "?")
            let secret = String(query.split(separator: "security_token=").last?.prefix(40) ?? "?")
            _ = try await send("GET", "\(simulator.mediaURL)/v1/download/\(segment(query))")
            let journal = try await self.control(bench, "/journal?bodies=true").text
            let page = try await self.control(bench, "/ui/requests").text
            for text in [journal, page] {
                for value in [access, refresh, code, segment(code), secret] {
                    let isShown = text.contains(value)
                    #expect(!isShown, "\(value)")
                }
            }
            #expect(journal.contains("/v1/devices/at-REDACTED/rt-REDACTED/us-east-1%REDACTED"))
        }
    }

    @Test func longBodiesAreCutAndMediaAreCounted() async throws {
        try await Bench.run { bench async throws in
            let long = #"{"timestamp":1,"text":"\#(String(repeating: "x", count: 40_000))","refresh_token":"CANARY"}"#
            _ = try await bench.send(
                "POST", "\(bench.device(.doorbell))/media/video/download", type: "application/json", body: long)
            let entry = try #require(try await self.control(bench, "/journal/1").json)
            #expect(entry["request_body"]?["truncated"]?.bool == true)
            #expect(entry["request_body"]?["bytes"]?.int64 == Int64(long.utf8.count))
            #expect(entry["request_body"]?["text"]?.string?.utf8.count == 16 << 10)
            let location = try await bench.clip(bench.motion()).location
            let clip = try await send("GET", location)
            let media = try #require(
                try await self.control(bench, "/journal?origin=media&bodies=true").json?["requests"]?.at(0))
            #expect(media["response_bytes"]?.int64 == Int64(clip.body.count))
            #expect(media["response_body"]?["text"] == nil)
        }
    }

    @Test func pagesGoBothWaysAndFiltersAreAppliedBefore() async throws {
        try await Bench.run({ $0.accounts.append(RingSimulatorAccount(id: "two", state: .completed)) }) {
            bench async throws in
            let other = try bench.simulator.grantTokens(account: "two").access
            for index in 0..<6 {
                _ = try await bench.get(index % 2 == 0 ? "/v1/devices" : "/v1/nothing")
                _ = try await send("GET", "\(bench.simulator.apiURL)/v1/users/me", token: other)
            }
            func numbers(_ query: String) async throws -> [Int64] {
                try await self.control(bench, "/journal?\(query)").json?["requests"]?.elements
                    .compactMap { $0["number"]?.int64 } ?? []
            }
            #expect(try await numbers("") == Array(1...12))
            #expect(try await numbers("limit=3") == [10, 11, 12])
            #expect(try await numbers("limit=3&before=10") == [7, 8, 9])
            #expect(try await numbers("limit=3&after=0") == [1, 2, 3])
            #expect(try await numbers("after=10") == [11, 12])
            #expect(try await numbers("status=404") == [3, 7, 11])
            #expect(try await numbers("status=4xx&limit=1") == [11])
            #expect(try await numbers("account=two") == [2, 4, 6, 8, 10, 12])
            #expect(try await numbers("path=/v1/devices") == [1, 5, 9])
            #expect(try await numbers("path=*/me") == [2, 4, 6, 8, 10, 12])
            #expect(try await numbers("path=noth&method=get") == [3, 7, 11])
            #expect(try await numbers("method=POST") == [])
            let page = try #require(try await self.control(bench, "/journal?limit=2&before=5").json)
            #expect(page["older_before"]?.int64 == 3 && page["newer_after"]?.int64 == 4)
            #expect(page["has_newer"]?.bool == true && page["kept"]?.int64 == 12 && page["removed"]?.int64 == 0)
        }
    }

    @Test(arguments: [
        ("stauts=404", "unknown query item stauts; did you mean status"),
        ("status=teapot", "query item status: teapot is no status; use 404, 4xx, 0 for no response, or several"),
        ("account=nobody", "query item account: no account has the id nobody"),
        ("origin=control", "query item origin: unknown value control; use api, oauth, media"),
        ("limit=0", "query item limit: a number from 1 to 1000 is needed"),
        ("bodies=maybe", "query item bodies: true or false is needed"),
    ])
    func aWrongFilterIsNamed(query: String, problem: String) async throws {
        try await Bench.run { bench async throws in
            let reply = try await self.control(bench, "/journal?\(query)")
            #expect(reply.status == 400)
            #expect(reply.error?["detail"]?.string?.hasPrefix(problem) == true, "\(reply.text)")
        }
    }

    @Test func itIsBoundedByCountAndBytes() async throws {
        try await Bench.run({ $0.limitJournal(count: 5, bytes: 1 << 20) }) { bench async throws in
            for _ in 0..<12 { _ = try await bench.get("/v1/nothing") }
            let page = try #require(try await self.control(bench, "/journal").json)
            #expect(page["requests"]?.elements.compactMap { $0["number"]?.int64 } == [8, 9, 10, 11, 12])
            #expect(page["removed"]?.int64 == 7)
            #expect(bench.simulator.journal.count == 5)
        }
        try await Bench.run({ $0.limitJournal(count: 1000, bytes: 100_000) }) { bench async throws in
            let body = String(repeating: "x", count: 20_000)
            for _ in 0..<20 { _ = try await bench.send("POST", "/v1/nothing", type: "text/plain", body: body) }
            let page = try #require(try await self.control(bench, "/journal").json)
            #expect((1...6).contains(page["requests"]?.elements.count ?? 0))
            #expect((page["kept_bytes"]?.int64 ?? .max) <= 100_000)
            // The numbers go on when it is emptied, so that a reader that pages misses nothing.
            bench.simulator.journal = []
            _ = try await bench.get("/v1/nothing")
            #expect(try await self.control(bench, "/journal").json?["requests"]?.at(0)?["number"]?.int64 == 21)
        }
    }

    /// What the check says does not depend on how much of the journal is kept.
    @Test func anAuthorizationAtTheMediaOriginIsNotForgotten() async throws {
        try await Bench.run({ $0.limitJournal(count: 2, bytes: 1 << 20) }) { bench async throws in
            _ = try await send("GET", "\(bench.simulator.mediaURL)/clip", token: "t")
            for _ in 0..<5 { _ = try await bench.get("/v1/nothing") }
            #expect(bench.simulator.mediaReceivedAuthorization)
            bench.simulator.journal = []
            #expect(!bench.simulator.mediaReceivedAuthorization)
        }
    }
}
