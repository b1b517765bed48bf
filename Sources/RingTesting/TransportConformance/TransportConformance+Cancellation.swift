internal import RingCore

extension TransportConformance {
    static let cancellationChecks: [Check] = [
        Check("sends nothing for a task that is cancelled already") { try await $0.cancelsBeforeStarting() },
        Check("ends at once when cancelled while connecting") { try await $0.cancelsWhileConnecting() },
        Check("ends at once when cancelled while waiting for the response") { try await $0.cancelsWhileWaiting() },
        Check("ends at once when cancelled while reading the body") { try await $0.cancelsWhileReading() },
        Check("ends at once when cancelled while sending the body") { try await $0.cancelsWhileSending() },
        Check("survives a storm of cancellations") { try await $0.survivesCancellationStorms() },
    ]

    /// Runs work until it has got somewhere, cancels it, and checks that it returns at once.
    ///
    /// A machine that is busy with other things can be late for reasons of its own: one of three attempts must be in time.
    private func cancels(
        _ what: String, _ server: RawServer, when isThere: @escaping @Sendable () -> Bool,
        _ work: @escaping @Sendable () async throws -> Void
    ) async throws {
        var times: [Duration] = []
        for _ in 0..<3 {
            let task = Task { try await work() }
            try await self.eventually("\(what) began", isThere)
            let start = self.clock.uptime()
            task.cancel()
            do {
                try await task.value
                try self.expect(false, "\(what): a cancelled call returned in order")
            } catch is CancellationError {
                times.append(self.clock.uptime() - start)
            }
            try await self.eventually("\(what): the server sees the end") { server.openConnections == 0 }
        }
        let best = times.min() ?? .zero
        try self.expect(best <= self.cancellationLimit, "\(what): returned only after \(best)")
    }

    private func cancelsBeforeStarting() async throws {
        let server = try ConformanceServers.echo()
        defer { server.stop() }
        let request = try self.request(server, method: .post)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await self.exchange(request)
        }
        task.cancel()
        do {
            _ = try await task.value
            try self.expect(false, "a cancelled call returned in order")
        } catch is CancellationError {}
        try self.expect(server.acceptedConnections, is: 0, "connections made for a cancelled task")
    }

    private func cancelsWhileConnecting() async throws {
        let server = try RawServer { $0.waitUntilClosed() }
        defer { server.stop() }
        let request = RingCall(
            url: try self.url("https://127.0.0.1:\(server.port)"), operation: .testRead)
        try await self.cancels("connecting", server, when: { server.openConnections > 0 }) {
            _ = try await self.transport.send(request)
        }
    }

    private func cancelsWhileWaiting() async throws {
        let heads = Tally()
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            heads.add()
            connection.waitUntilClosed()
            heads.add(-1)
        }
        defer { server.stop() }
        let request = try self.request(server, method: .post, body: RingHTTPBody("x"))
        try await self.cancels("waiting", server, when: { heads.value > 0 }) {
            _ = try await self.transport.send(request)
        }
    }

    private func cancelsWhileReading() async throws {
        let server = try ConformanceServers.stalling(after: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        defer { server.stop() }
        for operation in [RingOperation.testRead, .testDownload] {
            let request = try self.request(server, operation: operation)
            let read = Tally()
            try await self.cancels("reading", server, when: { read.value > 0 }) {
                let response = try await self.transport.send(request)
                defer { read.add(-read.value) }
                for try await chunk in response.body { read.add(Int64(chunk.count)) }
            }
        }
    }

    private func cancelsWhileSending() async throws {
        guard self.abilities.contains(.streamsUploads) else { return }
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            // Slowly, and to the end: behind a full buffer the end of a connection cannot be seen.
            while connection.readSome() != nil { RawConnection.pause(milliseconds: 1) }
        }
        defer { server.stop() }
        let url = try self.url(server.origin)
        try await self.cancels("sending", server, when: { server.openConnections > 0 }) {
            let source = ByteSource(total: 1 << 30, chunk: 64 * 1024)
            _ = try await self.transport.send(
                RingCall(
                    method: .put, url: url, body: RingHTTPBody(streaming: source), operation: .testRead))
        }
    }

    private func survivesCancellationStorms() async throws {
        let server = try ConformanceServers.echo()
        defer { server.stop() }
        let request = try self.request(server, method: .post, body: RingHTTPBody("x"))
        await withTaskGroup(of: Void.self) { group in
            for lane in 0..<16 {
                group.addTask {
                    for turn in 0..<60 {
                        let task = Task { try await self.exchange(request).body.count }
                        for _ in 0..<((lane * 7 + turn * 13) % 40) { await Task.yield() }
                        task.cancel()
                        _ = try? await task.value
                    }
                }
            }
        }
        let (response, _) = try await self.exchange(request)
        try self.expect(response.status, is: 200, "a call after the storm")
    }
}
