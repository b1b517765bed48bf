import RingListener
import Testing

@Suite(.timeLimit(.minutes(1))) struct LifetimeTests {
    @Test func stopLetsARequestFinish() async throws {
        let (arrived, go) = (Signal(), Signal())
        let listener = try await RingListener.startRaw(limits: RingListenerLimits(grace: .seconds(30))) { _ in
            arrived.set()
            await go.wait()
            return RingListenerResponse(status: 200, contentType: "text/plain", text: "finished")
        }
        let client = try SocketClient(port: listener.port)
        client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        await arrived.wait()
        async let first: Void = listener.stop()
        async let second: Void = listener.stop()
        go.set()
        _ = await (first, second)
        await listener.stop()
        #expect(await client.receiveAll().hasSuffix("finished"))
        #expect(throws: SocketClient.Refused.self) { try SocketClient(port: listener.port) }
    }

    @Test func stopCutsOffWhoeverStaysTooLong() async throws {
        let (arrived, never) = (Signal(), Signal())
        let listener = try await RingListener.startRaw(limits: RingListenerLimits(grace: .milliseconds(1))) { request in
            guard request.path == "/stuck" else {
                return RingListenerResponse(status: 200, body: .bytes([1, 2, 3]), fault: .stall(after: 1))
            }
            arrived.set()
            await never.wait()
            return RingListenerResponse(status: 200)
        }
        let stuck = try SocketClient(port: listener.port)
        stuck.send("GET /stuck HTTP/1.1\r\nHost: test\r\n\r\n")
        let stalled = try SocketClient(port: listener.port)
        stalled.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        _ = await stalled.receive(until: "\u{1}")
        await arrived.wait()
        await listener.stop()
        #expect(await stalled.receiveAll() == "")
        never.set()
    }

    @Test func aHandlerIsCancelledWhenItsClientLeaves() async throws {
        let (arrived, cancelled) = (Signal(), Signal())
        let listener = try await RingListener.startRaw { _ in
            await withTaskCancellationHandler {
                arrived.set()
                await cancelled.wait()
            } onCancel: {
                cancelled.set()
            }
            return RingListenerResponse(status: 200)
        }
        do {
            let client = try SocketClient(port: listener.port)
            client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            await arrived.wait()
        }
        await cancelled.wait()
        await listener.stop()
    }

    /// Clients that close their side behind the request, as `nc -N` does, and that all wait at the same time.
    @Test(arguments: [60, 0]) func clientsThatHaveClosedTheirSideGetResponses(idleSeconds: Int) async throws {
        let gate = Gate(count: 48)
        let listener = try await RingListener.startRaw(limits: RingListenerLimits(idleSeconds: idleSeconds)) {
            request in
            await gate.pass()
            let text = String(repeating: "x", count: request.body.count)
            guard request.path == "/stream" else {
                return RingListenerResponse(status: 200, contentType: "text/plain", text: text + ".")
            }
            return RingListenerResponse(status: 200, body: .stream(length: nil, Pieces([text, "."])))
        }
        var clients: [SocketClient] = []
        for number in 0..<48 {
            let client = try SocketClient(port: listener.port)
            let (path, size) = (number.isMultiple(of: 2) ? "/" : "/stream", number * 2000)
            client.send("POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Length: \(size)\r\n\r\n")
            client.send([UInt8](repeating: UInt8(ascii: "y"), count: size))
            client.finishSending()
            clients.append(client)
        }
        for (number, client) in clients.enumerated() {
            let response = await client.receiveAll()
            #expect(response.hasPrefix("HTTP/1.1 200 "), "client \(number)")
            let end = number.isMultiple(of: 2) ? "." : "\r\n0\r\n\r\n"
            #expect(response.hasSuffix(end), "client \(number)")
            #expect(response.utf8.count > number * 2000, "client \(number)")
        }
        await listener.stop()
    }

    /// A client that closed its side before the response is watched all the same: its stream ends when it has left.
    @Test func aStreamToAClientThatHasLeftEnds() async throws {
        let alive = Counter()
        let go = Signal()
        let listener = try await RingListener.startRaw { _ in
            await go.wait()
            let piece = String(repeating: "x", count: 10_000)
            return RingListenerResponse(
                status: 200,
                body: .stream(length: nil, Pieces(Array(repeating: piece, count: 100_000), token: Token(alive))))
        }
        do {
            let client = try SocketClient(port: listener.port)
            client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            client.finishSending()
            go.set()
            #expect(await client.receive(until: "xxx").contains("HTTP/1.1 200 "))
        }
        while alive.value > 0 { await Task.yield() }
        await listener.stop()
    }

    /// A request that waited has the same time to be silent afterwards as any other.
    @Test func aConnectionThatWaitedIsClosedWhenItIsSilent() async throws {
        let listener = try await RingListener.startRaw(limits: RingListenerLimits(idleSeconds: 1)) { _ in
            RingListenerResponse(status: 204)
        }
        let client = try SocketClient(port: listener.port)
        client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(await client.receiveAll().hasPrefix("HTTP/1.1 204 "))
        await listener.stop()
    }

    @Test func aDroppedListenerEndsItsResponses() async throws {
        let (alive, never) = (Counter(), Signal())
        let (waiting, streaming): (SocketClient, SocketClient)
        do {
            let listener = try await RingListener.startRaw { request in
                let token = Token(alive)
                if request.path == "/waiting" { await never.wait() }
                return RingListenerResponse(
                    status: 200, body: .stream(length: 10, Pieces(["a"], fails: false, token: token)),
                    fault: .stall(after: 1))
            }
            (waiting, streaming) = (try SocketClient(port: listener.port), try SocketClient(port: listener.port))
            waiting.send("GET /waiting HTTP/1.1\r\nHost: test\r\n\r\n")
            streaming.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(await streaming.receive(until: "\r\n\r\na").hasSuffix("a"))
        }
        #expect(await streaming.receiveAll() == "")
        // It got 503, or nothing when its request was not read before.
        #expect(["", "HTTP/1.1 503"].contains(await waiting.receiveAll().prefix(12)))
        never.set()
    }

    @Test func aDroppedListenerFreesItsPort() async throws {
        let port: Int
        do {
            let listener = try await RingListener.startRaw { _ in RingListenerResponse(status: 200) }
            port = listener.port
            #expect(try await get(port, "/").hasPrefix("HTTP/1.1 200"))
        }
        var isFree = false
        while !isFree {
            if let next = try? await RingListener.startRaw(port: port, handler: { _ in .init(status: 200) }) {
                await next.stop()
                isFree = true
            }
        }
    }
}
