internal import RingCore

extension TransportConformance {
    static let secrecyChecks: [Check] = [
        Check("prints no secret, whatever goes wrong") { try await $0.printsNoSecrets() }
    ]

    /// Marked values in every place a secret stands in; none may come out in anything a call emits.
    private func printsNoSecrets() async throws {
        let mark = "CANARY-7f3a9c"
        let messages = [
            "", "nonsense \(mark)\r\n\r\n", "HTTP/1.1 200 OK\r\nX: \(mark)\r\nContent-Length: 99\r\n\r\n\(mark)",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n\(mark)",
            "HTTP/1.1 302 X\r\nLocation: https://x.example/\(mark)?t=\(mark)\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 13\r\n\r\n\(mark)",
        ]
        var emitted: [String] = []
        func note(_ value: Any) {
            emitted.append("\(value)")
            emitted.append(String(reflecting: value))
            var text = ""
            dump(value, to: &text)
            emitted.append(text)
        }
        func attempt(_ request: RingCall) async {
            note(request.request)
            do {
                let response = try await self.transport.send(request)
                note(response)
                _ = try await response.body.collect(upTo: 4)
            } catch let error as RingError {
                note(error)
                if let cause = error.cause { note(cause) }
            } catch {
                note(error)
            }
        }
        note(self.transport)
        func secret(_ origin: String, _ timeouts: RingTimeouts? = nil) throws -> RingCall {
            RingCall(
                method: .post, url: try self.url(origin, "/\(mark)?security_token=\(mark)"),
                headerFields: [.authorization: "Bearer \(mark)", "X-Secret": mark], body: RingHTTPBody("code=\(mark)"),
                operation: .testRead, timeouts: timeouts)
        }
        for message in messages {
            let server = try ConformanceServers.fixed(message)
            defer { server.stop() }
            await attempt(try secret(server.origin))
        }
        let stalling = try ConformanceServers.stalling()
        defer { stalling.stop() }
        await attempt(try secret(stalling.origin, RingTimeouts(firstByte: .milliseconds(50))))
        await attempt(try secret("https://127.0.0.1:\(stalling.port)", RingTimeouts(connect: .milliseconds(50))))
        await attempt(try secret("http://127.0.0.1:1"))
        await attempt(try secret("http://\(mark)@127.0.0.1:1"))
        await attempt(try secret("http://example.com"))
        var odd = try secret(stalling.origin)
        odd.headerFields["X-Secret"] = "\(mark)\r\n"
        await attempt(odd)
        let found = emitted.first { $0.contains(mark) }
        try self.expect(found == nil, "a secret came out: \(found ?? "")")
    }
}
