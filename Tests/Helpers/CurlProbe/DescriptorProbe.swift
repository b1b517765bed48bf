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
        let request = RingCall(url: url, operation: .testRead)
        // What Swift's runtime opens for its first task is open by now.
        try CurlProbe.wait {}

        let taken = Self.takeAll(below: 64)
        // One is left for Swift's pool, which looks at its threads in /proc now and then, and ends the process if it cannot:
        // if the transport has just taken this one, too, it still does.
        if let last = taken.last { close(last) }
        let refused = try CurlProbe.wait(on: self.transport) { try await self.outcome(of: request) }
        for descriptor in taken.dropLast() { close(descriptor) }
        CurlProbe.say("with one left: \(refused)")
        CurlProbe.say(
            "with enough: " + (try CurlProbe.wait(on: self.transport) { try await self.outcome(of: request) }))
    }

    /// Lets the process have so many descriptors, and takes those that are free.
    private static func takeAll(below count: UInt) -> [Int32] {
        var limit = rlimit(rlim_cur: count, rlim_max: count)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        var taken: [Int32] = []
        while true {
            let copy = dup(STDERR_FILENO)
            guard copy >= 0 else { return taken }
            taken.append(copy)
        }
    }

    private func outcome(of request: RingCall) async throws -> String {
        do {
            return try await "status \(self.transport.send(request).status)"
        } catch let error as RingError {
            return "\(error.code), \(error.delivery.rawValue)"
        }
    }
}
