import Foundation
import RingCore
import RingDevices
import RingJSONAPI
import RingTesting
import Testing

/// The documents beside the tests: one as documented, a sparse one, and one from the future for each resource.
enum Fixture {
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = try #require(URL(string: "Fixtures/", relativeTo: Bundle.module.resourceURL))
        return Array(try Data(contentsOf: folder.appending(path: "\(name).json")))
    }

    static func text(_ name: String) throws -> String { String(decoding: try self.bytes(name), as: UTF8.self) }

    static func response(_ name: String) throws -> RingHTTPResponse { .json(try self.text(name)) }

    /// A client whose every response is a fixture, with what it sends and what its observer sees.
    static func client(
        _ names: String..., observer: any RingObserver = RingSilentObserver()
    ) throws -> (client: RingDevicesClient, transport: StubTransport) {
        let responses = try names.map { try self.response($0) }
        return try self.client(responses, observer: observer)
    }

    static func client(
        _ responses: [RingHTTPResponse], observer: any RingObserver = RingSilentObserver()
    ) throws -> (client: RingDevicesClient, transport: StubTransport) {
        let queue = StubResponses(responses)
        let transport = StubTransport { _ in try await queue.next() }
        return (RingDevicesClient(api: try self.api(transport, observer: observer)), transport)
    }

    static func api(
        _ transport: any RingTransport, observer: any RingObserver = RingSilentObserver()
    ) throws -> RingAPIClient {
        RingAPIClient(
            baseURL: try #require(URL(string: "https://api.amazonvision.com")), account: "account-1",
            transport: transport, environment: RingEnvironment(clock: ManualClock(), observer: observer))
    }
}

actor StubResponses {
    private var responses: ArraySlice<RingHTTPResponse>

    init(_ responses: [RingHTTPResponse]) { self.responses = responses[...] }

    func next() throws -> RingHTTPResponse {
        guard let response = self.responses.popFirst() else {
            throw RingError(code: .misconfigured, message: "more requests were sent than the test has responses for")
        }
        return response
    }
}
