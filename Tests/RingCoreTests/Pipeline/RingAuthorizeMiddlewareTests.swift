import FoundationEssentials
import RingCore
import RingTesting
import Synchronization
import Testing

@Suite struct RingAuthorizeMiddlewareTests {
    /// Counts how often a new access token was requested.
    final class Tokens: RingTokenProvider {
        let replaced = Mutex<[String]>([])
        func accessToken() async throws -> RingAccessToken { RingAccessToken("first") }
        func accessToken(replacing refused: RingAccessToken) async throws -> RingAccessToken {
            self.replaced.withLock { $0.append(refused.revealed) }
            return RingAccessToken("second")
        }
    }

    private func send(
        _ operation: RingOperation, to text: String = "https://api.example.test/v1/devices",
        tokens: any RingTokenProvider, through stub: StubTransport
    ) async throws -> RingHTTPResponse {
        let origin = try #require(URL(string: "https://api.example.test"))
        let pipeline = RingPipeline(stub, middlewares: [RingAuthorizeMiddleware(tokens: tokens, origin: origin)])
        return try await pipeline.send(
            RingCall(url: try #require(URL(string: text)), operation: operation))
    }

    @Test func a401LeadsToOneRefreshAndOneRepeat() async throws {
        let tokens = Tokens()
        let stub = StubTransport(RingHTTPResponse(status: 401))
        #expect(try await self.send(.devices, tokens: tokens, through: stub).status == 401)
        #expect(stub.requests.map { $0.headerFields[.authorization] } == ["Bearer first", "Bearer second"])
        #expect(tokens.replaced.withLock { $0 } == ["first"])
    }

    @Test(arguments: [(RingOperation.userProfile, 2), (.devices, 1)])
    func a403MeansABadTokenOnlyForUsersMe(operation: RingOperation, sent: Int) async throws {
        let stub = StubTransport(RingHTTPResponse(status: 403))
        _ = try await self.send(operation, tokens: Tokens(), through: stub)
        #expect(stub.requests.count == sent)
    }

    @Test func aFixedTokenLeavesRingsOwnResponse() async throws {
        let stub = StubTransport(RingHTTPResponse(status: 401))
        let tokens = RingFixedToken(RingAccessToken("playground"))
        #expect(try await self.send(.devices, tokens: tokens, through: stub).status == 401)
        #expect(stub.requests.count == 1)
    }

    @Test(arguments: [
        "https://media.example.test/v1/download", "http://api.example.test/v1/devices",
        "https://api.example.test:8443/v1/devices", "https://api.example.test.evil.test/",
    ])
    func theAccessTokenGoesToTheOriginAlone(url: String) async throws {
        let stub = StubTransport(RingHTTPResponse(status: 200))
        let error = await #expect(throws: RingError.self) {
            try await self.send(.devices, to: url, tokens: Tokens(), through: stub)
        }
        #expect(error?.code == .redirectRefused)
        #expect(stub.requests.isEmpty)
    }

    @Test func presignedRequestsCarryNone() async throws {
        let stub = StubTransport(RingHTTPResponse(status: 200))
        _ = try await self.send(
            .clipDownload, to: "https://media.example.test/x?security_token=s", tokens: Tokens(), through: stub)
        #expect(stub.requests.first?.headerFields[.authorization] == nil)
    }
}
