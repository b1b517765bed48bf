internal import RingCore

extension TransportConformance {
    static let limitChecks: [Check] = [
        Check("keeps the limit for connecting, TLS included") { try await $0.limitsConnecting() },
        Check("keeps the limit for the first byte") { try await $0.limitsTheFirstByte() },
        Check("keeps the limit for silence in a body") { try await $0.limitsSilence() },
        Check("does not take a slow reader for silence") { try await $0.sparesSlowReaders() },
        Check("keeps the limit for silence in a header") { try await $0.limitsSlowHeaders() },
        Check("keeps the limit for silence while sending") { try await $0.limitsSilenceInSending() },
        Check("keeps the limit for the whole exchange") { try await $0.limitsTheWhole() },
        Check("keeps the deadline before the response") { try await $0.keepsTheDeadline() },
        Check("keeps the deadline over the body") { try await $0.keepsTheDeadlineOverTheBody() },
        Check("sends nothing when the deadline has passed") { try await $0.sendsNothingTooLate() },
    ]

    private static let short = Duration.milliseconds(150)

    private func none(
        connect: Duration? = nil, firstByte: Duration? = nil, silence: Duration? = nil, total: Duration? = nil
    ) -> RingTimeouts {
        RingTimeouts(connect: connect, firstByte: firstByte, silence: silence, total: total)
    }

    /// The error of a call that must run into a limit: not too early, not much too late.
    private func overdue(_ what: String, _ code: RingError.Code, _ request: RingCall) async throws -> RingError {
        let start = self.clock.uptime()
        let error = try await withThrowingTaskGroup(of: RingError.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await self.failure(of: request, what) }
            // A transport that keeps no limit would never return.
            group.addTask {
                try await self.clock.sleep(for: .seconds(5))
                throw TransportConformanceFailure(description: "\(what): the call has not ended after 5 seconds")
            }
            guard let error = try await group.next() else { throw CancellationError() }
            return error
        }
        let took = self.clock.uptime() - start
        try self.expect(error.code, is: code, "the code of \(what)")
        try self.expect(took >= .milliseconds(100), "\(what) came too early, after \(took)")
        try self.expect(took < .seconds(5), "\(what) came too late, after \(took)")
        return error
    }

    private func limitsConnecting() async throws {
        guard self.abilities.contains(.limitsEachPhase) else { return }
        // It takes the connection and never responds to the TLS greeting.
        let server = try RawServer { $0.waitUntilClosed() }
        defer { server.stop() }
        let request = RingCall(
            method: .post, url: try self.url("https://127.0.0.1:\(server.port)"), operation: .testRead,
            timeouts: self.none(connect: Self.short))
        let error = try await self.overdue("the limit for connecting", .timedOut, request)
        try self.expect(error.delivery, is: .notSent, "the delivery where there was no connection")
        try await self.eventually("the connection is closed") { server.openConnections == 0 }
    }

    private func limitsTheFirstByte() async throws {
        let server = try ConformanceServers.stalling()
        defer { server.stop() }
        for body in ["", "body"] {
            let request = try self.request(
                server, method: .post, body: RingHTTPBody(body), timeouts: self.none(firstByte: Self.short))
            let error = try await self.overdue("the limit for the first byte", .timedOut, request)
            try self.expect(error.delivery, is: .unknown, "the delivery of a request that was read")
        }
        try await self.eventually("the connections are closed") { server.openConnections == 0 }
    }

    private func limitsSilence() async throws {
        let server = try ConformanceServers.stalling(after: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        defer { server.stop() }
        let request = try self.request(server, timeouts: self.none(silence: Self.short))
        let error = try await self.overdue("the limit for silence", .timedOut, request)
        if self.abilities.contains(.limitsEachPhase) {
            try self.expect(error.status, is: 200, "the status of the response that stopped")
        }
    }

    private func sparesSlowReaders() async throws {
        guard self.abilities.contains(.limitsEachPhase) else { return }
        let size = 8 * 1024 * 1024
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.respond(body: [UInt8](repeating: 1, count: size))
            connection.waitUntilClosed()
        }
        defer { server.stop() }
        let response = try await self.transport.send(
            self.request(server, operation: .testDownload, timeouts: self.none(silence: Self.short)))
        var iterator = response.body.makeAsyncIterator()
        var count = try await iterator.next()?.count ?? 0
        try await self.clock.sleep(for: Self.short * 3)
        while let chunk = try await iterator.next() { count += chunk.count }
        try self.expect(count, is: size, "what a slow reader gets")
    }

    private func limitsSlowHeaders() async throws {
        guard self.abilities.contains(.limitsEachPhase) else { return }
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.write("HTTP/1.1 200 OK\r\nX-Slow: ")
            while connection.isPeerConnected {
                try connection.write("a")
                RawConnection.pause(milliseconds: 10)
            }
        }
        defer { server.stop() }
        let request = try self.request(server, timeouts: self.none(silence: Self.short))
        _ = try await self.overdue("the limit for silence between header lines", .timedOut, request)
    }

    private func limitsSilenceInSending() async throws {
        guard self.abilities.contains(.limitsEachPhase) else { return }
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            while connection.isPeerConnected { RawConnection.pause(milliseconds: 5) }
        }
        defer { server.stop() }
        let request = try self.request(
            server, method: .put, body: RingHTTPBody([UInt8](repeating: 1, count: 64 * 1024 * 1024)),
            timeouts: self.none(silence: Self.short))
        let error = try await self.overdue("the limit for silence in sending", .timedOut, request)
        try self.expect(error.delivery, is: .unknown, "the delivery of a request that was sent in part")
    }

    private func limitsTheWhole() async throws {
        let server = try Self.trickling()
        defer { server.stop() }
        let request = try self.request(server, timeouts: self.none(silence: .seconds(20), total: Self.short))
        _ = try await self.overdue("the limit for the whole exchange", .timedOut, request)
    }

    private func keepsTheDeadline() async throws {
        let server = try ConformanceServers.stalling()
        defer { server.stop() }
        var request = try self.request(server, timeouts: self.none())
        request.deadline = RingDeadline(in: Self.short, clock: self.clock)
        let error = try await self.overdue("the deadline", .deadlineExceeded, request)
        try self.expect(error.delivery, is: .unknown, "the delivery of a request that was read")
    }

    private func keepsTheDeadlineOverTheBody() async throws {
        let server = try Self.trickling()
        defer { server.stop() }
        var request = try self.request(server, timeouts: self.none())
        request.deadline = RingDeadline(in: Self.short, clock: self.clock)
        _ = try await self.overdue("the deadline over the body", .deadlineExceeded, request)
        try await self.eventually("the connection is closed") { server.openConnections == 0 }
    }

    private func sendsNothingTooLate() async throws {
        let server = try ConformanceServers.echo()
        defer { server.stop() }
        var request = try self.request(server)
        request.deadline = RingDeadline(in: .zero, clock: self.clock)
        let error = try await self.failure(of: request, "a deadline that has passed")
        try self.expect(error.code, is: .deadlineExceeded, "the code")
        try self.expect(error.delivery, is: .notSent, "the delivery")
        try self.expect(server.acceptedConnections, is: 0, "connections made")
    }

    /// A server whose response continues, a byte now and then, and never ends.
    private static func trickling() throws -> RawServer {
        try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while connection.isPeerConnected {
                try connection.write("a")
                RawConnection.pause(milliseconds: 20)
            }
        }
    }
}
