import Dispatch
import RingJSONAPI

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Sends bytes as they are and returns what comes back: for `Host` headers that no client library sends.
enum RawExchange {
    /// Sends a text to a port of this machine and reads until the connection ends, on a thread of its own.
    static func run(port: Int, _ text: String) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "raw exchange").async { continuation.resume(returning: Self.blocking(port, text)) }
        }
    }

    private static func blocking(_ port: Int, _ text: String) -> String {
        #if canImport(Glibc)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { return "" }
        let bytes = Array(text.utf8)
        guard unsafe bytes.withUnsafeBytes({ unsafe send(descriptor, $0.baseAddress, $0.count, 0) }) == bytes.count
        else { return "" }
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += piece.prefix(count)
        }
    }
}

extension JSONAPIValue {
    /// An element of an array, if it has so many.
    func at(_ index: Int) -> JSONAPIValue? { self.elements.dropFirst(index).first }
}
