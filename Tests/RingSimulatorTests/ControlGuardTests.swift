import RingCore
import RingJSONAPI
import RingSimulator
import Testing

/// Pages of other origins cannot use the control origin through a developer's browser; and its description is complete.
@Suite(.timeLimit(.minutes(5))) struct ControlGuardTests {
    /// Sends a request with exactly these lines, and returns the status line and the body.
    private func raw(_ simulator: RingSimulator, _ head: [String], body: String = "") async throws -> String {
        let port = simulator.controlURL.split(separator: ":").last.flatMap { Int($0) } ?? 0
        let lines = head + ["Content-Length: \(body.utf8.count)", "Connection: close", "", ""]
        return await RawExchange.run(port: port, lines.joined(separator: "\r\n") + body)
    }

    @Test func namesThatPointHereAreRefused() async throws {
        try await Bench.run { bench async throws in
            let port = bench.simulator.controlURL.split(separator: ":").last ?? ""
            for host in ["evil.example", "evil.example:\(port)", "127.0.0.1", "127.0.0.1:1", "localhost.evil:\(port)"] {
                let response = try await self.raw(bench.simulator, ["GET /state HTTP/1.1", "Host: \(host)"])
                #expect(response.hasPrefix("HTTP/1.1 403 "), "\(host)")
                #expect(response.contains("the Host header is"))
            }
            for host in ["127.0.0.1:\(port)", "localhost:\(port)", "LOCALHOST:\(port)", "[::1]:\(port)"] {
                let response = try await self.raw(bench.simulator, ["GET /state HTTP/1.1", "Host: \(host)"])
                #expect(response.hasPrefix("HTTP/1.1 200 "), "\(host)")
            }
        }
    }

    @Test(arguments: ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1.evil.example"])
    func pagesOfOtherOriginsAreRefused(origin: String) async throws {
        try await Bench.run { bench async throws in
            let port = bench.simulator.controlURL.split(separator: ":").last ?? ""
            for line in ["POST /clock HTTP/1.1", "DELETE /journal HTTP/1.1", "GET /state HTTP/1.1"] {
                let response = try await self.raw(
                    bench.simulator, [line, "Host: 127.0.0.1:\(port)", "Origin: \(origin)"], body: "{}")
                #expect(response.hasPrefix("HTTP/1.1 403 "))
                #expect(response.contains("pages of other origins may not use"))
            }
        }
    }

    @Test func theOwnPageIsServed() async throws {
        try await Bench.run { bench async throws in
            let port = bench.simulator.controlURL.split(separator: ":").last ?? ""
            let own = try await self.raw(
                bench.simulator,
                [
                    "POST /clock HTTP/1.1", "Host: localhost:\(port)", "Origin: http://localhost:\(port)",
                    "Sec-Fetch-Site: same-origin",
                ], body: #"{"advance_ms":1}"#)
            #expect(own.hasPrefix("HTTP/1.1 200 "))
            // A form of another page, in a browser that leaves Origin out.
            let foreign = try await self.raw(
                bench.simulator,
                ["POST /clock HTTP/1.1", "Host: 127.0.0.1:\(port)", "Sec-Fetch-Site: cross-site"], body: "{}")
            #expect(foreign.hasPrefix("HTTP/1.1 403 "))
            let link = try await self.raw(
                bench.simulator, ["GET /state HTTP/1.1", "Host: 127.0.0.1:\(port)", "Sec-Fetch-Site: cross-site"])
            #expect(link.hasPrefix("HTTP/1.1 200 "))
        }
    }

    // MARK: The description

    /// The routes as they are meant to be; the description must have the same.
    static let routes = [
        "GET /state", "GET /changes", "POST /wait", "POST /assert", "GET /journal", "DELETE /journal",
        "GET /journal/{number}", "GET /deliveries", "DELETE /deliveries", "GET /deliveries/{number}",
        "POST /deliveries/{number}/send", "POST /deliveries/replay", "GET /authorization-check", "GET /bearer-check",
        "POST /events", "GET /webhook", "POST /webhook", "POST /code", "POST /redirect", "POST /tokens",
        "GET /accounts", "GET /accounts/{id}", "PATCH /accounts/{id}", "POST /accounts/{id}/unlink",
        "POST /accounts/{id}/reinstall", "GET /sessions", "POST /sessions/{id}/end", "GET /switches",
        "PATCH /switches", "POST /switches/reset", "GET /switches/descriptions", "GET /clock", "POST /clock",
        "GET /held",
        "POST /release", "POST /reset", "GET /export", "POST /import", "GET /openapi.json", "GET /openapi",
    ]

    @Test func everyRouteIsDescribedAndEveryDescribedRouteExists() async throws {
        try await Bench.run { bench async throws in
            let control = bench.simulator.controlURL
            let document = try #require(try await send("GET", "\(control)/openapi.json").json)
            #expect(document["openapi"]?.string == "3.1.0")
            var described: Set<String> = []
            var ids: Set<String> = []
            for (path, operations) in document["paths"]?.members ?? [] {
                for (method, operation) in operations.members {
                    described.insert("\(method.uppercased()) \(path)")
                    let isNew = ids.insert(operation["operationId"]?.string ?? "").inserted
                    #expect(isNew, "\(path)")
                    #expect(operation["summary"]?.string?.isEmpty == false)
                    #expect(operation["responses"]?.members.isEmpty == false)
                    // It is there: whatever it says about an empty body, it is no unknown route.
                    let query = path == "/changes" ? "?timeout_ms=0" : ""
                    let url = control + path.replacing("{number}", with: "1").replacing("{id}", with: "x") + query
                    let body = method == "post" || method == "patch" ? #"{"no_such_member":1}"# : nil
                    let reply = try await send(method.uppercased(), url, body: body)
                    #expect(reply.error?["detail"]?.string?.hasPrefix("there is no GET /") != true, "\(method) \(path)")
                    #expect(reply.status != 404 || reply.error?["detail"] != nil, "\(method) \(path)")
                    let names = path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
                        $0.dropFirst().dropLast()
                    }
                    let inPath = operation["parameters"]?.elements.filter { $0["in"]?.string == "path" } ?? []
                    #expect(inPath.compactMap { $0["name"]?.string } == names.map(String.init))
                }
            }
            #expect(described.isSuperset(of: Self.routes), "\(Set(Self.routes).subtracting(described).sorted())")
            #expect(described.subtracting(Self.routes) == [])
        }
    }

    @Test func thePageHasEveryRoute() async throws {
        try await Bench.run { bench async throws in
            let page = try await send("GET", "\(bench.simulator.controlURL)/openapi")
            #expect(page.status == 200 && page.fields["Content-Type"] == "text/html; charset=utf-8")
            for route in Self.routes { #expect(page.text.contains("<code>\(route)</code>"), "\(route)") }
            #expect(!page.text.contains("<script"))
        }
    }

    @Test func everyReferenceOfTheDescriptionLeadsSomewhere() async throws {
        try await Bench.run { bench async throws in
            let reply = try await send("GET", "\(bench.simulator.controlURL)/openapi.json")
            let schemas = Set(reply.json?["components"]?["schemas"]?.members.map(\.name) ?? [])
            let references = reply.text.split(separator: #""$ref":"#).dropFirst().map {
                String($0.dropFirst().prefix { $0 != "\"" })
            }
            #expect(references.count > 40)
            for reference in Set(references) {
                #expect(schemas.contains(String(reference.split(separator: "/").last ?? "")), "\(reference)")
            }
            let used = Set(references.map { String($0.split(separator: "/").last ?? "") })
            #expect(schemas.subtracting(used) == [])
        }
    }
}
