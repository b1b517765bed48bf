internal import Foundation
internal import Synchronization

/// Stands between a client and a server on Unix sockets, and can stop forwarding without closing anything: what a network does
/// that is cut.
package final class CutProxy: Sendable {
    package let folder: String
    private let listener: Int32
    private let target: String
    private let state = Mutex(State())

    private struct State {
        var isCut = false
        var isClosed = false
        var descriptors: [Int32] = []
    }

    /// - Parameter server: The folder of the server's socket.
    package init(server: String) throws {
        self.folder = NSTemporaryDirectory() + "ring-proxy-" + UUID().uuidString.prefix(8)
        self.target = server + "/.s.PGSQL.5432"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        self.listener = Self.socket()
        let path = self.folder + "/.s.PGSQL.5432"
        guard unsafe Self.withAddress(path, { unsafe bind(self.listener, $0, $1) }) == 0, listen(self.listener, 64) == 0
        else {
            throw POSIXError(.EADDRINUSE)
        }
        Thread.detachNewThread { self.accept() }
    }

    package var url: String { "postgres:///postgres?host=\(self.folder)&user=ring" }

    /// Nothing goes through any more, in either direction, and nothing is closed.
    package func cut() { self.state.withLock { $0.isCut = true } }

    /// Closes what was cut, and forwards new connections.
    package func mend() {
        let descriptors = self.state.withLock { state in
            state.isCut = false
            defer { state.descriptors = [] }
            return state.descriptors
        }
        for descriptor in descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    package func close() {
        self.state.withLock { $0.isClosed = true }
        self.mend()
        shutdown(self.listener, Int32(SHUT_RDWR))
        try? FileManager.default.removeItem(atPath: self.folder)
    }

    private func accept() {
        while true {
            let client = Glibc.accept(self.listener, nil, nil)
            guard client >= 0 else { return }
            let server = Self.socket()
            let isUsable = self.state.withLock { state in
                state.descriptors += [client, server]
                return !state.isClosed
            }
            guard isUsable, unsafe Self.withAddress(self.target, { unsafe connect(server, $0, $1) }) == 0 else {
                _ = (Glibc.close(client), Glibc.close(server))
                continue
            }
            Thread.detachNewThread { self.forward(client, server) }
            Thread.detachNewThread { self.forward(server, client) }
        }
    }

    private func forward(_ source: Int32, _ target: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(source, &buffer, buffer.count)
            guard count > 0 else { break }
            // Swallowed: the sender believes that it was sent.
            if self.state.withLock({ $0.isCut }) { continue }
            guard unsafe send(target, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        shutdown(target, Int32(SHUT_RDWR))
    }

    private static func socket() -> Int32 { Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }

    private static func withAddress<Value>(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8.prefix(107)) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
