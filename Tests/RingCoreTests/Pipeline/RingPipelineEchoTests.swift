import Foundation
import RingCore
import RingTesting
import Testing

/// A refusal that repeats what it was sent.
struct RingPipelineEchoTests {
    private func refusal(
        of request: RingCall, status: Int = 400, chunks: [String]
    ) async throws -> String {
        let transport = StubTransport { _ in
            let body = AsyncStream<[UInt8]> { continuation in
                for chunk in chunks { continuation.yield(Array(chunk.utf8)) }
                continuation.finish()
            }
            return RingHTTPResponse(status: status, body: RingHTTPBody(streaming: body))
        }
        let response = try await RingPipeline(transport, middlewares: []).send(request)
        return String(decoding: try await response.body.collect(upTo: 1_000), as: UTF8.self)
    }

    private func request(_ operation: RingOperation, body: String = "") throws -> RingCall {
        RingCall(
            method: .post, url: try #require(URL(string: "https://api.example/a?sig=s3cr3t&x=1")),
            headerFields: [.authorization: "Bearer ab/cd+ef=="], body: RingHTTPBody(body), operation: operation)
    }

    @Test func losesTheAccessTokenEvenAcrossChunksAndEscapes() async throws {
        let text = try await self.refusal(
            of: self.request(.devices), chunks: [#"{"detail":"ab/c"#, #"d+ef== ab\/cd+ef== ab%2Fcd%2Bef%3D%3D"}"#])
        #expect(text == #"{"detail":"… … …"}"#)
    }

    @Test func losesTheSecretsOfATokenFormAndNothingElse() async throws {
        let form = "grant_type=refresh_token&refresh_token=r%2Ft&client_id=client&client_secret=a+b%21"
        let text = try await self.refusal(
            of: self.request(.tokenRefresh, body: form), chunks: ["refresh_token client r/t_x a b!"])
        #expect(text == "refresh_token client r/t_x …", "three letters are no secret worth blotting out words for")
        let long = try await self.refusal(
            of: self.request(.codeExchange, body: "code=c%2Fode"), status: 500, chunks: ["c/ode c%2Fode"])
        #expect(long == "… …")
    }

    @Test func losesAPresignedQueryAndTheKeysOfAnOffer() async throws {
        #expect(
            try await self.refusal(of: self.request(.clipDownload), status: 403, chunks: ["no a?sig=s3cr3t&x=1"])
                == "no a?…")
        let offer = "v=0\r\na=ice-pwd:pass/word\r\na=fingerprint:sha-256 AB:CD\r\na=mid:0\r\n"
        #expect(
            try await self.refusal(of: self.request(.startLive, body: offer), chunks: [offer])
                == "v=0\r\na=ice-pwd:…\r\na=fingerprint:…\r\na=mid:0\r\n")
    }

    @Test func losesTheTokenOfAPresignedQueryOnItsOwn() async throws {
        var request = try self.request(.stillDownload)
        request.url = try #require(
            URL(string: "https://media.example/a?security_token=CANARY%2F0123456789&req_type=clip&X-Amz-Expires=300"))
        let text = try await self.refusal(
            of: request, status: 404,
            chunks: ["no token CANARY/0123456789 or CANAR", "Y%2F0123456789 or CANARY\\/0123456789 for a clip of 300"])
        #expect(text == "no token … or … or … for a clip of 300", "short values are no secrets")
    }

    /// Transports that have read the whole body, and those that stream it, quote as much of it.
    @Test func quotesNothingOfALargeBody() async throws {
        let text = Array((String(repeating: "%25 + & \\u0041 ", count: 30_000) + "ab/cd+ef==").utf8)
        let transport = StubTransport { _ in RingHTTPResponse(status: 400, body: RingHTTPBody(text)) }
        let response = try await RingPipeline(transport, middlewares: []).send(self.request(.devices))
        let isDropped = response.body.bytes == Array("…".utf8)
        #expect(isDropped, "\(response.body.length ?? -1) bytes are quoted")
        let small = Array(text.suffix(200_000))
        let redacted = RingPipeline(
            StubTransport { _ in RingHTTPResponse(status: 400, body: RingHTTPBody(small)) }, middlewares: [])
        let bytes = try await redacted.send(self.request(.devices)).body.collect(upTo: 1 << 20)
        let isRedacted = bytes == small.dropLast(10) + Array("…".utf8)
        #expect(isRedacted)
    }

    @Test func leavesASuccessAlone() async throws {
        #expect(try await self.refusal(of: self.request(.devices), status: 200, chunks: ["ab/cd+ef=="]) == "ab/cd+ef==")
    }

    /// Repeats of a secret that are encoded otherwise than it was sent: in part, twice, in lower case, as JSON or HTML escapes.
    @Test(arguments: [
        "r/t:x=1", "r%2Ft%3Ax%3D1", "r%2ft%3ax%3d1", "r/t%3ax=1", "r\\/t:x\\u003d1", "r\\u002ft\\u003Ax\\u003D1",
        "r%252Ft%253ax%253d1", "r%25252Ft:x=1", "r&#47;t:x&#x3d;1", "\\u0072/t:x=1", "%72%2F%74%3a%78%3D%31",
        "r\\u00252Ft:x%3d1", "r%5Cu002ft:x=1",
    ])
    func losesASecretHoweverItIsEncoded(repeated: String) async throws {
        for operation in [RingOperation.tokenRefresh, .codeExchange] {
            let request = try self.request(operation, body: "code=r%2Ft%3Ax%3D1&grant_type=authorization_code")
            let text = try await self.refusal(of: request, chunks: ["{\"detail\":\"bad ", repeated, " sent\"}"])
            #expect(text == "{\"detail\":\"bad … sent\"}")
        }
    }

    @Test(arguments: ["bm9uY2U+Lw==", "bm9uY2U%2BLw%3d%3D", "bm9uY2U\\u002bLw\\u003d\\u003d", "bm9uY2U+Lw%3D="])
    func losesANonce(repeated: String) async throws {
        let text = try await self.refusal(of: self.request(.confirmLink, body: "{}"), chunks: ["no nonce \(repeated)."])
        #expect(text == "no nonce ….")
    }

    @Test func losesASecretThatLooksEncodedItself() async throws {
        let request = try self.request(.codeExchange, body: "code=50%2525off")
        #expect(try await self.refusal(of: request, chunks: ["50%25off 50%off 50%2525off 50 off"]) == "… … … 50 off")
    }

    private static let secret = "Kq7+vX/2mTz9=Lw4pRs8Yb"

    /// Encodings that are rare, or that a server uses for its own logs.
    @Test(arguments: [
        #"Kq7\x2bvX\x2f2mTz9\x3dLw4pRs8Yb"#,
        #"Kq7\053vX\0572mTz9\075Lw4pRs8Yb"#,
        "Kq7%u002bvX%u002f2mTz9%u003dLw4pRs8Yb",
        "Kq7&plus;vX&sol;2mTz9&equals;Lw4pRs8Yb", "Kq7&#000000000043;vX&#x00000002f;2mTz9&#0000000061;Lw4pRs8Yb",
        "Kq7+vX/2mTz9=3DLw4pRs8Yb",
        "=4B=71=37+vX=2F2mTz9=3DLw4pRs8Yb", "KQ7+VX/2MTZ9=LW4PRS8YB", "kq7-vx_2mtz9-lw",
        "Kq7+vX/2m\nTz9=Lw4pRs8Yb", "Kq7+vX/2mTz9=Lw",
        "vX/2mTz9=Lw4pR", "Kq7%25252525252BvX%252525252F2mTz9%3DLw4pRs8Yb",
        "S3E3K3ZYLzJtVHo5PUx3NHBSczhZYg==", "S3E3K3ZYLzJtVHo5PUx3NHBSczhZYg",
        "QmVhcmVyIEtxNyt2WC8ybVR6OT1MdzRwUnM4WWI=",
        "dG9rZW46S3E3K3ZYLzJtVHo5PUx3NHBSczhZYg==", "4b71372b76582f326d547a393d4c7734705273385962",
        "4B:71:37:2B:76:58:2F:32:6D:54:7A:39:3D:4C:77:34:70:52:73:38:59:62",
    ])
    func quotesNoTextThatRepeatsASecretInAnyForm(repeated: String) async throws {
        var request = try self.request(.devices)
        request.headerFields[.authorization] = "Bearer \(Self.secret)"
        let text = try await self.refusal(
            of: request, chunks: [#"{"code":"BAD","detail":"no "#, repeated, #" \" sent"}"#])
        #expect(
            [#"{"code":"BAD","detail":"…"}"#, #"{"code":"BAD","detail":"no … \" sent"}"#].contains(text), "\(text)")
    }

    @Test func aSecretAcrossTwoStringsLosesTheWholeText() async throws {
        var request = try self.request(.devices)
        request.headerFields[.authorization] = "Bearer \(Self.secret)"
        #expect(try await self.refusal(of: request, chunks: [#"{"a":["Kq7+vX/","2mTz9=Lw4pR"]}"#]) == "…")
    }

    @Test func textsThatOnlyResembleASecretRemain() async throws {
        var request = try self.request(.devices)
        request.headerFields[.authorization] = "Bearer \(Self.secret)"
        let text = #"{"detail":"Kq7+vX/2mT is too short, 100% of 2mTz9=Lw4 as well: \x and &unknown; stay"}"#
        #expect(try await self.refusal(of: request, chunks: [text]) == text)
    }

    @Test(arguments: [200, 302, 400, 503])
    func onlyAPlainRequestIDWithoutSecretsIsKept(status: Int) async throws {
        for (id, isKept) in [
            ("8f14e45f-ceea-467f-a8d4-7b6d3f1a0c11", true), ("Root=1-67891233-abcdef012345678912345678", true),
            ("for secret%3dcode", false), (String(repeating: "a", count: 129), false), ("", false), ("ä", false),
            ("a\tb", false), ("secret=codes", false), ("x-SECRET-codes-x", false),
        ] {
            let stub = StubTransport(RingHTTPResponse(status: status, headerFields: [.requestID: id]))
            let call = try self.request(.codeExchange, body: "code=secret%3Dcodes")
            let response = try await RingPipeline(stub, middlewares: []).send(call)
            #expect(response.requestID?.rawValue == (isKept ? id : nil))
        }
    }

    /// The check of a successful response's id finds a run of the access token wherever it stands in either of them.
    @Test func anIDWithARunOfTheAccessTokenIsDropped() async throws {
        let token = "Ab3.dE4-gH5_iJ6~kL7/mN8+oP9"
        let letters = Array(token.filter { $0.isLetter || $0.isNumber })
        func isKept(_ id: String) async throws -> Bool {
            var request = try self.request(.devices)
            request.headerFields[.authorization] = "Bearer \(token)"
            let stub = StubTransport(RingHTTPResponse(status: 200, headerFields: [.requestID: id]))
            return try await RingPipeline(stub, middlewares: []).send(request).requestID != nil
        }
        for start in 0...letters.count - 12 {
            let run = String(letters[start..<start + 12])
            for id in [
                run, run.lowercased(), run.uppercased(), "x-\(run)", "\(run)-x-y",
                run.map { "\($0)" }.joined(separator: "-"), "8f14e45f-ceea-467f-a8d4-\(run)-7b6d3f1a0c11",
            ] { #expect(try await !isKept(id), "\(id)") }
            let almost = "zzzzzzzz-\(run.dropLast())-zzzzzzzz-\(run.dropFirst())"
            #expect(try await isKept(almost), "\(almost)")
        }
    }

    @Test(arguments: [
        ("Bearer short", "a-short-id-of-a-request", true), ("Bearer shortToken", "a-shortToken", false),
        ("Bearer tokenTokenToken", "tokenToken", false), ("Basic", "8f14e45f-ceea-467f-a8d4-7b6d3f1a0c11", true),
        ("", "8f14e45f-ceea-467f-a8d4-7b6d3f1a0c11", true),
        ("Bearer first-second-third", "8f14e45f-ceea-467f-a8d4-7b6d3f1a0c11", true),
    ])
    func shortTokensAndIDsAreComparedAsAWhole(field: String, id: String, isKept: Bool) async throws {
        var request = try self.request(.devices)
        request.headerFields[.authorization] = field.isEmpty ? nil : field
        let stub = StubTransport(RingHTTPResponse(status: 200, headerFields: [.requestID: id]))
        let response = try await RingPipeline(stub, middlewares: []).send(request)
        #expect((response.requestID?.rawValue == id) == isKept)
    }

    /// Responses of token, code and pre-signed calls are not quoted at all: a server may repeat a secret in a form of its own.
    @Test(arguments: [RingOperation.tokenRefresh, .codeExchange, .clipDownload])
    func noTextOfTheResponseIsQuoted(operation: RingOperation) async throws {
        let body = #"{"errors":[{"title":"hunter2 title","detail":"hunter2 detail","code":"hunter2"}]}"#
        for status in [400, 401, 403, 404, 410, 422, 429, 500, 503, 599] {
            let error = await RingError.from(
                .json(body, status: status), operation: operation, clock: RingSystemClock())
            #expect(!error.description.contains("hunter2"))
            #expect(error.status == status)
        }
        let quoted = await RingError.from(.json(body, status: 400), operation: .devices, clock: RingSystemClock())
        #expect(quoted.description.contains("hunter2 detail"))
    }
}
