import Foundation
import RingListener
import RingTesting
import Synchronization
import Testing

/// Clients that send damaged requests and leave: the next client gets its response.
@Suite(.timeLimit(.minutes(1))) struct MangledRequestTests {
    private static let requests = [
        "GET /a%20b?c=d&e HTTP/1.1\r\nHost: test\r\nX-A: b\r\n\r\n",
        "POST /hook HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"data\":null}",
        "POST /hook HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n2;x=y\r\nef\r\n0\r\nX-T: 1\r\n\r\n",
        "HEAD / HTTP/1.0\r\n\r\n",
        "PATCH /x HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
        "GET /1 HTTP/1.1\r\nHost: test\r\n\r\nGET /2 HTTP/1.1\r\nHost: test\r\nCookie: a=b\r\n\r\n",
    ]

    /// `RING_MANGLED_REQUESTS=20000` tries more of them.
    @Test func theNextRequestGetsItsResponse() async throws {
        let count = ProcessInfo.processInfo.environment["RING_MANGLED_REQUESTS"].flatMap { Int($0) } ?? 600
        let handled = Mutex(0)
        let listener = try await RingListener.startRaw { request in
            handled.withLock { $0 += 1 }
            return RingListenerResponse(
                status: 200, contentType: "text/plain", text: "\(request.path) \(request.body.count)")
        }
        for seed in 0..<count {
            var mangler = Mangler(seed: seed)
            try SocketClient(port: listener.port).send(
                mangler.mangle(Array(Self.requests[seed % Self.requests.count].utf8)))
            guard seed.isMultiple(of: 20) else { continue }
            #expect(try await get(listener.port, "/after").hasSuffix("/after 0"))
        }
        // The damage is neither always fatal nor always harmless.
        #expect(handled.withLock { $0 } > count / 10)
        #expect(handled.withLock { $0 } < count)
        await listener.stop()
    }
}
