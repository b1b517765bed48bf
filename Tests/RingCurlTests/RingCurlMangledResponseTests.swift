import Foundation
import RingCore
import RingCurl
import RingTesting
import Testing

/// Servers that respond with damaged bytes and then close: whatever libcurl reports, the call ends.
@Suite(.timeLimit(.minutes(2))) struct RingCurlMangledResponseTests {
    private static let responses = [
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"data\":[]}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5\r\nabcde\r\n3;x=y\r\nfgh\r\n0\r\nX-T: 1\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nto the end",
        "HTTP/1.1 303 See Other\r\nLocation: https://127.0.0.1/x\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\u{1F}abc",
    ]

    /// What a call comes to. A call that only its own limit has ended is one that nobody would have ended.
    private func outcome(
        of request: RingCall, over transport: RingCurlTransport
    ) async throws -> RingError.Code? {
        do {
            let response = try await transport.send(request)
            _ = try await response.body.collect(upTo: 1 << 20)
            return nil
        } catch let error as RingError {
            return error.code
        }
    }

    /// `RING_MANGLED_RESPONSES=100000` tries more of them.
    @Test func everyResponseEndsItsCall() async throws {
        let count = ProcessInfo.processInfo.environment["RING_MANGLED_RESPONSES"].flatMap { Int($0) } ?? 1_400
        let server = try RawServer { connection in
            guard let head = try connection.readHead(), let seed = Int(head.target.dropFirst()) else { return }
            var mangler = Mangler(seed: seed)
            let bytes = mangler.mangle(Array(Self.responses[seed % Self.responses.count].utf8))
            let middle = mangler.number(below: bytes.count + 1)
            try connection.write(Array(bytes[..<middle]))
            if seed.isMultiple(of: 3) { RawConnection.pause(milliseconds: 1) }
            try connection.write(Array(bytes[middle...]))
            if seed.isMultiple(of: 5) { connection.reset() }
        }
        defer { server.stop() }
        let transport = RingCurlTransport()
        var (codes, stalled): ([RingError.Code?: Int], [Int]) = ([:], [])
        try await withThrowingTaskGroup(of: (Int, RingError.Code?).self) { group in
            for lane in 0..<8 {
                group.addTask { [outcome] in (lane, try await outcome(self.request(server, lane), transport)) }
            }
            var next = 8
            while let (seed, code) = try await group.next() {
                codes[code, default: 0] += 1
                if code == .timedOut { stalled.append(seed) }
                guard next < count else { continue }
                let seed = next
                group.addTask { [outcome] in (seed, try await outcome(self.request(server, seed), transport)) }
                next += 1
            }
        }
        #expect(stalled == [])
        // Some of each: the damage is neither always fatal nor always harmless.
        #expect(codes[nil, default: 0] > 100)
        #expect(codes[.connectionLost, default: 0] > 100)
    }

    /// From 7.83 to 8.1.0, libcurl took the first line of such a response for more of the response before it, which was freed.
    @Test func aResponseThatBeginsWithAFoldedLineHarmsNobody() async throws {
        let server = try RawServer { connection in
            while let head = try connection.readHead() {
                guard head.target == "/folded" else {
                    try connection.respond(body: [1])
                    continue
                }
                try connection.write("HTTP/1.1 200 OK\r\n folded: \(String(repeating: "x", count: 4_000))\r\n\r\n")
                return
            }
        }
        defer { server.stop() }
        let transport = RingCurlTransport()
        let (plain, folded) = try (self.request(server, 0), self.request(server, 0, "folded"))
        for _ in 0..<200 {
            #expect(try await self.outcome(of: plain, over: transport) == nil)
            // libcurl refuses it, or leaves the line out.
            let code = try await self.outcome(of: folded, over: transport)
            #expect(code == nil || code == .protocolViolation)
        }
    }

    private func request(_ server: RawServer, _ seed: Int, _ target: String? = nil) throws -> RingCall {
        RingCall(
            method: [RingHTTPMethod.get, .post, .patch, .delete][seed % 4],
            url: try #require(URL(string: "\(server.origin)/\(target ?? "\(seed)")")),
            body: seed % 4 == 1 ? RingHTTPBody("{}") : .empty,
            operation: seed.isMultiple(of: 7) ? .testDownload : .testRead,
            timeouts: RingTimeouts(total: .seconds(20)))
    }

    #if canImport(CRingTestTLS)
    @Test(.enabled(if: TestCertificates.isAvailable, "needs the openssl command"))
    func everyResponseOverHTTP2EndsItsCall() async throws {
        let stage = try HTTP2Stage { connection, index, seen in
            guard let stream = try connection.request(index, seen) else { return }
            let response = HTTP2Connection.response(stream, "{\"data\":[]}") + [HTTP2Connection.goAway(last: stream)]
            var mangler = Mangler(seed: index)
            try connection.write(mangler.mangle(response.flatMap(\.bytes)))
        }
        defer { stage.end() }
        var outcomes: [String: Int] = [:]
        for _ in 0..<250 {
            do {
                try await stage.call(.post, body: RingHTTPBody("{}"))
                outcomes["responded", default: 0] += 1
            } catch let error as RingError {
                outcomes[error.code.rawValue, default: 0] += 1
            }
        }
        #expect(outcomes[RingError.Code.timedOut.rawValue] == nil, "\(outcomes)")
        #expect(outcomes["responded", default: 0] > 20, "\(outcomes)")
        #expect(outcomes[RingError.Code.connectionLost.rawValue, default: 0] > 20, "\(outcomes)")
    }
    #endif
}
