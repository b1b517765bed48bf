import RingCore
import RingTesting
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What each fault of the endpoint leaves behind.
@Suite struct StubTokenEndpointFaultTests {
    private func status(_ endpoint: StubTokenEndpoint, _ form: String) async throws -> (status: Int, body: String) {
        let url = try #require(URL(string: "https://oauth.example.com/oauth/token"))
        let call = RingCall(
            method: .post, url: url, body: RingHTTPBody("client_id=app&client_secret=secret&\(form)"),
            operation: .testRead)
        let response = try await endpoint.send(call)
        return (response.status, String(decoding: try await response.body.collect(upTo: 4_096), as: UTF8.self))
    }

    private static let faults: [(fault: StubTokenEndpoint.Fault, rotates: Bool)] = [
        (.responseLost, true), (.responseGarbled, true), (.notSent, false), (.status(500), false),
        (.status(429, body: "slow"), false),
    ]

    @Test(arguments: Self.faults, ["refresh_token", "authorization_code"])
    func aFaultSpendsATokenOnlyWhenTheRequestArrived(
        _ plan: (fault: StubTokenEndpoint.Fault, rotates: Bool), _ grant: String
    ) async throws {
        let endpoint = StubTokenEndpoint()
        endpoint.allow(refreshToken: "a")
        endpoint.allow(code: "a")
        endpoint.fail(plan.fault)
        let form = "grant_type=\(grant)&\(grant == "refresh_token" ? grant : "code")=a"
        do {
            let response = try await self.status(endpoint, form)
            switch plan.fault {
            case .status(let status, let body): #expect(response == (status, body))
            default: #expect(response == (200, "{\"access_token\":"))
            }
        } catch let error as RingError {
            #expect(error.delivery == (plan.rotates ? .unknown : .notSent))
        }
        // The fault is over; what is left is whether the token was spent.
        #expect(try await self.status(endpoint, form).status == (plan.rotates ? 400 : 200))
        #expect(endpoint.forms.count == 2)
        #expect(endpoint.exchanges == (grant == "refresh_token" ? ["a": 1] : [:]))
    }

    @Test func ofManyWhoSpendOneTokenOneSucceeds() async throws {
        let endpoint = StubTokenEndpoint()
        endpoint.allow(refreshToken: "a")
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<32 {
                group.addTask {
                    try await self.status(endpoint, "grant_type=refresh_token&refresh_token=a").status
                }
            }
            return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(statuses == [200: 1, 400: 31])
        #expect(endpoint.exchanges == ["a": 1])
    }

    @Test func anOutagePrecedesPlannedFaults() async throws {
        let endpoint = StubTokenEndpoint()
        endpoint.allow(refreshToken: "a")
        endpoint.fail(.status(418))
        endpoint.setOutage(.status(503))
        let form = "grant_type=refresh_token&refresh_token=a"
        #expect(try await self.status(endpoint, form).status == 503)
        endpoint.setOutage(nil)
        // The planned fault was not used up by the outage.
        #expect(try await self.status(endpoint, form).status == 418)
        #expect(try await self.status(endpoint, form).status == 200)
    }

    @Test(
        arguments: [
            ("", [:]), ("a=1", ["a": "1"]), ("a=1&a=2", ["a": "2"]), ("a=b%26c%3D+d", ["a": "b&c= d"]),
            ("a=&b", ["a": "", "b": ""]),
        ] as [(String, [String: String])])
    func formsAreDecoded(_ text: String, _ expected: [String: String]) {
        #expect(StubTokenEndpoint.form(Array(text.utf8)) == expected)
    }
}
