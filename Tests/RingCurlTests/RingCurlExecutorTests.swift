import Foundation
import RingCore
import RingCurl
import RingTesting
import Testing

/// Tasks that run on the transport's thread.
@Suite(.timeLimit(.minutes(3))) struct RingCurlExecutorTests {
    /// The thread it is called on.
    private static func thread() -> String { "\(pthread_self())" }

    private actor Counter {
        private(set) var threads: Set<String> = []

        func note(_ threads: Set<String>) {
            self.threads.formUnion(threads)
            self.threads.insert(RingCurlExecutorTests.thread())
        }
    }

    private func server() throws -> RawServer {
        try RawServer { connection in
            while let head = try connection.readHead() {
                if head.target == "/never" {
                    connection.waitUntilClosed()
                } else {
                    try connection.respond(body: [1, 2])
                }
            }
        }
    }

    private func get(_ server: RawServer, _ path: String = "", over transport: RingCurlTransport) async throws -> Int {
        let url = try #require(URL(string: server.origin + path))
        return try await transport.send(RingCall(url: url, operation: .testRead)).body.collect(upTo: 2).count
    }

    @Test func keepsManyTasksAndTheirActorsOnOneThread() async throws {
        let server = try self.server()
        defer { server.stop() }
        let transport = RingCurlTransport()
        let counter = Counter()
        let sum = try await withTaskExecutorPreference(transport) {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        var (sum, threads) = (0, Set<String>())
                        for _ in 0..<20 {
                            threads.insert(Self.thread())
                            sum += try await self.get(server, over: transport)
                            threads.insert(Self.thread())
                        }
                        await counter.note(threads)
                        return sum
                    }
                }
                return try await group.reduce(0, +)
            }
        }
        #expect(sum == 16 * 20 * 2)
        #expect(await counter.threads.count == 1)
    }

    /// A task that stays here forever, in steps, leaves the network its turn.
    @Test func servesTheNetworkBesideABusyTask() async throws {
        let server = try self.server()
        defer { server.stop() }
        let transport = RingCurlTransport()
        let busy = Task(executorPreference: transport) { while !Task.isCancelled { await Task.yield() } }
        for _ in 0..<20 { #expect(try await self.get(server, over: transport) == 2) }
        busy.cancel()
        await busy.value
    }

    @Test func cancelsACallOfItsOwnTask() async throws {
        let server = try self.server()
        defer { server.stop() }
        let transport = RingCurlTransport()
        let task = Task(executorPreference: transport) { try await self.get(server, "/never", over: transport) }
        while server.openConnections == 0 { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    /// The task is what keeps its executor; the thread that runs its end is the one that lets go of it.
    @Test func isKeptByItsTasks() async throws {
        let server = try self.server()
        defer { server.stop() }
        for _ in 0..<50 {
            let gate = Journal<Void>()
            weak var trace: RingCurlTransport?
            let task: Task<Int, any Error>
            do {
                let transport = RingCurlTransport()
                trace = transport
                task = Task(executorPreference: transport) {
                    await gate.wait(for: 1)
                    return 7
                }
                _ = try await self.get(server, over: transport)
            }
            #expect(trace != nil)
            gate.note(())
            #expect(try await task.value == 7)
        }
    }

    /// Everything a transport must do, asked for by tasks that keep its thread busy themselves.
    @Test(arguments: TransportConformance.checks)
    func conforms(_ check: TransportConformance.Check) async throws {
        let transport = RingCurlTransport()
        try await withTaskExecutorPreference(transport) { try await check.run(TransportConformance(transport)) }
    }

    #if os(Linux)
    @Test func saysWhatIsWrongWhenItHasNoThread() async throws {
        // Swift's pool may end such a process at a bad moment, by an illegal instruction. Then there is nothing to see.
        var outcome = try await ChildProcess.run(ChildProcess.builtPrograms + "/CurlProbe", ["descriptors"])
        for _ in 0..<20 where outcome.ending == .signalled(SIGILL) {
            outcome = try await ChildProcess.run(ChildProcess.builtPrograms + "/CurlProbe", ["descriptors"])
        }
        #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
        #expect(
            outcome.outputText.split(separator: "\n") == [
                "with one left: misconfigured, notSent", "with enough: status 200",
            ])
    }
    #endif
}
