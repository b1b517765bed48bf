import Foundation
import RingCore
import RingTesting
import Testing

@testable import RingURLSession

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// What URLSession is given, and what is made of what it reports.
@Suite struct RingURLSessionMappingTests {
    private let failure = RingTransportFailure(.testRead, host: "a.example")

    private func message(
        _ method: RingHTTPMethod = .get, fields: RingHTTPFields = [:], body: RingHTTPBody = .empty,
        operation: RingOperation = .testRead, maximumUploadBytes: Int = 100
    ) async throws -> URLRequest {
        var configuration = RingURLSessionConfiguration()
        configuration.maximumUploadBytes = maximumUploadBytes
        let request = RingHTTPRequest(
            method: method, url: try #require(URL(string: "https://a.example/b%2Fc?d=e")), headerFields: fields,
            body: body)
        return try await SessionRequest.make(request, operation, configuration, self.failure)
    }

    /// Chunks of a streamed body; throws `failure` after them.
    private func stream(_ chunks: [String], failure: (any Error)? = nil) -> AsyncThrowingStream<[UInt8], any Error> {
        AsyncThrowingStream { continuation in
            for chunk in chunks { continuation.yield(Array(chunk.utf8)) }
            continuation.finish(throwing: failure)
        }
    }

    // MARK: Requests

    @Test func sendsMethodAddressAndFields() async throws {
        let message = try await self.message(
            .delete, fields: ["X-A": "b", "Authorization": "Bearer t", "Content-Length": "99", "Host": "other"])
        #expect(message.httpMethod == "DELETE")
        #expect(message.url?.absoluteString == "https://a.example/b%2Fc?d=e")
        #expect(message.value(forHTTPHeaderField: "X-A") == "b")
        #expect(message.value(forHTTPHeaderField: "Authorization") == "Bearer t")
        #expect(message.value(forHTTPHeaderField: "Content-Length") == nil)
        #expect(message.value(forHTTPHeaderField: "Host") == nil)
        #expect(message.httpBody == nil)
        #expect(!message.httpShouldHandleCookies)
        #expect(message.cachePolicy == .reloadIgnoringLocalCacheData)
    }

    @Test func keepsRepeatedFields() async throws {
        let fields = RingHTTPFields([
            RingHTTPField(name: "X-A", value: "1"), RingHTTPField(name: "X-A", value: "2"),
        ])
        let message = try await self.message(fields: fields)
        #expect(message.value(forHTTPHeaderField: "X-A") == "1,2")
    }

    @Test func refusesWhatEveryTransportRefuses() async throws {
        let error = await #expect(throws: RingError.self) { try await self.message(fields: ["X-A": "b\r\nX-C: d"]) }
        #expect(error?.code == .invalidArgument && error?.delivery == .notSent)
        let method = await #expect(throws: RingError.self) { try await self.message(RingHTTPMethod(rawValue: "A B")) }
        #expect(method?.code == .invalidArgument)
    }

    /// A clip is not compressed, and its length is to be known.
    @Test func wantsMediaAsItIs() async throws {
        #expect(try await self.message().value(forHTTPHeaderField: "Accept-Encoding") == nil)
        let media = try await self.message(operation: .testDownload)
        #expect(media.value(forHTTPHeaderField: "Accept-Encoding") == "identity")
        let own = try await self.message(fields: ["Accept-Encoding": "gzip"], operation: .testDownload)
        #expect(own.value(forHTTPHeaderField: "Accept-Encoding") == "gzip")
    }

    @Test func hasABodyWhereTheMethodUsuallyHasOne() async throws {
        for method in [RingHTTPMethod.post, .put, .patch] {
            #expect(try await self.message(method).httpBody == Data())
        }
        #expect(try await self.message(.post, body: RingHTTPBody("abc")).httpBody == Data("abc".utf8))
    }

    @Test func collectsStreamedBodies() async throws {
        let body = RingHTTPBody(streaming: self.stream(["ab", "c"]))
        #expect(try await self.message(.post, body: body).httpBody == Data("abc".utf8))
        let counted = RingHTTPBody(streaming: self.stream(["ab", "c"]), length: 3)
        #expect(try await self.message(.post, body: counted).httpBody == Data("abc".utf8))
    }

    @Test func limitsStreamedBodies() async throws {
        let error = await #expect(throws: RingError.self) {
            try await self.message(
                .post, body: RingHTTPBody(streaming: self.stream(["abc"])), maximumUploadBytes: 2)
        }
        #expect(error?.code == .invalidArgument && error?.operation == .testRead)
    }

    @Test(arguments: [Int64(2), 4]) func countsStreamedBodies(_ promised: Int64) async throws {
        let error = await #expect(throws: RingError.self) {
            try await self.message(.post, body: RingHTTPBody(streaming: self.stream(["abc"]), length: promised))
        }
        #expect(error?.code == .invalidArgument && error?.delivery == .notSent)
    }

    @Test func reportsSourcesThatFail() async throws {
        struct Broken: Error {}
        let error = await #expect(throws: RingError.self) {
            try await self.message(.post, body: RingHTTPBody(streaming: self.stream(["abc"], failure: Broken())))
        }
        #expect(error?.code == .storageFailed)
        #expect(error?.cause is Broken)
        await #expect(throws: CancellationError.self) {
            let body = RingHTTPBody(streaming: self.stream([], failure: CancellationError()))
            _ = try await self.message(.post, body: body)
        }
    }

    // MARK: Responses

    private func head(_ status: Int, _ fields: [String: String], isHead: Bool = false) throws -> RingHTTPResponseHead {
        let url = try #require(URL(string: "https://a.example"))
        let response = try #require(
            HTTPURLResponse(url: url, statusCode: status, httpVersion: "HTTP/1.1", headerFields: fields))
        return SessionResponse.head(response, isHead: isHead)
    }

    @Test func readsStatusAndFields() throws {
        let head = try self.head(206, ["X-B": "2", "X-A": "1", "Content-Length": "7"])
        #expect(head.status == 206)
        #expect(head.headerFields["x-a"] == "1" && head.headerFields["X-B"] == "2")
        #expect(head.bodyLength == 7)
        #expect(try self.head(200, ["Content-Length": "7"], isHead: true).bodyLength == 0)
    }

    /// URLSession decompresses by itself.
    @Test func describesTheDecompressedBody() throws {
        let head = try self.head(200, ["Content-Encoding": "gzip", "Content-Length": "7"])
        #expect(head.bodyLength == nil)
        #expect(head.headerFields["Content-Encoding"] == nil)
    }

    // MARK: Errors

    @Test(
        arguments: [
            (URLError.Code.cannotFindHost, .hostNotFound, .notSent), (.dnsLookupFailed, .hostNotFound, .notSent),
            (.cannotConnectToHost, .connectionFailed, .notSent), (.notConnectedToInternet, .connectionFailed, .notSent),
            (.secureConnectionFailed, .tlsFailed, .notSent), (.serverCertificateUntrusted, .tlsFailed, .notSent),
            (.clientCertificateRequired, .tlsFailed, .notSent),
            (.appTransportSecurityRequiresSecureConnection, .insecureURL, .notSent), (.timedOut, .timedOut, .unknown),
            (.badServerResponse, .protocolViolation, .unknown), (.cannotParseResponse, .protocolViolation, .unknown),
            (.cannotDecodeContentData, .malformedResponse, .unknown), (.badURL, .invalidArgument, .notSent),
            (.networkConnectionLost, .connectionLost, .unknown), (.unknown, .connectionLost, .unknown),
        ] as [(URLError.Code, RingError.Code, RingError.Delivery)])
    func translatesErrors(_ code: URLError.Code, _ expected: RingError.Code, _ delivery: RingError.Delivery) throws {
        let url = try #require(URL(string: "https://a.example/secret"))
        let original = URLError(code, userInfo: [NSURLErrorFailingURLErrorKey: url])
        let error = SessionResponse.error(original, self.failure, status: nil)
        #expect(error.code == expected && error.delivery == delivery && error.operation == .testRead)
        #expect((error.cause as? RingURLSessionFault)?.code == code.rawValue)
        #expect(!"\(error) \(String(reflecting: error.cause))".contains("secret"))
        // After the head of a response, the request was sent in any case.
        #expect(SessionResponse.error(original, self.failure, status: 200).delivery == .unknown)
        #expect(SessionResponse.error(original, self.failure, status: 200).status == 200)
    }

    @Test func translatesErrorsOfNoKnownKind() {
        struct Other: Error {}
        let error = SessionResponse.error(Other(), self.failure, status: nil)
        #expect(error.code == .connectionLost && error.delivery == .unknown && error.cause == nil)
    }
}
