internal import RingCore

extension TransportConformance {
    static let faultChecks: [Check] = [
        Check("gives what arrived of a cut body, then an error") { try await $0.reportsCutBodies() },
        Check("tells that a connection was reset before the response") { try await $0.reportsResets() },
        Check("tells that a connection was closed without a response") { try await $0.reportsSilentCloses() },
        Check("tells that a connection was closed within the head") { try await $0.reportsCutHeads() },
        Check("tells that a response is not valid HTTP") { try await $0.reportsNonsense() },
        Check("tells that no connection could be made") { try await $0.reportsRefusals() },
        Check("refuses insecure URLs") { try await $0.refusesInsecureURLs() },
        Check("survives a flood of header fields") { try await $0.survivesHeaderFloods() },
        Check("reads, or says that it was lost, over a kept connection that closes") {
            try await $0.reportsClosingConnections()
        },
        Check("never repeats what may have had an effect") { try await $0.neverRepeatsEffects() },
    ]

    private func reportsCutBodies() async throws {
        let messages = [
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n",
        ]
        for (index, message) in messages.enumerated() {
            for resets in [false, true] {
                let server = try RawServer { connection in
                    guard try connection.readHead() != nil else { return }
                    try connection.write(message)
                    // A reset throws away what the client has not read yet, so it waits a little.
                    if resets {
                        RawConnection.pause(milliseconds: 30)
                        connection.reset()
                    }
                }
                defer { server.stop() }
                let response = try await self.transport.send(self.request(server))
                try self.expect(response.status, is: 200, "the status of a cut response")
                var found: [UInt8] = []
                do {
                    for try await chunk in response.body { found += chunk }
                    try self.expect(false, "response \(index) ended in order, with \(found.count) bytes")
                } catch let error as RingError {
                    let codes: [RingError.Code] =
                        index == 2 ? [.connectionLost, .protocolViolation] : [.connectionLost]
                    try self.expect(codes.contains(error.code), "the code of cut response \(index) is \(error.code)")
                    try self.expect(error.delivery != .notSent, "a request that got a response was sent")
                }
                // What is followed by an invalid chunk may be discarded with it.
                if index == 2, found.isEmpty { continue }
                try self.expect(String(decoding: found, as: UTF8.self), is: "half", "what arrived of response \(index)")
            }
        }
    }

    private func reportsResets() async throws {
        for head in ["", "HTTP/1.1 200 OK\r\nX-A: b\r\n"] {
            let server = try RawServer { connection in
                guard try connection.readHead() != nil else { return }
                try connection.write(head)
                connection.reset()
            }
            defer { server.stop() }
            let error = try await self.failure(of: self.request(server, method: .post), "a reset")
            try self.expect(error.code, is: .connectionLost, "the code of a reset")
            try self.expect(error.delivery, is: .unknown, "the delivery of a request that was read")
        }
    }

    private func reportsSilentCloses() async throws {
        let server = try ConformanceServers.fixed("")
        defer { server.stop() }
        for method in [RingHTTPMethod.get, .post] {
            let error = try await self.failure(of: self.request(server, method: method), "no response")
            try self.expect(error.code, is: .connectionLost, "the code of a close")
            try self.expect(error.delivery, is: .unknown, "the delivery of a request that was read")
            try self.expect(error.operation, is: .testRead, "the operation of the error")
        }
    }

    private func reportsCutHeads() async throws {
        let status = "HTTP/1.1 200 OK\r\n"
        let heads = [
            "HTTP/1.1 20", status, status + "X-A", status + "X-A: b\r\n", status + "Content-Length: 2\r\n\r",
            "HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n" + status,
        ]
        for head in heads {
            let server = try ConformanceServers.fixed(head)
            defer { server.stop() }
            for method in [RingHTTPMethod.get, .post] {
                let error = try await self.failure(of: self.request(server, method: method), "a cut head")
                try self.expect(error.code, is: .connectionLost, "the code after “\(head)”")
                try self.expect(error.delivery, is: .unknown, "the delivery of a request that was read")
            }
        }
    }

    private func reportsNonsense() async throws {
        let messages = [
            "SSH-2.0-x\r\n\r\n", "\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}", "HTTP/1.1 abc\r\n\r\n",
        ]
        for message in messages {
            let server = try ConformanceServers.fixed(message)
            defer { server.stop() }
            let error = try await self.failure(of: self.request(server), "a response that is not valid HTTP")
            let codes: [RingError.Code] =
                self.abilities.contains(.namesProtocolViolations)
                ? [.protocolViolation] : [.protocolViolation, .connectionLost]
            try self.expect(codes.contains(error.code), "the code of nonsense is \(error.code)")
        }
    }

    private func reportsRefusals() async throws {
        let server = try ConformanceServers.echo()
        server.stop()
        try await self.eventually("the port is closed") { server.openConnections == 0 }
        let error = try await self.failure(of: self.request(server, method: .post), "a closed port")
        try self.expect([.connectionFailed, .connectionLost].contains(error.code), "the code is \(error.code)")
        if error.code == .connectionFailed {
            try self.expect(error.delivery, is: .notSent, "the delivery where there was no connection")
        }
    }

    private func refusesInsecureURLs() async throws {
        for text in [
            "http://example.com/", "http://10.0.0.1/", "ftp://127.0.0.1/", "file:///etc/hostname",
            "http://127.0.0.1.example.com/", "http://localhost.example.com/",
        ] {
            let request = RingCall(url: try self.url(text, ""), operation: .testRead)
            let error = try await self.failure(of: request, text)
            try self.expect(error.code, is: .insecureURL, "the code for \(text)")
            try self.expect(error.delivery, is: .notSent, "the delivery for \(text)")
        }
    }

    private func survivesHeaderFloods() async throws {
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.write("HTTP/1.1 200 OK\r\n")
            for index in 0..<1_000_000 { try connection.write("X-Flood-\(index): \(index)\r\n") }
        }
        defer { server.stop() }
        let error = try await self.failure(of: self.request(server), "a flood of header fields")
        try self.expect(
            [.responseTooLarge, .protocolViolation, .connectionLost, .timedOut].contains(error.code),
            "the code is \(error.code)")
    }

    private func reportsClosingConnections() async throws {
        // Every response promises to keep the connection, and the server closes it at once.
        let server = try ConformanceServers.fixed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        defer { server.stop() }
        for _ in 0..<200 {
            do {
                let (response, _) = try await self.exchange(self.request(server))
                try self.expect(response.status, is: 200, "a read over a kept connection that is closing")
            } catch let error as RingError {
                // A transport repeats nothing, so a read that meets the close is lost.
                try self.expect(error.code, is: .connectionLost, "the code of a read that met a closing connection")
            }
        }
    }

    private func neverRepeatsEffects() async throws {
        let requests = Tally()
        let server = try RawServer { connection in
            while try connection.readHead() != nil {
                requests.add()
                // The second request of a connection is read, has its effect, and gets no response.
                if requests.value.isMultiple(of: 2) { return }
                try connection.respond()
            }
        }
        defer { server.stop() }
        var sent: Int64 = 0
        for _ in 0..<20 {
            try await self.exchange(self.request(server, method: .post))
            sent += 1
            sent += 1
            do {
                try await self.exchange(self.request(server, method: .post))
                try self.expect(false, "a POST without a response got one")
            } catch let error as RingError {
                try self.expect(error.code, is: .connectionLost, "the code of a lost POST")
                try self.expect(error.delivery, is: .unknown, "the delivery of a POST that was read")
            }
            try self.expect(requests.value, is: sent, "POSTs the server saw")
        }
    }
}
