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

    @Test func losesTheBearerEvenAcrossChunksAndEscapes() async throws {
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

    @Test func leavesASuccessAlone() async throws {
        #expect(try await self.refusal(of: self.request(.devices), status: 200, chunks: ["ab/cd+ef=="]) == "ab/cd+ef==")
    }
}
