#if canImport(CRingTestTLS)
import Foundation
import RingTesting
import Testing

/// A process that forks: each side has its own connections, and neither harms the other's.
@Suite(.timeLimit(.minutes(1))) struct RingCurlForkTests {
    /// A request, and how many connections came before the one it came over.
    private struct Seen: Hashable {
        var connection: Int
        var target: String
    }

    /// The thread sanitizer ends processes that fork, unless it is told not to.
    private static let environment = ProcessInfo.processInfo.environment.merging(
        ["TSAN_OPTIONS": "die_after_fork=0"], uniquingKeysWith: { "\($0) \($1)" })

    private func server(_ journal: Journal<Seen>, _ context: TLSContext?) throws -> RawServer {
        let isChildServed = DispatchSemaphore(value: 0)
        return try RawServer { raw in
            func serve(_ read: () throws -> String?, _ write: (String) throws -> Void) throws {
                while let target = try read() {
                    let seen = journal.note(Seen(connection: raw.index, target: target))
                    // The parent's call gets its response at the end, after the child has made its calls.
                    if target == "/held" { isChildServed.wait() }
                    let body = "response \(seen)"
                    try write("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                    if target == "/child" { isChildServed.signal() }
                }
            }
            guard let context else { return try serve({ try raw.readHead()?.target }, { try raw.write($0) }) }
            let tls = try TLSConnection(raw, context)
            func target() throws -> String? {
                try tls.read().map { String(String(decoding: $0, as: UTF8.self).split(separator: " ")[1]) }
            }
            try serve(target) { try tls.write(Array($0.utf8)) }
        }
    }

    @Test(arguments: [false, true]) func usesNothingOfItsParent(_ isSecure: Bool) async throws {
        guard TestCertificates.isAvailable || !isSecure else { return }
        let certificates = isSecure ? try TestCertificates() : nil
        defer { certificates?.remove() }
        let context = try certificates.map { try TLSContext(certificate: $0.issue("IP:127.0.0.1"), key: $0.key) }
        let journal = Journal<Seen>()
        let server = try self.server(journal, context)
        defer { server.stop() }

        let origin = "\(isSecure ? "https" : "http")://127.0.0.1:\(server.port)"
        let process = try ChildProcess(
            ChildProcess.builtPrograms + "/CurlProbe", ["fork", "after", origin, certificates?.authority ?? ""],
            environment: Self.environment, input: nil)
        // The parent has had one response and waits for another. Now it may fork.
        await journal.wait(for: 2)
        process.write(Array("now\n".utf8))
        let outcome = await process.outcome()
        #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
        #expect(
            outcome.outputText.split(separator: "\n") == [
                "first: response 1", "child: response 3", "child: response 4", "the child's status was 0",
                "held: response 2", "last: response 5",
            ])
        // The child's two calls share a connection of its own; the parent goes on over its old one.
        #expect(journal.entries.map(\.target) == ["/first", "/held", "/child", "/child", "/last"])
        #expect(journal.entries.map(\.connection) == [0, 0, 1, 1, 0])
    }

    /// A socket of which a child has a copy does not end when the parent closes it, and must not keep the parent's thread busy.
    @Test func restsAlthoughAChildHoldsCopies() async throws {
        let journal = Journal<String>()
        let isReleased = DispatchSemaphore(value: 0)
        let server = try RawServer { connection in
            guard let target = try connection.readHead()?.target else { return }
            journal.note(target)
            if target == "/held" { isReleased.wait() } else { isReleased.signal() }
            try connection.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        }
        defer { server.stop() }
        let process = try ChildProcess(
            ChildProcess.builtPrograms + "/CurlProbe", ["copies", server.origin], environment: Self.environment,
            input: nil)
        await journal.wait(for: 1)
        process.write(Array("now\n".utf8))
        let outcome = await process.outcome()
        #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
        #expect(outcome.outputText.split(separator: "\n") == ["release: 200", "held: 200", "then: rests"])
    }

    /// Before any task ran, the child needs nothing of its own, not even a thread for its tasks.
    @Test func worksOnBothSidesOfAnEarlyFork() async throws {
        let journal = Journal<Seen>()
        let server = try self.server(journal, nil)
        defer { server.stop() }
        let outcome = try await ChildProcess.run(
            ChildProcess.builtPrograms + "/CurlProbe", ["fork", "before", server.origin, ""],
            environment: Self.environment)
        #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
        #expect(journal.entries.map(\.target) == ["/child", "/child", "/last"])
        #expect(journal.entries.map(\.connection) == [0, 0, 1])
    }
}
#endif
