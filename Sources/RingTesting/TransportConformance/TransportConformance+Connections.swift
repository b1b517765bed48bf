internal import RingCore

extension TransportConformance {
    static let connectionChecks: [Check] = [
        Check("keeps its connections for the next request") { try await $0.reusesConnections() },
        Check("carries 64 calls at once, each with its own response") { try await $0.carriesManyAtOnce() },
        Check("reaches IPv6") { try await $0.reachesIPv6() },
    ]

    private func reusesConnections() async throws {
        let server = try ConformanceServers.echo()
        defer { server.stop() }
        for index in 0..<100 {
            try await self.exchange(
                index.isMultiple(of: 2)
                    ? self.request(server) : self.request(server, method: .post, body: RingHTTPBody("x")))
        }
        try self.expect(server.acceptedConnections, is: 1, "connections for 100 calls in a row")
    }

    private func carriesManyAtOnce() async throws {
        let server = try ConformanceServers.echo()
        defer { server.stop() }
        for _ in 0..<3 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<64 {
                    group.addTask {
                        let (_, body) = try await self.exchange(self.request(server, "/call/\(index)"))
                        try self.expect(
                            String(decoding: body, as: UTF8.self).hasPrefix("GET /call/\(index) HTTP/1.1\n"),
                            "call \(index) got its own response")
                    }
                }
                try await group.waitForAll()
            }
        }
        try self.expect(server.acceptedConnections <= 64, "no more connections than calls at once")
    }

    private func reachesIPv6() async throws {
        let server: RawServer
        // A machine without IPv6 has no such socket.
        do { server = try ConformanceServers.echo(ipv6: true) } catch is RawServerError { return }
        defer { server.stop() }
        let (response, _) = try await self.exchange(self.request(server))
        try self.expect(response.status, is: 200, "the status over IPv6")
    }
}
