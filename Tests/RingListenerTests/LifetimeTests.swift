import RingListener
import Testing

@Suite struct LifetimeTests {
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
