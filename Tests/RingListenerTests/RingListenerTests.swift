import RingListener
import Synchronization
import Testing

@Suite struct RingListenerTests {
    @Test func showsTheRequestAsItWasSent() async throws {
        let seen = Box<RingListenerRequest>()
        let listener = try await RingListener.startRaw { request in
            seen.set(request)
            return RingListenerResponse(status: 200, contentType: "text/plain", text: "fine")
        }
        let response = try await exchange(
            listener.port,
            """
            POST /v1//devices/a%2Fb%20c/../x?a=1&b=%20two&a=3+4&flag HTTP/1.1\r
            Host: test\r
            X-Thing: one\r
            x-thing:   two  \r
            Content-Length: 5\r
            Connection: close\r
            \r
            hello
            """)
        await listener.stop()

        let request = try #require(seen.value)
        #expect(request.method == "POST")
        #expect(request.path == "/v1//devices/a%2Fb%20c/../x")
        #expect(request.pathSegments == ["v1", "", "devices", "a/b c", "..", "x"])
        #expect(request.query == "a=1&b=%20two&a=3+4&flag")
        #expect(request.queryItems.map(\.name) == ["a", "b", "a", "flag"])
        #expect(request.queryItems.map(\.value) == ["1", " two", "3 4", ""])
        #expect(request.headers[values: "X-THING"] == ["one", "two"])
        #expect(request.bodyText == "hello")
        #expect(request.remoteAddress == "127.0.0.1")
        #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(response.contains("Content-Type: text/plain\r\n"))
        #expect(response.hasSuffix("\r\n\r\nfine"))
    }

    @Test func readsFormsAndBrokenEscapes() {
        let request = RingListenerRequest(
            method: "POST", path: "/%zz/%C3%A4", query: "a=%", body: Array("code=us%3A1+2&empty=".utf8))
        #expect(request.formItems.map(\.value) == ["us:1 2", ""])
        #expect(request.pathSegments == ["%zz", "ä"])
        // A mark behind a slash belongs to the next segment.
        #expect(RingListenerRequest(method: "GET", path: "/a/\u{301}b//").pathSegments == ["a", "\u{301}b", "", ""])
        #expect(request.queryItems == [.init(name: "a", value: "%")])
    }

    @Test(arguments: [true, false]) func refusesALongBody(isDeclaredHuge: Bool) async throws {
        let listener = try await RingListener.startRaw(limits: RingListenerLimits(maximumBodyBytes: 1000)) { _ in
            RingListenerResponse(status: 200)
        }
        let length = isDeclaredHuge ? 1_000_000_000 : 1001
        let body = String(repeating: "x", count: isDeclaredHuge ? 0 : 1001)
        let head = "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: \(length)\r\n\r\n"
        #expect(try await exchange(listener.port, head + body).hasPrefix("HTTP/1.1 413 "))
        let chunked = "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(
            try await exchange(
                listener.port, chunked + "3e9\r\n" + String(repeating: "x", count: 1001) + "\r\n0\r\n\r\n"
            )
            .hasPrefix("HTTP/1.1 413 "))
        await listener.stop()
    }

    @Test func refusesALongHead() async throws {
        let listener = try await RingListener.startRaw(limits: RingListenerLimits(maximumHeaderBytes: 4096)) { _ in
            RingListenerResponse(status: 200)
        }
        let long = String(repeating: "x", count: 5000)
        let response = try await exchange(listener.port, "GET / HTTP/1.1\r\nHost: test\r\nX-Long: \(long)\r\n\r\n")
        #expect(response.hasPrefix("HTTP/1.1 431 "))
        await listener.stop()
    }

    @Test func keepsAConnectionForTheNextRequest() async throws {
        let listener = try await RingListener.startRaw { request in
            RingListenerResponse(status: 200, contentType: "text/plain", text: "<\(request.path)>")
        }
        let client = try SocketClient(port: listener.port)
        for round in 0..<50 {
            client.send("GET /\(round) HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(await client.receive(until: "</\(round)>").hasSuffix("</\(round)>"))
        }
        await listener.stop()
    }

    @Test func respondsTo500RequestsThatAllWaitForEachOther() async throws {
        let gate = Gate(count: 500)
        let listener = try await RingListener.startRaw { _ in
            await gate.pass()
            return RingListenerResponse(status: 200, contentType: "text/plain", text: "together")
        }
        let clients = try (0..<500).map { _ in try SocketClient(port: listener.port) }
        for client in clients { client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n") }
        var responses: [String] = []
        for client in clients { responses.append(await client.receiveAll()) }
        #expect(responses.allSatisfy { $0.hasSuffix("together") })
        await listener.stop()
    }

    @Test func thousandsOfConnectionsLeaveNothingBehind() async throws {
        let alive = Counter()
        let listener = try await RingListener.startRaw { _ in
            let token = Token(alive)
            await Task.yield()
            return RingListenerResponse(
                status: 200, body: .stream(length: nil, Pieces(["a", "b"], token: token)))
        }
        for _ in 0..<3000 {
            #expect(try await get(listener.port, "/").contains("\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n"))
        }
        await listener.stop()
        #expect(alive.value == 0)
    }

    @Test func headHasNoBody() async throws {
        let listener = try await RingListener.startRaw { _ in
            RingListenerResponse(status: 200, contentType: "text/plain", text: "invisible")
        }
        let response = try await exchange(listener.port, "HEAD / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        #expect(response.contains("Content-Length: 9\r\n"))
        #expect(response.hasSuffix("\r\n\r\n"))
        await listener.stop()
    }

    @Test func refusesAForeignPortAndAName() async throws {
        let first = try await RingListener.startRaw { _ in RingListenerResponse(status: 200) }
        await #expect { try await RingListener.startRaw(port: first.port) { _ in .init(status: 200) } } throws: {
            ($0 as? RingListenerError)?.code == .addressUnavailable
        }
        await #expect { try await RingListener.startRaw(host: "example.org") { _ in .init(status: 200) } } throws: {
            ($0 as? RingListenerError)?.code == .badAddress
        }
        await #expect { try await RingListener.startRaw(port: 70_000) { _ in .init(status: 200) } } throws: {
            ($0 as? RingListenerError)?.code == .badAddress
        }
        let broken = RingListenerTLS(certificate: "no certificate", privateKey: "no key")
        await #expect { try await RingListener.startRaw(tls: broken) { _ in .init(status: 200) } } throws: {
            ($0 as? RingListenerError)?.code == .engine
        }
        #expect("\(broken)" == "RingListenerTLS")
        await first.stop()
    }
}
