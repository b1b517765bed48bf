import Foundation
import RingListener
import RingTesting
import Synchronization
import Testing

/// Clients that hold connections, descriptors or memory: others get their responses nevertheless.
@Suite(.timeLimit(.minutes(2))) struct HeldConnectionTests {
    /// Sends a byte on each connection, five times a second, until it is released.
    private final class Dripper: Sendable {
        private let isDone = Mutex(false)

        init(_ clients: [SocketClient], _ byte: String) {
            Thread.detachNewThread {
                while !self.isDone.withLock({ $0 }) {
                    for client in clients { client.send(byte) }
                    Thread.sleep(forTimeInterval: 0.2)
                }
            }
        }

        func stop() { self.isDone.withLock { $0 = true } }
    }

    /// In the head, in a body of known length, in a chunked body, and in the second head of a connection.
    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: test\r\nX-Slow: ", "x"), ("GET /", "y"),
        ("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5000\r\n\r\n", "z"),
        ("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n", "z"),
        ("GET / HTTP/1.1\r\nHost: test\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\nX-Slow: ", "x"),
    ])
    func clientsThatSendAByteNowAndThenLoseTheirConnections(beginning: String, byte: String) async throws {
        let limits = RingListenerLimits(maximumConnections: 20, idleSeconds: 1)
        let handled = Mutex<Set<String>>([])
        let listener = try await RingListener.startRaw(limits: limits) { request in
            handled.withLock { _ = $0.insert(request.path) }
            return RingListenerResponse(status: 200, contentType: "text/plain", text: request.path)
        }
        let slow = try (0..<20).map { _ in try SocketClient(port: listener.port) }
        for client in slow { client.send(beginning) }
        let dripper = Dripper(slow, byte)
        // It waits in the system's queue until the others are closed.
        #expect(try await get(listener.port, "/next").hasSuffix("/next"))
        for client in slow { _ = await client.receiveAll() }
        dripper.stop()
        // What was cut off is no request.
        #expect(handled.withLock { $0.subtracting(["/"]) } == ["/next"])
        await listener.stop()
    }

    @Test func aHandlerMayTakeLongerThanAHead() async throws {
        let (arrived, go) = (Signal(), Signal())
        let limits = RingListenerLimits(maximumConnections: 2, idleSeconds: 1)
        let listener = try await RingListener.startRaw(limits: limits) { request in
            if request.path == "/slow" {
                arrived.set()
                await go.wait()
            }
            return RingListenerResponse(status: 200, contentType: "text/plain", text: "done")
        }
        let client = try SocketClient(port: listener.port)
        client.send("POST /slow HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nab")
        await arrived.wait()
        // A connection that sends nothing is closed when the time for a head is over, and the handler goes on.
        #expect(try await SocketClient(port: listener.port).receiveAll() == "")
        go.set()
        #expect(await client.receive(until: "done").hasSuffix("done"))
        await listener.stop()
    }

    @Test func aSmallRequestGetsThroughWhileLargeBodiesFillTheBudget() async throws {
        var limits = RingListenerLimits(maximumBodyBytes: 1 << 20)
        limits.maximumBufferedBytes = 4 << 20
        let listener = try await RingListener.startRaw(limits: limits) { request in
            RingListenerResponse(status: 200, contentType: "text/plain", text: "<\(request.body.count)>")
        }
        let half =
            "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 200000\r\n\r\n" + String(repeating: "x", count: 100_000)
        let small = try SocketClient(port: listener.port)
        small.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 6\r\n\r\nabc")
        let large = try (0..<80).map { _ in try SocketClient(port: listener.port) }
        for client in large { client.send(half) }
        small.send("def")
        #expect(await small.receive(until: ">").hasSuffix("<6>"))
        // Those that were not closed are complete: forty fit at the most.
        for client in large { client.send(String(repeating: "y", count: 100_000)) }
        var responses = 0
        for client in large where await client.receive(until: ">").hasSuffix("<200000>") { responses += 1 }
        #expect((1...40).contains(responses))
        // All of the budget is free again.
        let whole = "POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 1048576\r\n\r\n"
        let body = String(repeating: "z", count: 1 << 20)
        #expect(try await exchange(listener.port, whole + body).hasSuffix("<1048576>"))
        await listener.stop()
    }

    /// The last bytes of a body may have arrived when its connection is closed for the budget.
    @Test func aBodyWhoseBeginningWasDroppedIsNoRequest() async throws {
        var limits = RingListenerLimits(maximumBodyBytes: 100_000)
        limits.maximumBufferedBytes = 400_000
        let clock = StallingClock()
        let lengths = Mutex<[[Int]]>([])
        let listener = try await RingListener.startRaw(limits: limits, clock: clock) { request in
            lengths.withLock { $0.append([Int(request.path.dropFirst()) ?? 0, request.body.count]) }
            return RingListenerResponse(status: 200, contentType: "text/plain", text: "<>")
        }
        func open(_ length: Int, sending count: Int) throws -> SocketClient {
            let client = try SocketClient(port: listener.port)
            client.send("POST /\(length) HTTP/1.1\r\nHost: test\r\nContent-Length: \(length)\r\n\r\n")
            client.send(String(repeating: "a", count: count))
            return client
        }
        let largest = try open(100_000, sending: 99_000)
        let others = try (0..<40).map { _ in try open(60_000, sending: 1000) }
        // Responds behind everything that was sent before.
        #expect(try await get(listener.port, "/0").hasSuffix("<>"))
        try await Task.sleep(for: .milliseconds(200))
        clock.isStalled = true
        let trigger = try SocketClient(port: listener.port)
        while !clock.hasStalled { try await Task.sleep(for: .milliseconds(1)) }
        // All of this is there when the engine looks again, so that it closes a connection which it still reads.
        for client in others.prefix(20) { client.send(String(repeating: "b", count: 59_000)) }
        largest.send(String(repeating: "b", count: 1000))
        for client in others.suffix(20) { client.send(String(repeating: "b", count: 59_000)) }
        clock.isStalled = false
        for client in others { _ = await client.receive(until: ">") }
        _ = await largest.receive(until: ">")
        #expect(lengths.withLock { $0.filter { $0[0] != $0[1] } } == [])
        withExtendedLifetime(trigger) {}
        await listener.stop()
    }

    @Test func theBodiesOfClientsThatLeftAreForgotten() async throws {
        var limits = RingListenerLimits(maximumBodyBytes: 1 << 20)
        limits.maximumBufferedBytes = 4 << 20
        let listener = try await RingListener.startRaw(limits: limits) { request in
            var response = RingListenerResponse(
                status: 200, contentType: "text/plain", text: "<\(request.body.count)>")
            // A request that gets no response.
            if request.path == "/close" { response.fault = .closeBeforeHeaders }
            return response
        }
        let part = String(repeating: "x", count: 300_000)
        for round in 0..<60 {
            let path = round.isMultiple(of: 2) ? "/close" : "/"
            let length = round.isMultiple(of: 2) ? 300_000 : 400_000
            let client = try SocketClient(port: listener.port)
            client.send("POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Length: \(length)\r\n\r\n" + part)
            if path == "/close" { #expect(await client.receiveAll() == "") }
        }
        let whole = "POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 1048576\r\n\r\n"
        let body = String(repeating: "z", count: 1 << 20)
        // Until the server has read what the last of them sent, it may close this one instead.
        var response = ""
        for _ in 0..<100 where !response.hasSuffix("<1048576>") {
            response = try await exchange(listener.port, whole + body)
        }
        #expect(response.hasSuffix("<1048576>"))
        await listener.stop()
    }

    /// In the head and in a body; the end comes together with the last bytes.
    @Test(arguments: ["", "GET / HT", "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nab"])
    func clientsThatLeaveHoldNothing(text: String) async throws {
        let limits = RingListenerLimits(maximumConnections: 4, idleSeconds: 0)
        let listener = try await RingListener.startRaw(limits: limits) { request in
            RingListenerResponse(status: 200, contentType: "text/plain", text: "<\(request.body.count)>")
        }
        for _ in 0..<100 { try SocketClient(port: listener.port).send(text) }
        #expect(try await get(listener.port, "/").hasSuffix("<0>"))
        await listener.stop()
    }

    @Test func aClientMayCloseItsSideBehindTheRequest() async throws {
        let (arrived, go) = (Signal(), Signal())
        let listener = try await RingListener.startRaw { request in
            arrived.set()
            await go.wait()
            return RingListenerResponse(status: 200, contentType: "text/plain", text: "<\(request.body.count)>")
        }
        let client = try SocketClient(port: listener.port)
        let body = String(repeating: "x", count: 900_000)
        client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 900000\r\n\r\n" + body)
        client.finishSending()
        await arrived.wait()
        go.set()
        #expect(await client.receiveAll().hasSuffix("<900000>"))
        await listener.stop()
    }

    @Test func stoppingWaitsForNobodyWhoHasNotAsked() async throws {
        let limits = RingListenerLimits(grace: .seconds(1_000))
        let listener = try await RingListener.startRaw(limits: limits) { _ in RingListenerResponse(status: 200) }
        let clients = try ["", "GET / HT", "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nab"].map { text in
            let client = try SocketClient(port: listener.port)
            client.send(text)
            return client
        }
        #expect(try await get(listener.port, "/").hasPrefix("HTTP/1.1 200"))
        await listener.stop()
        for client in clients { #expect(await client.receiveAll() == "") }
        #expect(throws: SocketClient.Refused.self) { try SocketClient(port: listener.port) }
    }

    /// A server in a process of its own.
    private func served(
        descriptors: Int = 0, _ work: (_ port: Int) async throws -> Void
    ) async throws {
        let probe = try ChildProcess(
            ChildProcess.builtPrograms + "/ListenerProbe", ["serve", String(descriptors)], input: nil)
        let line = try #require(await probe.line { $0.hasPrefix("listening ") })
        try await work(try #require(Int(line.dropFirst(10))))
        probe.closeInput()
        #expect(await probe.outcome().ending == .exited(0))
    }

    @Test func halfOpenRequestsLeaveDescriptorsToTheProcess() async throws {
        try await self.served(descriptors: 128) { port in
            let first = try SocketClient(port: port)
            first.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(await first.receive(until: ">").hasSuffix("<0>"))
            let others = try (0..<400).map { _ in try SocketClient(port: port) }
            for client in others { client.send("GET / HT") }
            // The connections that the server accepts are accepted before it reads this.
            for _ in 0..<3 {
                first.send("GET /open HTTP/1.1\r\nHost: test\r\n\r\n")
                let response = await first.receive(until: ">")
                #expect(response.hasSuffix("<16>"), "\(response)")
            }
            withExtendedLifetime(others) {}
        }
    }

    @Test func memoryDoesNotGrowWithUnfinishedBodies() async throws {
        try await self.served { port in
            let first = try SocketClient(port: port)
            // 250 MB, of which 64 MiB may be held, and as many declared.
            let body = [UInt8](repeating: 7, count: 1_000_000)
            let head = Array("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1048576\r\n\r\n".utf8)
            let clients = try (0..<500).map { _ in try SocketClient(port: port) }
            for (index, client) in clients.enumerated() { client.send(index.isMultiple(of: 2) ? head + body : head) }
            // Each response is a round of the server, which reads a piece of every body.
            var peak = 0
            for _ in 0..<100 {
                first.send("GET /memory HTTP/1.1\r\nHost: test\r\n\r\n")
                let response = await first.receive(until: ">")
                peak = max(peak, try #require(Int(response.drop { $0 != "<" }.filter(\.isNumber))))
            }
            #expect(peak < 180_000)
            withExtendedLifetime(clients) {}
        }
    }

    /// `RING_LISTENER_STOPS=5000` tries more.
    @Test func listenersAreStoppedWhileDamagedRequestsArrive() async throws {
        let count = ProcessInfo.processInfo.environment["RING_LISTENER_STOPS"] ?? "500"
        let outcome = try await ChildProcess.run(ChildProcess.builtPrograms + "/ListenerProbe", ["stops", count])
        #expect(outcome.ending == .exited(0))
        #expect(outcome.outputText == "stopped \(count)\n")
    }
}

/// A clock that stops whoever reads it, until it is released.
private final class StallingClock: Clock {
    private let state = Mutex((isStalled: false, hasStalled: false))

    var isStalled: Bool {
        get { self.state.withLock { $0.isStalled } }
        set { self.state.withLock { $0.isStalled = newValue } }
    }

    var hasStalled: Bool { self.state.withLock { $0.hasStalled } }

    var now: ContinuousClock.Instant {
        while self.isStalled {
            self.state.withLock { $0.hasStalled = true }
            Thread.sleep(forTimeInterval: 0.001)
        }
        return ContinuousClock.now
    }

    var minimumResolution: Duration { ContinuousClock().minimumResolution }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        try await ContinuousClock().sleep(until: deadline, tolerance: tolerance)
    }
}
