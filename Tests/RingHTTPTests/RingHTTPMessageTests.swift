import FoundationEssentials
import RingHTTP
import Testing

@Suite struct RingHTTPFieldsTests {
    @Test func namesCompareWithoutCaseAndKeepTheirSpelling() {
        var fields: RingHTTPFields = ["content-TYPE": "a", .accept: "b"]
        #expect(fields[.contentType] == "a" && fields["ACCEPT"] == "b" && fields[.date] == nil)
        #expect(fields.first?.name.rawName == "content-TYPE")
        fields.append(RingHTTPField(name: "X", value: "1"))
        fields.append(RingHTTPField(name: "x", value: "2"))
        #expect(fields["X"] == "1, 2" && fields[values: "x"] == ["1", "2"])
        fields["x"] = "3"
        #expect(fields["X"] == "3" && fields.count == 3)
        fields["x"] = nil
        #expect(fields.count == 2 && fields["X"] == nil)
    }
}

@Suite struct RingHTTPBodyTests {
    private struct Chunks: AsyncSequence, AsyncIteratorProtocol {
        var chunks: [[UInt8]]
        func makeAsyncIterator() -> Self { self }
        mutating func next() async throws -> [UInt8]? { self.chunks.isEmpty ? nil : self.chunks.removeFirst() }
    }

    @Test func aBodyInMemoryIsReadAnyNumberOfTimes() async throws {
        let body = RingHTTPBody("abc")
        for _ in 0..<2 { #expect(try await body.collect(upTo: 3) == Array("abc".utf8)) }
        var chunks: [[UInt8]] = []
        for try await chunk in body { chunks.append(chunk) }
        #expect(chunks == [Array("abc".utf8)] && body.length == 3)
        for try await _ in RingHTTPBody.empty { Issue.record("an empty body has no chunk") }
    }

    @Test func chunksAreJoined() async throws {
        let body = RingHTTPBody(streaming: Chunks(chunks: [[1], [2, 3], [4]]))
        #expect(body.length == nil && body.bytes == nil)
        #expect(try await body.collect(upTo: 4) == [1, 2, 3, 4])
        #expect(try await RingHTTPBody(streaming: Chunks(chunks: [[1, 2]]), length: 2).collect(upTo: 2) == [1, 2])
    }

    @Test(arguments: [
        RingHTTPBody([1, 2, 3]), RingHTTPBody(streaming: Chunks(chunks: [[1], [2, 3]])),
        RingHTTPBody(streaming: Chunks(chunks: [[1], [2, 3]]), length: 3),
    ])
    func aBodyOverTheLimitIsAnError(body: RingHTTPBody) async throws {
        let error = await #expect(throws: RingHTTPError.self) { try await body.collect(upTo: 2) }
        #expect(error?.code == .bodyTooLarge)
        #expect(error?.description.contains("2 bytes") == true)
    }
}

@Suite struct RingHTTPMessageTests {
    @Test func descriptionsShowNoPathFieldOrBody() throws {
        let url = try #require(URL(string: "https://api.example.test/secret?secret=1"))
        let request = RingHTTPRequest(
            method: .post, url: url, headerFields: ["X-S": "secret"], body: RingHTTPBody("secret"))
        let response = RingHTTPResponse(
            status: 303, headerFields: [.location: "secret"], body: RingHTTPBody("secret"))
        var text = "\(request) \(response) \(String(reflecting: request))"
        dump(request, to: &text)
        dump(response, to: &text)
        #expect(!text.contains("secret"))
        #expect(text.contains("POST at api.example.test") && text.contains("status 303"))
    }

    @Test(arguments: [
        ("application/json", "application/json"), ("Text/HTML; charset=utf-8", "text/html"),
        (" application/sdp ", "application/sdp"), (nil, nil),
    ])
    func theMediaTypeHasNoParameters(field: String?, type: String?) {
        var response = RingHTTPResponse(status: 200)
        response.headerFields[.contentType] = field
        #expect(response.mediaType == type)
    }

    @Test func aMethodIsItsSpelling() {
        #expect(RingHTTPMethod(rawValue: "PATCH") == .patch && "\(RingHTTPMethod.get)" == "GET")
        #expect(RingHTTPMethod(rawValue: "get") != .get)
    }
}
