import RingListener
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct BodyTests {
    @Test func streamsWithALength() async throws {
        let listener = try await RingListener.startRaw { _ in
            RingListenerResponse(status: 200, body: .stream(length: 6, Pieces(["one", "", "two"])))
        }
        let response = try await get(listener.port, "/")
        #expect(response.contains("Content-Length: 6\r\n"))
        #expect(response.hasSuffix("\r\n\r\nonetwo"))
        await listener.stop()
    }

    @Test func cutsTheConnectionWhenTheSourceFails() async throws {
        let listener = try await RingListener.startRaw { _ in
            RingListenerResponse(status: 200, body: .stream(length: nil, Pieces(["half"], fails: true)))
        }
        let response = try await get(listener.port, "/")
        #expect(response.contains("half"))
        #expect(!response.hasSuffix("0\r\n\r\n"))
        await listener.stop()
    }

    @Test func aSlowReaderStopsTheSource() async throws {
        let asked = Counter()
        let piece = String(repeating: "x", count: 1 << 20)
        let listener = try await RingListener.startRaw { _ in
            RingListenerResponse(
                status: 200, body: .stream(length: nil, Pieces(Array(repeating: piece, count: 64), asked: asked)))
        }
        let client = try SocketClient(port: listener.port)
        client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        _ = await client.receive(100)
        // The socket buffers of both sides hold a few megabytes; 64 is far beyond them.
        #expect(asked.value < 32)
        #expect(await client.receiveAll().utf8.count > 60 << 20)
        #expect(asked.value == 65)
        await listener.stop()
    }

    @Test func sendsAPartOfAFile() async throws {
        let path = FileManager.default.temporaryDirectory.path() + "/ring-listener-\(UInt64.random(in: 0 ... .max))"
        try Data("0123456789".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let listener = try await RingListener.startRaw { request in
            let fault: RingListenerResponse.Fault? = request.path == "/cut" ? .cutBody(after: 2) : nil
            return RingListenerResponse(status: 206, body: .file(path: path, offset: 3, length: 4), fault: fault)
        }
        #expect(try await get(listener.port, "/").hasSuffix("\r\n\r\n3456"))
        let cut = try await get(listener.port, "/cut")
        #expect(cut.contains("Content-Length: 4\r\n"))
        #expect(cut.hasSuffix("\r\n\r\n34"))
        await listener.stop()
    }

    @Test func misbehavesOnRequest() async throws {
        let listener = try await RingListener.startRaw { request in
            let fault: RingListenerResponse.Fault =
                switch request.path {
                case "/close": .closeBeforeHeaders
                case "/cut": .cutBody(after: 4)
                case "/long": .contentLength(20)
                case "/short": .contentLength(3)
                default: .slowChunks(size: 3, every: .milliseconds(1))
                }
            return RingListenerResponse(status: 200, body: .bytes(Array("0123456789".utf8)), fault: fault)
        }
        #expect(try await get(listener.port, "/close") == "")
        let cut = try await get(listener.port, "/cut")
        #expect(cut.contains("Content-Length: 10\r\n") && cut.hasSuffix("\r\n\r\n0123"))
        let long = try await get(listener.port, "/long")
        #expect(long.contains("Content-Length: 20\r\n") && long.hasSuffix("\r\n\r\n0123456789"))
        let short = try await get(listener.port, "/short")
        #expect(short.contains("Content-Length: 3\r\n") && short.hasSuffix("\r\n\r\n012"))
        #expect(try await get(listener.port, "/slow").hasSuffix("\r\n\r\n0123456789"))
        await listener.stop()
    }

    @Test func aStalledBodyEndsWithItsClient() async throws {
        let listener = try await RingListener.startRaw { _ in
            RingListenerResponse(status: 200, body: .bytes(Array("0123456789".utf8)), fault: .stall(after: 4))
        }
        do {
            let client = try SocketClient(port: listener.port)
            client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(await client.receive(until: "0123").hasSuffix("0123"))
        }
        await listener.stop()
    }
}
