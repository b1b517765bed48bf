import RingCore
import RingTesting
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct StubTransportTests {
    private func request(_ target: String) throws -> RingCall {
        RingCall(
            method: .get, url: try #require(URL(string: "https://api.example.com\(target)")),
            operation: .testRead)
    }

    @Test func respondsInOrderAndRepeatsTheLastResponse() async throws {
        let transport = StubTransport(.json(#"{"data":[]}"#), RingHTTPResponse(status: 503))
        var statuses: [Int] = []
        for _ in 0..<3 { statuses.append(try await transport.send(self.request("/v1/devices")).status) }
        #expect(statuses == [200, 503, 503])
        #expect(transport.requests.count == 3)
    }

    @Test func withoutResponsesEveryCallFails() async throws {
        let error = await #expect(throws: RingError.self) { try await StubTransport().send(self.request("/")) }
        #expect(error?.code == .misconfigured)
    }

    @Test func keepsTheTargetsAsTheyStandInARequestLine() async throws {
        let transport = StubTransport(RingHTTPResponse(status: 200))
        for target in ["/v1/devices?include=status,location", "/v1/devices/a%2Fb", ""] {
            _ = try await transport.send(self.request(target))
        }
        #expect(transport.targets == ["/v1/devices?include=status,location", "/v1/devices/a%2Fb", "/"])
    }

    @Test func aFunctionCanFailAndTheRequestIsKept() async throws {
        struct Down: Error {}
        let transport = StubTransport { _ in throw Down() }
        await #expect(throws: Down.self) { try await transport.send(self.request("/v1/users/me")) }
        #expect(transport.targets == ["/v1/users/me"])
    }

    @Test func aJSONResponseHasAContentTypeUnlessOneIsGiven() {
        #expect(RingHTTPResponse.json("{}").headerFields[.contentType] == "application/json")
        let other = RingHTTPResponse.json("{}", status: 400, headerFields: ["Content-Type": "application/problem+json"])
        #expect(other.status == 400)
        #expect(other.headerFields[.contentType] == "application/problem+json")
    }
}
