import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A TCP client that shows every byte: what a library would tidy up is what these tests look at.
///
/// It blocks on threads of its own: the few that run tasks are needed by the handlers under test.
final class SocketClient: Sendable {
    private let descriptor: Int32

    init(port: Int) throws {
        #if canImport(Glibc)
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #else
        self.descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        _ = unsafe setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(self.descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Refused() }
    }

    struct Refused: Error {}

    deinit { close(self.descriptor) }

    func send(_ text: String) {
        self.send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe systemSend(self.descriptor, buffer.baseAddress, buffer.count)
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Closes this side of the connection.
    func finishSending() { shutdown(self.descriptor, Int32(SHUT_WR)) }

    /// Some bytes; empty at the end of the connection.
    func receive(_ limit: Int = 65536) async -> [UInt8] {
        await offPool { self.receiveNow(limit) }
    }

    private func receiveNow(_ limit: Int = 65536) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = unsafe max(0, recv(self.descriptor, buffer.baseAddress, buffer.count, 0))
        }
    }

    /// Everything up to the end of the connection.
    func receiveAll() async -> String {
        await offPool {
            var all: [UInt8] = []
            while true {
                let piece = self.receiveNow()
                if piece.isEmpty { return String(decoding: all, as: UTF8.self) }
                all += piece
            }
        }
    }

    /// Everything up to and including a text.
    func receive(until end: String) async -> String {
        var all = ""
        while !all.contains(end) {
            let piece = await self.receive()
            if piece.isEmpty { break }
            all += String(decoding: piece, as: UTF8.self)
        }
        return all
    }
}

/// One request on a connection of its own; the whole response.
func exchange(_ port: Int, _ request: String) async throws -> String {
    let client = try SocketClient(port: port)
    client.send(request)
    return await client.receiveAll()
}

func get(_ port: Int, _ target: String) async throws -> String {
    try await exchange(port, "GET \(target) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
}

private func systemSend(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
    unsafe send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
    #else
    unsafe send(descriptor, bytes, count, 0)
    #endif
}

private func offPool<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: work()) }
    }
}
