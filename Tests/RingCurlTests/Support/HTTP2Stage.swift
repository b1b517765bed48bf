#if canImport(CRingTestTLS)
import Foundation
import RingCore
import RingCurl
import RingTesting
import Testing

/// An HTTP/2 server that a test scripts, a journal of the requests it saw, and a transport that trusts it.
struct HTTP2Stage {
    /// A request's head, as the server saw it.
    struct Seen: Hashable, CustomStringConvertible {
        /// How many connections came before this one.
        var connection: Int
        var method: String
        var description: String { "\(self.method) on connection \(self.connection)" }
    }

    let server: RawServer
    let seen: Journal<Seen>
    let transport: RingCurlTransport
    private let certificates: TestCertificates

    /// - Parameter script: Speaks with the client of one connection. Every head goes through the function it is given.
    init(
        _ script: @escaping @Sendable (_ connection: HTTP2Connection, _ index: Int, Journal<Seen>) throws -> Void
    ) throws {
        let certificates = try TestCertificates()
        let context = try TLSContext(
            certificate: certificates.issue("IP:127.0.0.1"), key: certificates.key, speaksHTTP2: true)
        let seen = Journal<Seen>()
        self.server = try RawServer { raw in
            let connection = try HTTP2Connection(TLSConnection(raw, context))
            try script(connection, raw.index, seen)
        }
        self.seen = seen
        self.transport = RingCurlTransport(
            configuration: RingCurlConfiguration(certificateAuthorities: .file(certificates.authority)))
        self.certificates = certificates
    }

    func end() {
        self.server.stop()
        self.certificates.remove()
    }

    /// Sends a request; returns the response's body as text.
    @discardableResult
    func call(
        _ method: RingHTTPMethod, body: RingHTTPBody = .empty, over pipeline: (any RingTransport)? = nil
    ) async throws -> String {
        let response = try await self.send(method, body: body, over: pipeline)
        return try await String(decoding: response.body.collect(upTo: 1 << 20), as: UTF8.self)
    }

    /// Sends a request.
    func send(
        _ method: RingHTTPMethod, body: RingHTTPBody = .empty, over pipeline: (any RingTransport)? = nil
    ) async throws -> RingHTTPResponse {
        let url = try #require(URL(string: "https://127.0.0.1:\(self.server.port)/x"))
        let request = RingCall(method: method, url: url, body: body, operation: .testRead)
        return try await (pipeline ?? self.transport).send(request)
    }

    /// The error of a call that must fail.
    func failure(_ method: RingHTTPMethod, body: RingHTTPBody = .empty) async throws -> RingError {
        let error = await #expect(throws: RingError.self) { try await self.call(method, body: body) }
        return try #require(error)
    }
}

extension HTTP2Connection {
    /// Responds to every request with the connection's number.
    func serve(_ index: Int, _ seen: Journal<HTTP2Stage.Seen>) throws {
        while let frame = try self.next() {
            if let method = frame.method { seen.note(HTTP2Stage.Seen(connection: index, method: method)) }
            if frame.endsStream { try self.send(Self.response(frame.stream, "\(index)")) }
        }
    }

    /// Reads up to the end of one more request; gives its stream. `nil` when the client ended the connection.
    func request(_ index: Int, _ seen: Journal<HTTP2Stage.Seen>) throws -> Int? {
        while let frame = try self.next() {
            if let method = frame.method { seen.note(HTTP2Stage.Seen(connection: index, method: method)) }
            if frame.endsStream { return frame.stream }
        }
        return nil
    }
}
#endif
