#if os(Linux)
import Glibc
import RingTesting

/// A port that takes no connection and refuses none: its queue is full, and Linux does not respond to a SYN then.
@safe final class UnansweredPort {
    let port: Int
    private let listening: Int32
    private var waiting: [Int32] = []

    /// - Throws: `RawServerError` when the queue does not fill up.
    init() throws {
        self.listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        let listening = self.listening
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(listening, $0, length) == 0 && listen(listening, 0) == 0
                    && getsockname(listening, $0, &length) == 0
            }
        }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        guard isListening else { throw RawServerError("listening", errno) }
        for _ in 0..<8 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            self.waiting.append(descriptor)
            unsafe withUnsafePointer(to: &address) { pointer in
                _ = unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(descriptor, $0, length)
                }
            }
            var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            // This one is not taken: neither will the next be.
            if unsafe poll(&item, 1, 200) == 0 { return }
        }
        throw RawServerError("filling the queue of a port")
    }

    /// Lets the port go. Until here it stays as it is.
    func close() {
        for descriptor in self.waiting + [self.listening] { _ = Glibc.close(descriptor) }
        self.waiting = []
    }
}
#endif
