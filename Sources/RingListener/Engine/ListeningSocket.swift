internal import CRingMicrohttpd

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A bound and listening TCP socket.
struct ListeningSocket {
    var descriptor: Int32
    var port: UInt16
    /// The host as it stands in a URL: an IPv6 address has its brackets.
    var urlHost: String

    init(host: String, port: Int) throws(RingListenerError) {
        guard let wanted = UInt16(exactly: port) else {
            throw RingListenerError(code: .badAddress, message: "port \(port) is not between 0 and 65535")
        }
        let host = host == "localhost" ? "127.0.0.1" : host
        var four = sockaddr_in()
        var six = sockaddr_in6()
        if unsafe inet_pton(AF_INET, host, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = wanted.bigEndian
            self.urlHost = host
            self.descriptor = try unsafe withUnsafePointer(to: &four) { pointer throws(RingListenerError) in
                try unsafe Self.listening(
                    pointer, family: AF_INET, size: MemoryLayout<sockaddr_in>.size, name: "\(host):\(port)")
            }
        } else if unsafe inet_pton(AF_INET6, host, &six.sin6_addr) == 1 {
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = wanted.bigEndian
            self.urlHost = "[\(host)]"
            self.descriptor = try unsafe withUnsafePointer(to: &six) { pointer throws(RingListenerError) in
                try unsafe Self.listening(
                    pointer, family: AF_INET6, size: MemoryLayout<sockaddr_in6>.size, name: "[\(host)]:\(port)")
            }
        } else {
            throw RingListenerError(
                code: .badAddress, message: "\(host) is no numeric address; write 127.0.0.1, ::1 or localhost")
        }
        self.port = Self.boundPort(self.descriptor)
    }

    private static func listening<Address>(
        _ address: UnsafePointer<Address>, family: Int32, size: Int, name: String
    ) throws(RingListenerError) -> Int32 {
        #if canImport(Glibc)
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        let descriptor = socket(family, kind, 0)
        #if !canImport(Glibc)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        #endif
        guard descriptor >= 0 else {
            throw RingListenerError(code: .addressUnavailable, message: "no socket for \(name): errno \(errno)")
        }
        var yes: Int32 = 1
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            unsafe bind(descriptor, generic, socklen_t(size)) == 0
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        guard isBound, listen(descriptor, 511) == 0 else {
            let reason = errno
            close(descriptor)
            let hint = reason == EADDRINUSE ? "another process has it; choose another port or 0" : "errno \(reason)"
            throw RingListenerError(code: .addressUnavailable, message: "cannot listen on \(name): \(hint)")
        }
        return descriptor
    }

    private static func boundPort(_ descriptor: Int32) -> UInt16 {
        var storage = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                _ = unsafe getsockname(descriptor, generic, &size)
            }
            // The port stands at the same place in both families.
            return unsafe UInt16(bigEndian: pointer.pointee.sin6_port)
        }
    }
}

/// The numeric form of a peer's address.
func addressText(_ address: UnsafePointer<sockaddr>?) -> String {
    guard let address = unsafe address else { return "" }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    if unsafe Int32(address.pointee.sa_family) == AF_INET {
        unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { four in
            var value = unsafe four.pointee.sin_addr
            _ = unsafe inet_ntop(AF_INET, &value, &text, socklen_t(text.count))
        }
    } else if unsafe Int32(address.pointee.sa_family) == AF_INET6 {
        unsafe address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { six in
            var value = unsafe six.pointee.sin6_addr
            _ = unsafe inet_ntop(AF_INET6, &value, &text, socklen_t(text.count))
        }
    }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
