import RingCore
import RingTesting
import RingURLSession
import Testing

/// The suite every transport passes, on real sockets, without the abilities that URLSession does not have.
@Suite(.serialized, .timeLimit(.minutes(3))) struct RingURLSessionConformanceTests {
    #if canImport(FoundationNetworking)
    /// What URLSession of swift-corelibs-foundation 6.3.1 cannot do, and why. Checks of cancellation are not run either: it may
    /// deadlock when tasks are cancelled at the same time, and takes the whole process with it.
    static let failing: [String: String] = [
        "lets a slow reader hold up the server": "a transfer cannot be paused: a suspended task starts over",
        "never repeats what may have had an effect": "it repeats a POST that a kept connection loses",
        "carries 64 calls at once, each with its own response":
            "it gives a connection back after the response, so a busy machine sees more connections than calls",
        "reaches IPv6": "it refuses a URL with an IPv6 address",
        "gives any status as a response": "a 401 with a Basic challenge never completes",
        "reads header fields whatever their case": "a field without a space after its colon fails the response",
        "reads chunked bodies and keeps trailers out of the header": "a trailer ends the process with a fatal error",
        "tells that a connection was closed without a response": "it reports an invalid response",
        "tells that a connection was closed within the head": "it reports an invalid response",
        "tells that a response is not valid HTTP": "it reports an unsupported URL",
    ]
    #else
    static let failing: [String: String] = [:]
    #endif

    @Test(arguments: TransportConformance.checks.filter { Self.failing[$0.name] == nil })
    func conforms(_ check: TransportConformance.Check) async throws {
        try await check.run(TransportConformance(RingURLSessionTransport(), abilities: []))
    }

    @Test func leavesOutOnlyChecksThatExist() {
        #expect(Set(Self.failing.keys).isSubset(of: TransportConformance.checks.map(\.name)))
    }
}
