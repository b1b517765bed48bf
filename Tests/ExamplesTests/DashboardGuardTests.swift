import Foundation
import RingCore
import RingCurl
import RingSimulator
import RingTesting
import Testing

/// What the dashboard refuses, without a browser.
@Suite(
    .enabled(if: Examples.folder != nil, "run by Scripts/examples.sh, which builds the examples"),
    .timeLimit(.minutes(2)))
struct DashboardGuardTests {
    private static let form = "application/x-www-form-urlencoded"

    private func signIn(_ bench: DashboardBench, password: String = "correct+horse") async throws -> Reply {
        try await send(
            "POST", bench.origin + "/sign-in", ["Content-Type": Self.form, "Origin": bench.origin],
            body: "name=robin%40example.org&password=\(password)")
    }

    @Test func nothingIsShownBeforeTheSignIn() async throws {
        try await DashboardBench.run { bench async throws in
            for path in [
                "/events/stream", "/still?event=1", "/clip?event=1", "/clip/state?event=1", "/live/state?view=x",
            ] {
                #expect(try await send("GET", bench.origin + path).status == 401, "\(path)")
            }
            for path in ["/live?account=a&device=b", "/live/close", "/accounts/unlink", "/refresh", "/ring/link"] {
                #expect(try await send("POST", bench.origin + path).status == 401, "\(path)")
            }
            let page = try await send("GET", bench.origin + "/", ["Accept": "text/html"])
            #expect(page.status == 303)
            #expect(page.fields["Location"] == "/sign-in")
            #expect(try await self.signIn(bench, password: "wrong").status == 403)
            // A form of another page.
            let foreign = try await send(
                "POST", bench.origin + "/sign-in", ["Content-Type": Self.form, "Origin": "https://elsewhere.example"],
                body: "name=a%40b.c&password=correct+horse")
            #expect(foreign.status == 403)
            #expect(foreign.fields["Set-Cookie"] == nil)
        }
    }

    @Test func formsNeedTheTokenOfTheirPage() async throws {
        try await DashboardBench.run { bench async throws in
            let cookie = try #require(try await self.signIn(bench).fields["Set-Cookie"])
            #expect(cookie.contains("HttpOnly"))
            #expect(cookie.contains("SameSite=Lax"))
            let pair = String(cookie.prefix { $0 != ";" })
            let page = try await send("GET", bench.origin + "/", ["Cookie": pair, "Accept": "text/html"])
            #expect(page.status == 200)
            let token = try #require(
                page.text.firstMatch(of: /name="csrf" value="([^"]+)"|name="csrf" content="([^"]+)"/))
            let csrf = String(token.1 ?? token.2 ?? "")
            for path in ["/refresh", "/accounts/unlink", "/live/close", "/sign-out"] {
                for body in ["", "csrf=", "csrf=\(csrf)x"] {
                    let reply = try await send(
                        "POST", bench.origin + path, ["Content-Type": Self.form, "Cookie": pair], body: body)
                    #expect(reply.status == 403, "\(path) \(body)")
                }
            }
            let foreign = try await send(
                "POST", bench.origin + "/refresh",
                ["Content-Type": Self.form, "Cookie": pair, "Origin": "https://elsewhere.example"], body: "csrf=\(csrf)"
            )
            #expect(foreign.status == 403)
            let own = try await send(
                "POST", bench.origin + "/refresh", ["Content-Type": Self.form, "Cookie": pair, "Origin": bench.origin],
                body: "csrf=\(csrf)")
            #expect(own.status == 303)
            // The file of the sign-ins opens no page.
            let kept = try String(contentsOfFile: bench.folder + "/dashboard/sign-ins.json", encoding: .utf8)
            #expect(!kept.contains(pair.drop { $0 != "=" }.dropFirst()))
        }
    }

    /// Somebody who signs out on one page has signed out on the others.
    @Test func anOpenStreamEndsWithTheSignIn() async throws {
        try await DashboardBench.run { bench async throws in
            let cookie = try #require(try await self.signIn(bench).fields["Set-Cookie"])
            let pair = String(cookie.prefix { $0 != ";" })
            let page = try await send("GET", bench.origin + "/", ["Cookie": pair, "Accept": "text/html"])
            let token = try #require(
                page.text.firstMatch(of: /name="csrf" value="([^"]+)"|name="csrf" content="([^"]+)"/))
            let csrf = String(token.1 ?? token.2 ?? "")
            let stream = try await RingCurlTransport().send(
                RingCall(
                    method: .get, url: try #require(URL(string: bench.origin + "/events/stream")),
                    headerFields: ["Cookie": pair], operation: .testRead))
            #expect(stream.status == 200)
            var pieces = stream.body.makeAsyncIterator()
            #expect(try await pieces.next() != nil)
            let reply = try await send(
                "POST", bench.origin + "/sign-out",
                ["Content-Type": Self.form, "Cookie": pair, "Origin": bench.origin], body: "csrf=\(csrf)")
            #expect(reply.status == 303)
            while let piece = try await pieces.next() {
                #expect(String(decoding: piece, as: UTF8.self).hasPrefix(":"), "a beat at most")
            }
        }
    }

    @Test func everyResponseIsGuarded() async throws {
        try await DashboardBench.run { bench async throws in
            for path in ["/sign-in", "/files/page.js", "/nothing", "/ring/link?nonce=a&time=1"] {
                let fields = try await send("GET", bench.origin + path).fields
                #expect(fields["Content-Security-Policy"]?.hasPrefix("default-src 'none';") == true, "\(path)")
                #expect(fields["Content-Security-Policy"]?.contains("unsafe") == false, "\(path)")
                #expect(fields["X-Content-Type-Options"] == "nosniff", "\(path)")
            }
            // Another name that leads to this machine.
            let port = bench.origin.split(separator: ":").last ?? ""
            let other = try await send("GET", "http://localhost:\(port)/sign-in")
            #expect(other.status == 421)
            for path in ["/files/../Dashboard.swift", "/files/%2e%2e%2fDashboard.swift", "/files/"] {
                #expect(try await send("GET", bench.origin + path).status != 200, "\(path)")
            }
        }
    }

    /// What Ring calls is the listener's, and needs no sign-in.
    @Test func ringIsNotAskedToSignIn() async throws {
        try await DashboardBench.run { bench async throws in
            let hook = try await send("POST", bench.origin + "/ring/webhooks", body: "{}")
            #expect(hook.status != 303)
            #expect((400..<500).contains(hook.status))
            #expect(try await bench.simulator.deliverCode(to: bench.origin + "/ring/token-exchange") == 200)
        }
    }

    @Test func theSettingsThatAreMissingAreNamed() async throws {
        let store = FileManager.default.temporaryDirectory.path + "/ring-dashboard-test-\(UUID().uuidString).sqlite"
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: store + end) } }
        let outcome = try await Examples.start("Dashboard", environment: ["RING_STORE": store]).outcome()
        #expect(outcome.ending == .exited(2))
        #expect(outcome.errorText.contains("RING_CLIENT_ID"))
    }

    /// `make dashboard`: one line, one URL, and nothing is left behind.
    @Test func itStartsWithASimulatorBesideIt() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/ring-dashboard-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let process = try Examples.start("Dashboard", ["--simulator"], environment: ["PORT": "0", "TMPDIR": folder])
        let line = try #require(await process.line { $0.hasPrefix("Open ") })
        let url = String(line.dropFirst("Open ".count))
        // It holds tokens and pictures for as long as it runs.
        let own = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("ring-dashboard-") }
        #expect(own.count == 1)
        let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(own.first ?? "")")[.posixPermissions]
        #expect(mode as? Int == 0o700)
        let page = try await send("GET", url + "sign-in")
        #expect(page.status == 200)
        #expect(!page.text.contains("Password"))
        process.signal(SIGTERM)
        #expect(await process.outcome().ending == .exited(0))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }
}
