internal import RingCore

extension TransportConformance {
    static let messageChecks: [Check] = [
        Check("sends every method") { try await $0.sendsMethods() },
        Check("says that a POST without a body has none") { try await $0.framesEmptyBodies() },
        Check("sends path and query as they are") { try await $0.sendsTargets() },
        Check("sends header fields") { try await $0.sendsFields() },
        Check("reads header fields whatever their case") { try await $0.readsFields() },
        Check("gives any status as a response") { try await $0.givesAnyStatus() },
        Check("follows no redirect") { try await $0.followsNothing() },
        Check("reads responses without a body") { try await $0.readsEmptyResponses() },
        Check("passes over interim responses") { try await $0.skipsInterimResponses() },
        Check("reads chunked bodies and keeps trailers out of the header") { try await $0.readsChunks() },
        Check("reads a body that ends with the connection") { try await $0.readsToTheEnd() },
        Check("drops what follows a body") { try await $0.dropsGarbage() },
        Check("keeps no cookies and sends no credentials") { try await $0.keepsNothing() },
    ]

    private func echoed(_ request: RingCall) async throws -> [String] {
        String(decoding: try await self.exchange(request).body, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
    }

    private func sendsMethods() async throws {
        let server = try ConformanceServers.echo()
        defer { server.stop() }
        for method in [RingHTTPMethod.get, .post, .put, .patch, .delete, .options] {
            let lines = try await self.echoed(self.request(server, "/m", method: method))
            try self.expect(lines[0], is: "\(method.rawValue) /m HTTP/1.1", "the request line")
        }
        let (head, body) = try await self.exchange(self.request(server, method: .head))
        try self.expect(head.status, is: 200, "status of HEAD")
        try self.expect(head.headerFields[.contentLength], is: "5", "Content-Length of HEAD")
        try self.expect(body, is: [], "body of HEAD")
    }

    private func framesEmptyBodies() async throws {
        let server = try ConformanceServers.echo()
        defer { server.stop() }
        for method in [RingHTTPMethod.post, .put, .patch] {
            let lines = try await self.echoed(self.request(server, method: method))
            try self.expect(
                lines.contains { $0.lowercased() == "content-length: 0" }, "\(method) without a body says so: \(lines)")
        }
        let lines = try await self.echoed(self.request(server))
        try self.expect(
            !lines.contains { $0.lowercased().hasPrefix("content-length") || $0.lowercased().hasPrefix("transfer") },
            "GET has no body to describe: \(lines)")
    }

    private func sendsTargets() async throws {
        let server = try ConformanceServers.echo()
        defer { server.stop() }
        for target in ["/", "/a%2Fb/%2e%2e/c", "/p?q=%5Ba%5D&s=a%20b+c&t=", "/v1/x?X-Sig=a%2Fb%3D%3D&e=1", "/?"] {
            let lines = try await self.echoed(self.request(server, target))
            try self.expect(lines[0], is: "GET \(target) HTTP/1.1", "the request line")
        }
    }

    private func sendsFields() async throws {
        let server = try ConformanceServers.echo()
        defer { server.stop() }
        let fields = RingHTTPFields([
            RingHTTPField(name: "X-Mixed-CASE", value: "a b"), RingHTTPField(name: "X-Twice", value: "1"),
            RingHTTPField(name: "x-twice", value: "2"), RingHTTPField(name: "X-Empty", value: ""),
            RingHTTPField(name: "Authorization", value: "Bearer t"), RingHTTPField(name: "Content-Length", value: "99"),
        ])
        let lines = try await self.echoed(self.request(server, fields: fields))
        let names = lines.map { $0.lowercased() }
        try self.expect(names.contains("x-mixed-case: a b"), "a field arrives: \(lines)")
        try self.expect(names.contains("authorization: bearer t"), "the credentials given arrive: \(lines)")
        try self.expect(!names.contains("content-length: 99"), "framing is the transport's: \(lines)")
        for bad in ["a\r\nX-Injected: 1", "a\nb", "a\u{0}b"] {
            let error = try await self.failure(of: self.request(server, fields: ["X-A": bad]), "a control character")
            try self.expect(error.code, is: .invalidArgument, "a control character in a field")
        }
        guard self.abilities.contains(.sendsFieldsVerbatim) else { return }
        for line in ["X-Mixed-CASE: a b", "X-Twice: 1", "x-twice: 2", "X-Empty: "] {
            try self.expect(lines.contains(line), "“\(line)” arrives as written: \(lines)")
        }
        for name in ["accept:", "user-agent:", "content-type:", "expect:", "cookie:"] {
            try self.expect(!names.contains { $0.hasPrefix(name) }, "nobody asked for \(name) \(lines)")
        }
    }

    private func readsFields() async throws {
        let server = try ConformanceServers.fixed(
            "HTTP/1.1 200 OK\r\nx-rEQuest-id: abc\r\nX-A:1\r\nx-a:   2  \r\nX-Empty:\r\nContent-Length: 2\r\n\r\nok")
        defer { server.stop() }
        let (response, body) = try await self.exchange(self.request(server))
        try self.expect(body, is: Array("ok".utf8), "the body")
        try self.expect(response.requestID?.rawValue, is: "abc", "a field in another case")
        try self.expect(response.headerFields["X-A"], is: "1, 2", "repeated fields joined")
        try self.expect(response.headerFields["X-Empty"], is: "", "an empty field")
        guard self.abilities.contains(.keepsRepeatedFieldsApart) else { return }
        try self.expect(response.headerFields[values: "x-A"], is: ["1", "2"], "repeated fields apart")
    }

    private func givesAnyStatus() async throws {
        for status in [200, 201, 206, 400, 401, 403, 404, 407, 409, 410, 418, 422, 425, 429, 500, 502, 503, 504, 599] {
            let server = try ConformanceServers.fixed(
                "HTTP/1.1 \(status) X\r\nWWW-Authenticate: Basic realm=\"x\"\r\nProxy-Authenticate: Basic\r\n"
                    + "Retry-After: 7\r\nContent-Length: 1\r\n\r\n!")
            defer { server.stop() }
            let (response, body) = try await self.exchange(self.request(server))
            try self.expect(response.status, is: status, "the status")
            try self.expect(response.headerFields[.retryAfter], is: "7", "a field beside status \(status)")
            try self.expect(body, is: [33], "the body of status \(status)")
            try self.expect(server.acceptedConnections, is: 1, "connections for status \(status)")
        }
    }

    private func followsNothing() async throws {
        let elsewhere = try ConformanceServers.echo()
        defer { elsewhere.stop() }
        for status in [301, 302, 303, 307, 308] {
            let server = try RawServer { connection in
                while try connection.readHead() != nil {
                    try connection.respond(status, fields: ["Location: \(elsewhere.origin)/away"])
                }
            }
            defer { server.stop() }
            for method in [RingHTTPMethod.get, .post] {
                let (response, _) = try await self.exchange(
                    self.request(server, method: method, fields: [.authorization: "Bearer t"]))
                try self.expect(response.status, is: status, "the status")
                try self.expect(response.headerFields[.location], is: "\(elsewhere.origin)/away", "Location")
            }
        }
        try self.expect(elsewhere.acceptedConnections, is: 0, "connections to the redirect's target")
    }

    private func readsEmptyResponses() async throws {
        for (status, length) in [(200, "Content-Length: 0\r\n"), (204, ""), (304, "Content-Length: 9\r\n")] {
            let server = try RawServer { connection in
                while try connection.readHead() != nil {
                    try connection.write("HTTP/1.1 \(status) X\r\n\(length)\r\n")
                }
            }
            defer { server.stop() }
            for _ in 0..<2 {
                let (response, body) = try await self.exchange(self.request(server))
                try self.expect(response.status, is: status, "the status")
                try self.expect(body, is: [], "the body of \(status)")
            }
        }
    }

    private func skipsInterimResponses() async throws {
        let server = try ConformanceServers.fixed(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\nX-Early: 1\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Late: 1\r\n\r\nok")
        defer { server.stop() }
        let (response, body) = try await self.exchange(self.request(server))
        try self.expect(response.status, is: 200, "the status")
        try self.expect(response.headerFields["X-Late"], is: "1", "a field of the final response")
        try self.expect(response.headerFields["X-Early"], is: nil, "a field of an interim response")
        try self.expect(body, is: Array("ok".utf8), "the body")
    }

    private func readsChunks() async throws {
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n")
            for piece in ["1;a=b\r\nh\r\n", "4\r", "\nel", "lo\r\n", "00000A\r\n0123456789\r\n", "0\r\nX-T: t\r\n\r\n"]
            {
                try connection.write(piece)
            }
            connection.waitUntilClosed()
        }
        defer { server.stop() }
        let (response, body) = try await self.exchange(self.request(server))
        try self.expect(String(decoding: body, as: UTF8.self), is: "hello0123456789", "the body")
        try self.expect(response.body.length ?? 15, is: 15, "the length")
        try self.expect(response.headerFields["X-T"], is: nil, "a trailer among the header fields")
    }

    private func readsToTheEnd() async throws {
        let server = try ConformanceServers.fixed("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end")
        defer { server.stop() }
        let (_, body) = try await self.exchange(self.request(server))
        try self.expect(String(decoding: body, as: UTF8.self), is: "until the end", "the body")
    }

    private func dropsGarbage() async throws {
        let server = try RawServer { connection in
            while try connection.readHead() != nil {
                try connection.write(
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                        + "HTTP/1.1 200 OK\r\nX-Smuggled: 1\r\nContent-Length: 5\r\n\r\nwrong")
            }
        }
        defer { server.stop() }
        for index in 0..<3 {
            do {
                let (response, body) = try await self.exchange(self.request(server))
                try self.expect(String(decoding: body, as: UTF8.self), is: "ok", "the body")
                try self.expect(response.headerFields["X-Smuggled"], is: nil, "a field of what followed")
            } catch let error as RingError where index > 0 {
                // A transport repeats nothing, so a request over a connection that it gives up is lost.
                let codes: [RingError.Code] = [.connectionLost, .protocolViolation]
                try self.expect(codes.contains(error.code), "the code after what followed is \(error.code)")
            }
        }
    }

    private func keepsNothing() async throws {
        let seen = Tally()
        let server = try RawServer { connection in
            while let request = try connection.readHead() {
                if request["Cookie"] != nil || request["Authorization"] != nil { seen.add() }
                try connection.respond(fields: ["Set-Cookie: a=b; Path=/", "Set-Cookie: c=d"])
            }
        }
        defer { server.stop() }
        for _ in 0..<3 { try await self.exchange(self.request(server)) }
        try self.expect(seen.value, is: 0, "requests with a cookie or credentials nobody gave")
    }
}
