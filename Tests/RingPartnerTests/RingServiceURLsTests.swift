import Foundation
import RingPartner
import RingSimulator
import RingTesting
import Synchronization
import Testing

/// A web framework in miniature: sockets, a request as lines, one call for all of Ring's URLs, and 404 for the rest.
private struct PlainFramework {
    let server: RawServer

    init(_ urls: RingServiceURLs) throws {
        self.server = try RawServer { connection in
            while let request = try connection.readHead() {
                let body = try connection.readBody(of: request)
                let response = Self.wait {
                    await urls.response(
                        method: request.method, target: request.target, headers: request.fields,
                        body: RingHTTPBody(body)
                    ) { Self.user(request["Cookie"]) }
                }
                let sent = (response ?? nil) ?? RingHTTPResponse(status: 404)
                try connection.respond(
                    sent.status, fields: sent.headerFields.map { "\($0.name.rawName): \($0.value)" },
                    body: sent.body.bytes ?? [])
            }
        }
    }

    /// The session of the service: a cookie with the name of the user.
    private static func user(_ cookie: String?) -> RingServiceURLs.User? {
        guard let name = cookie?.split(separator: "=").last.map(String.init) else { return nil }
        return RingServiceURLs.User(RingPrincipal(rawValue: name), accountIdentifier: "<\(name.prefix(1))***>")
    }

    /// A thread of the server waits for a task.
    private static func wait<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) -> Value? {
        let (result, done) = (Box<Value>(), DispatchSemaphore(value: 0))
        Task {
            let value = await work()
            result.value.withLock { $0 = value }
            done.signal()
        }
        done.wait()
        return result.value.withLock { $0 }
    }

    private final class Box<Value: Sendable>: Sendable { let value = Mutex<Value?>(nil) }
}

/// All URLs of a service through a server that knows nothing of this package.
@Suite(.timeLimit(.minutes(2))) struct RingServiceURLsTests {
    private static let operation = RingOperation("test", carriesAccessToken: false, countsAgainstRateLimit: false)

    private func send(
        _ method: RingHTTPMethod, _ url: String, _ body: String = "", user: String? = nil
    ) async throws -> (status: Int, headers: RingHTTPFields, text: String) {
        var headers: RingHTTPFields = [.contentType: "application/x-www-form-urlencoded"]
        if let user { headers["Cookie"] = "user=\(user)" }
        let response = try await RingPlatformTransport.shared.send(
            RingHTTPRequest(
                method: method, url: try #require(URL(string: url)), headerFields: headers, body: RingHTTPBody(body)),
            for: Self.operation)
        let text = String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self)
        return (response.status, response.headerFields, text)
    }

    private func target(_ simulator: RingSimulator) throws -> String {
        let redirect = try simulator.linkRedirect()
        return "/ring/link?nonce=\(redirect.nonce)&time=\(redirect.time)"
    }

    private func confirmation(in page: String) throws -> String {
        let value = try #require(page.firstMatch(of: #/name="confirmation" value="([^"]+)"/#)).1
        return "confirmation=\(value)"
    }

    @Test func anAccountIsLinkedAndItsWebhooksArriveThroughOneCall() async throws {
        let bench = try await PartnerBench()
        let handled = AsyncStream<RingWebhookEvent>.makeStream()
        var router = RingWebhookRouter()
        router.on(.motionDetected) { handled.continuation.yield($0.event) }
        let inbox = try bench.inbox(router)
        let framework = try PlainFramework(bench.client.serviceURLs(inbox: inbox))
        let origin = framework.server.origin
        let working = Task { await inbox.run() }

        // Ring's backend and the browser, in the order in which they come.
        let first = try await self.send(.get, origin + self.target(bench.simulator))
        #expect(first.status == 303)
        let location = try #require(first.headers["Location"])
        #expect(location.hasPrefix("/sign-in?next=%2Fring%2Flink%3Fnonce%3D"))
        let next = try #require(RingHTTPForm(parsing: location.drop { $0 != "?" }.dropFirst().utf8)["next"])
        #expect(try await bench.simulator.deliverCode(to: "\(origin)/ring/token-exchange") == 200)
        let page = try await self.send(.get, origin + next, user: "robin")
        #expect(page.status == 200)
        #expect(page.text.contains("Signed in as &lt;r***&gt;."))
        #expect(page.headers["Content-Security-Policy"] == "frame-ancestors 'none'")
        #expect(page.headers["Cache-Control"] == "no-store")

        // No other page can send the form: not without the confirmation, nor with one of another user or another link.
        let form = try self.confirmation(in: page.text)
        let other = try await self.send(.get, origin + next, user: "mallory")
        for wrong in ["", "confirmation=", "confirmation=x", try self.confirmation(in: other.text)] {
            let refused = try await self.send(.post, origin + next, wrong, user: "robin")
            #expect(refused.status == 403)
            #expect(refused.text.contains("<form"))
        }
        #expect(try await self.send(.post, origin + next, form).status == 303)
        #expect(try await bench.client.tokens.statuses(limit: 9).map(\.state) == [.unclaimed])
        let linked = try await self.send(.post, origin + next, form, user: "robin")
        #expect(linked.status == 200)
        #expect(!linked.text.contains("<form"))
        let status = try #require(try await bench.client.tokens.statuses(limit: 9).first)
        #expect(status.state == .linked && status.accountID == bench.simulator.accountID)

        bench.simulator.webhookURL = "\(origin)/ring/webhooks"
        try bench.simulator.trigger(RingSimulatorEvent(type: "motion_detected", device: "Front Door"))
        for await event in handled.stream {
            #expect(event.accountID == status.accountID)
            break
        }
        await bench.simulator.settle()
        #expect(bench.simulator.deliveries.last?.statuses == [200])
        let forged = try await self.send(.post, "\(origin)/ring/webhooks", "{}")
        #expect(forged.status == 401)

        working.cancel()
        await working.value
        framework.server.stop()
        await bench.close()
    }

    @Test func otherUsersAndOldLinksGetAPageThatSaysWhy() async throws {
        let bench = try await PartnerBench()
        let framework = try PlainFramework(bench.client.serviceURLs(inbox: bench.inbox()))
        let origin = framework.server.origin
        // The code has not come yet: the form is there again.
        let target = try self.target(bench.simulator)
        let form = try self.confirmation(in: try await self.send(.get, origin + target, user: "robin").text)
        let early = try await self.send(.post, origin + target, form, user: "robin")
        #expect(early.status == 409)
        #expect(try self.confirmation(in: early.text) == form)
        #expect(try await bench.simulator.deliverCode(to: "\(origin)/ring/token-exchange") == 200)
        #expect(try await self.send(.post, origin + target, form, user: "robin").status == 200)
        // The account of another user.
        let again = try self.target(bench.simulator)
        let theirs = try self.confirmation(in: try await self.send(.get, origin + again, user: "sam").text)
        #expect(try await self.send(.post, origin + again, theirs, user: "sam").status == 409)
        // Too old, and no link at all.
        let anHourAgo = Int((Date().timeIntervalSince1970 - 3_600) * 1_000)
        let old = "/ring/link?nonce=\(try bench.simulator.linkRedirect().nonce)&time=\(anHourAgo)"
        let stale = try self.confirmation(in: try await self.send(.get, origin + old, user: "robin").text)
        #expect(try await self.send(.post, origin + old, stale, user: "robin").status == 400)
        #expect(try await self.send(.get, "\(origin)/ring/link", user: "robin").status == 400)
        #expect(try await self.send(.get, "\(origin)/ring/link?nonce=a&nonce=b&time=1", user: "robin").status == 400)

        let pages = bench.observer.all.filter { $0.name == "link.page" && $0.level == .warning }
        #expect(
            pages.compactMap { $0.attributes.first { $0.key == "code" }?.value } == [
                "no_matching_account", "claimed_by_another", "link_expired",
            ])
        // Anybody can load the page without a link, and must not hide the others in a log that has a limit for each kind.
        #expect(pages.filter { $0.attributes.first?.value == "400" }.count == 2)
        #expect(pages.filter { $0.attributes.first?.key == "code" }.count == 3)
        framework.server.stop()
        await bench.close()
    }

    @Test func methodsPathsAndSizes() async throws {
        let bench = try await PartnerBench()
        var urls = bench.client.serviceURLs(inbox: try bench.inbox())
        let framework = try PlainFramework(urls)
        let origin = framework.server.origin
        for (path, allowed) in [
            ("/ring/webhooks", "POST"), ("/ring/token-exchange", "POST"),
            ("/ring/link?nonce=a&time=1", "GET, HEAD, POST"),
        ] {
            let response = try await self.send(.delete, origin + path)
            #expect(response.status == 405)
            #expect(response.headers["Allow"] == allowed)
        }
        for path in ["/ring/webhooks/", "/ring/webhook", "//ring/webhooks", "/ring/Link", "/", "/ring/%77ebhooks"] {
            #expect(try await self.send(.post, origin + path).status == 404)
        }
        let large = String(repeating: "x", count: urls.maximumBodyBytes + 1)
        for path in ["/ring/webhooks", "/ring/token-exchange"] {
            #expect(try await self.send(.post, origin + path, large).status == 413)
        }
        #expect(bench.observer.all.contains { $0.name == "link.code_received" && $0.level == .warning })

        // A stream is read for these URLs only, and only up to the limit.
        let read = Mutex(0)
        func response(_ target: String, method: String = "POST") async -> RingHTTPResponse? {
            let chunks = AsyncStream<[UInt8]> {
                read.withLock { $0 += 1 }
                return [UInt8](repeating: 0, count: 65_536)
            }
            return await urls.response(
                method: method, target: target, headers: [], body: RingHTTPBody(streaming: chunks)
            ) { nil }
        }
        #expect(await response("/somewhere") == nil)
        #expect(await response("/ring/link?nonce=a&time=1", method: "GET")?.status == 303)
        #expect(read.withLock { $0 } == 0)
        #expect(await response("/ring/webhooks")?.status == 413)
        #expect(read.withLock { $0 } <= urls.maximumBodyBytes / 65_536 + 2)
        #expect(await response("http://service.example/ring/webhooks", method: "GET")?.status == 405)
        #expect(await response("http://service.example/other") == nil)
        #expect(await response("/ring/link?nonce=a b", method: "GET")?.status == 400)
        #expect(urls.contains(target: "/ring/link?nonce=a b") && !urls.contains(target: "/ring"))
        #expect(await response("/other?nonce=a b") == nil)
        #expect(await response("*", method: "OPTIONS") == nil)

        // Other paths, and a page of the service's own.
        urls.webhookPath = "/hooks"
        urls.accountLinkPath = nil
        #expect(await response("/ring/webhooks") == nil)
        #expect(await response("/ring/link?nonce=a&time=1") == nil)
        #expect(await response("/hooks", method: "GET")?.status == 405)
        framework.server.stop()
        await bench.close()
    }

    @Test func theServiceChoosesThePageAndTheSignIn() async throws {
        let bench = try await PartnerBench()
        var urls = bench.client.serviceURLs(inbox: try bench.inbox())
        urls.signInPath = "/login?for=ring"
        urls.page = { page in
            RingHTTPResponse(
                status: page.status, headerFields: ["cache-control": "no-cache"],
                body: RingHTTPBody("de \(page.confirmation ?? "-") \(page.error != nil)"))
        }
        let framework = urls
        func get(_ method: String, user: () async throws -> RingServiceURLs.User?) async -> RingHTTPResponse? {
            await framework.response(
                method: method, target: "/ring/link?nonce=a&time=1", headers: [], body: .empty, user: user)
        }
        let signIn = try #require(await get("GET") { nil })
        #expect(signIn.headerFields["Location"] == "/login?for=ring&next=%2Fring%2Flink%3Fnonce%3Da%26time%3D1")
        let page = try #require(await get("GET") { RingServiceURLs.User(RingPrincipal(rawValue: "robin")) })
        #expect(page.headerFields[values: "Cache-Control"] == ["no-cache"])
        #expect(String(decoding: page.body.bytes ?? [], as: UTF8.self).contains("false"))
        let head = try #require(await get("HEAD") { RingServiceURLs.User(RingPrincipal(rawValue: "robin")) })
        #expect(head.status == 200 && head.body.bytes == [])
        let failed = try #require(await get("GET") { throw CancellationError() })
        #expect(failed.status == 503)
        #expect(String(decoding: failed.body.bytes ?? [], as: UTF8.self) == "de - true")
        await bench.close()
    }

    /// A browser applies all policies, so one without a word about frames must not replace the one about frames.
    @Test(
        arguments: [
            (nil, ["frame-ancestors 'none'"]),
            ("script-src 'self'", ["script-src 'self', frame-ancestors 'none'"]),
            ("default-src 'self'; Frame-Ancestors 'self'", ["default-src 'self'; Frame-Ancestors 'self'"]),
        ] as [(String?, [String])])
    func aPageWithItsOwnPolicyIsNotShownInAFrame(policy: String?, expected: [String]) async throws {
        let bench = try await PartnerBench()
        var urls = bench.client.serviceURLs(inbox: try bench.inbox())
        urls.page = { page in
            var response = RingHTTPResponse(status: page.status, body: RingHTTPBody("page"))
            response.headerFields["Content-Security-Policy"] = policy
            return response
        }
        let response = try #require(
            await urls.response(
                method: "GET", target: "/ring/link?nonce=a&time=1", headers: [], body: .empty,
                user: { RingServiceURLs.User(RingPrincipal(rawValue: "robin")) }))
        #expect(response.headerFields[values: "Content-Security-Policy"] == expected)
        await bench.close()
    }
}
