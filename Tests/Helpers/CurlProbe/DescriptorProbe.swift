import Foundation
import RingCore
import RingCurl
import RingTesting

/// Has a task prefer a transport that cannot begin, because the process may open no more files.
struct DescriptorProbe: Sendable {
    private let transport = RingCurlTransport()

    func run() throws {
        let server = try RawServer { connection in
            while try connection.readHead() != nil { try connection.respond() }
        }
        defer { server.stop() }
        guard let url = URL(string: server.origin) else { return }
        let request = RingHTTPRequest(url: url, operation: .devices)
        // What Swift's runtime opens for its first task is open by now.
        try CurlProbe.wait {}

        var before = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
        var none = before
        none.rlim_cur = 0
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &none)
        let refused = try CurlProbe.wait(on: self.transport) { try await self.outcome(of: request) }
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
        CurlProbe.say("with none left: \(refused)")
        CurlProbe.say(
            "with enough: " + (try CurlProbe.wait(on: self.transport) { try await self.outcome(of: request) }))
    }

    private func outcome(of request: RingHTTPRequest) async throws -> String {
        do {
            return try await "answered \(self.transport.send(request).status)"
        } catch let error as RingError {
            return "\(error.code), \(error.delivery.rawValue)"
        }
    }
}
