import Foundation
import RingAccounts
import RingCore
import RingOAuth
import RingTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct RingTokenExchangeTests {
    private func post(
        _ body: String, type: String? = "application/x-www-form-urlencoded", query: String? = nil,
        method: RingHTTPMethod = .post
    ) -> RingHTTPRequest {
        let url = URL(string: "https://partner.example/exchange" + (query.map { "?\($0)" } ?? ""))
        return RingHTTPRequest(
            method: method, url: url ?? URL(filePath: "/"),
            headerFields: RingHTTPFields(type.map { [RingHTTPField(name: .contentType, value: $0)] } ?? []),
            body: RingHTTPBody(body))
    }

    @Test func takesTheCodeWhereverItIs() async throws {
        let form = "application/x-www-form-urlencoded; charset=utf-8"
        let requests = [
            self.post("code=us-east-1%3A9b1f", type: form), self.post("a=b&code=us-east-1:9b1f&c", type: nil),
            self.post(#" {"code":"us-east-1:9b1f"}"#, type: "application/json"),
            self.post(#"{"code":"us-east-1:9b1f"}"#, type: nil),
            self.post(#"{"data":{"attributes":{"code":"us-east-1:9b1f"}}}"#, type: "application/vnd.api+json"),
            self.post("", type: nil, query: "code=us-east-1%3A9b1f"),
            self.post("\u{feff}{\"code\":\"us-east-1:9b1f\"}", type: nil),
            self.post("\u{feff}\t{\"code\":\"us-east-1:9b1f\"}", type: "application/json"),
            self.post("\u{feff}code=us-east-1%3A9b1f", type: form),
        ]
        for request in requests {
            let bench = try LinkBench()
            bench.endpoint.allow(code: "us-east-1:9b1f")
            let response = await bench.linker.handle(request)
            #expect(response.status == 200)
            #expect(response.body.bytes == Array(#"{"status":"stored"}"#.utf8))
            #expect(response.mediaType == "application/json")
            #expect(try await bench.state() == .unclaimed)
        }
    }

    @Test(
        arguments: [
            ("", "application/x-www-form-urlencoded"), ("code=", "application/x-www-form-urlencoded"),
            ("code=a&code=b", "application/x-www-form-urlencoded"), ("{}", "application/json"),
            (#"{"code":5}"#, "application/json"), (#"{"code":""}"#, "application/json"), ("[[[[", "application/json"),
            ("\u{0}\u{ff}", "text/plain"),
        ])
    func aMissingCodeIs400(body: String, type: String) async throws {
        let bench = try LinkBench()
        #expect(await bench.linker.handle(self.post(body, type: type)).status == 400)
        #expect(bench.endpoint.forms.isEmpty)
    }

    @Test func refusesOddRequests() async throws {
        let bench = try LinkBench()
        let get = self.post("", type: nil, query: "code=a", method: .get)
        #expect(await bench.linker.handle(get).status == 405)
        let large = self.post("code=" + String(repeating: "a", count: 70_000))
        #expect(await bench.linker.handle(large).status == 413)
        #expect(await bench.linker.handle(self.post("code=" + String(repeating: "a", count: 9_000))).status == 400)
        #expect(bench.endpoint.forms.isEmpty)
    }

    @Test(
        arguments: [
            (.notSent, 503), (.status(503), 503), (.status(429), 503), (.responseLost, 502), (.responseGarbled, 502),
            (.status(401, body: #"{"error":"invalid_client"}"#), 500), (.status(404), 503),
            (.status(400, body: "<html>nginx</html>"), 503), (.status(403, body: #"{"message":"Forbidden"}"#), 503),
            (.status(400, body: #"{"error":"invalid_scope"}"#), 500), (.status(200, body: "<html>"), 502),
            (.status(200, body: #"{"error":"invalid_grant"}"#), 400),
            (.status(400, body: #"{"error":"invalid_grant"}"#), 400), (.status(408), 502),
            (.status(522, body: "<html>"), 502), (.status(502, body: "<html>"), 503),
        ] as [(StubTokenEndpoint.Fault, Int)])
    func everyFailureHasItsResponse(fault: StubTokenEndpoint.Fault, status: Int) async throws {
        let bench = try LinkBench()
        bench.endpoint.allow(code: "SECRET-code")
        bench.endpoint.fail(fault)
        let response = await bench.linker.handle(self.post("code=SECRET-code"))
        #expect(response.status == status)
        #expect(!String(decoding: response.body.bytes ?? [], as: UTF8.self).contains("SECRET"))
        // It is not exchanged again by itself. When it is posted again, only a code that was certainly not used is tried.
        #expect(bench.endpoint.forms.count == 1)
        let repeated = await bench.linker.handle(self.post("code=SECRET-code"))
        #expect(repeated.status == (status == 503 ? 200 : status))
    }

    @Test func theSameCodePostedTwiceIsExchangedOnce() async throws {
        let bench = try LinkBench()
        bench.endpoint.allow(code: "one")
        let statuses = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<10 { group.addTask { await bench.linker.handle(self.post("code=one")).status } }
            return await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(statuses == [200])
        #expect(bench.endpoint.forms.count == 1)
    }

    @Test func aFailingStoreIs500() async throws {
        let store = FaultyStorage()
        let bench = try LinkBench(storage: store)
        bench.endpoint.allow(code: "one")
        store.failCommits(FaultyStorage.full)
        #expect(await bench.linker.handle(self.post("code=one")).status == 500)
        #expect(await bench.linker.handle(self.post("code=one")).status == 500)
        // The tokens were kept: once the disk has space, they are stored for the same code without another exchange.
        store.failCommits(nil)
        #expect(await bench.linker.handle(self.post("code=one")).status == 200)
        #expect(bench.endpoint.forms.count == 1)
        try await bench.linker.identifyWaiting()
        #expect(try await bench.state() == .unclaimed)
    }

    /// Fault of the first release: invented codes cost quadratic time and were kept for ten minutes.
    @Test func whatIsKeptOfInventedCodesIsLimited() async throws {
        let bench = try LinkBench(clock: ManualClock())
        for number in 0..<6_000 {
            let status = await bench.linker.handle(self.post("code=invented-\(number)")).status
            #expect(status == 400)
        }
        #expect(bench.linker.rememberedCodes <= 4_097)
        // A good code in the middle of it is exchanged, and once.
        bench.endpoint.allow(code: "good")
        #expect(await bench.linker.handle(self.post("code=good")).status == 200)
        #expect(await bench.linker.handle(self.post("code=good")).status == 200)
        try bench.clock.advance(by: .seconds(121))
        _ = await bench.linker.handle(self.post("code=invented"))
        #expect(bench.linker.rememberedCodes == 1)
    }

    @Test func onlySoManyCodesAreExchangedAtOnce() async throws {
        let (arrived, go) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        let bench = try LinkBench(
            endpoint: StubTokenEndpoint(before: {
                arrived.continuation.yield()
                for await _ in go.stream { break }
            }))
        let waiting = (0..<256).map { number in Task { await bench.linker.handle(self.post("code=\(number)")).status } }
        var count = 0
        for await _ in arrived.stream {
            count += 1
            if count == 256 { break }
        }
        #expect(await bench.linker.handle(self.post("code=one-more")).status == 503)
        go.continuation.finish()
        for task in waiting { #expect(await task.value == 400) }
        // It was not exchanged, so it may come again.
        bench.endpoint.allow(code: "one-more")
        #expect(await bench.linker.handle(self.post("code=one-more")).status == 200)
    }

    @Test func aBrokenConnectionDoesNotCutOffTheExchange() async throws {
        let (arrived, go) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        let bench = try LinkBench(
            endpoint: StubTokenEndpoint(before: {
                arrived.continuation.yield()
                for await _ in go.stream { break }
            }))
        bench.endpoint.allow(code: "one")
        let request = Task { await bench.linker.handle(self.post("code=one")) }
        for await _ in arrived.stream { break }
        request.cancel()
        go.continuation.yield()
        #expect(await request.value.status == 200)
        #expect(try await bench.state() == .unclaimed)
    }

    /// A task is cancelled when its client hangs up or its time is over: the pair is stored all the same.
    @Test func aCancelledExchangeKeepsThePair() async throws {
        let (arrived, go) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        let bench = try LinkBench(
            endpoint: StubTokenEndpoint(before: {
                arrived.continuation.yield()
                for await _ in go.stream { break }
            }))
        bench.endpoint.allow(code: "one")
        let exchange = Task { try await bench.linker.exchange(OAuthAuthorizationCode("one")) }
        for await _ in arrived.stream { break }
        exchange.cancel()
        go.continuation.yield()
        #expect([.unidentified, .unclaimed].contains(try await exchange.value.state))
        try await bench.linker.identifyWaiting()
        #expect(try await bench.state() == .unclaimed)
    }
}
