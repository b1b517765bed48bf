internal import RingCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Sends datagrams to one host, and never waits: what a full socket does not take is lost, as on a network.
final class UDPSocket {
    private let descriptor: Int32
    private var address = sockaddr_storage()
    private let addressSize: socklen_t
    /// The address that the host has, as text.
    let addressText: String
    private let name: String
    private var hasSent = false
    /// The datagrams that could not be sent.
    private(set) var droppedCount = 0

    /// - Parameter host: A name or an address; resolving a name blocks.
    /// - Throws: `RingError` with `hostNotFound` or `connectionFailed`.
    init(host: String, port: Int) throws(RingError) {
        self.name = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        var hints = unsafe addrinfo()
        #if canImport(Glibc)
        unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        #else
        unsafe hints.ai_socktype = SOCK_DGRAM
        #endif
        var found: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, String(port), &hints, &found)
        defer { unsafe freeaddrinfo(found) }
        guard status == 0, let first = unsafe found?.pointee, let firstAddress = unsafe first.ai_addr else {
            throw RingError(code: .hostNotFound, message: "RTP to \(self.name): the host has no address")
        }
        self.addressSize = unsafe first.ai_addrlen
        unsafe withUnsafeMutableBytes(of: &self.address) { storage in
            unsafe storage.copyBytes(
                from: UnsafeRawBufferPointer(start: firstAddress, count: min(Int(first.ai_addrlen), storage.count)))
        }
        var text = [CChar](repeating: 0, count: 100)
        unsafe getnameinfo(
            firstAddress, first.ai_addrlen, &text, socklen_t(text.count), nil, 0, Int32(NI_NUMERICHOST))
        self.addressText = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.descriptor = unsafe socket(first.ai_family, first.ai_socktype, first.ai_protocol)
        guard self.descriptor >= 0 else {
            throw RingError(code: .connectionFailed, message: "RTP to \(self.name): no socket can be made (\(errno))")
        }
        _ = fcntl(self.descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(self.descriptor, F_SETFL, fcntl(self.descriptor, F_GETFL) | O_NONBLOCK)
    }

    deinit { if self.descriptor >= 0 { close(self.descriptor) } }

    /// Sends one datagram.
    ///
    /// - Parameter offset: What the port is more than the one of the initialiser.
    /// - Returns: Whether it was sent.
    /// - Throws: `RingError` with `connectionFailed` when the first one cannot be sent for another reason than a full socket.
    func send(_ bytes: [UInt8], portOffset offset: UInt16 = 0) throws(RingError) -> Bool {
        var address = self.address
        // The port is at the same place for IPv4 and IPv6.
        unsafe withUnsafeMutableBytes(of: &address) { bytes in
            let port = unsafe UInt16(bytes[2]) << 8 | UInt16(bytes[3]) &+ offset
            unsafe (bytes[2], bytes[3]) = (UInt8(port >> 8), UInt8(port & 0xFF))
        }
        var result: Int
        repeat {
            result = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    unsafe sendto(self.descriptor, bytes, bytes.count, 0, pointer, self.addressSize)
                }
            }
        } while result < 0 && errno == EINTR
        if result >= 0 {
            self.hasSent = true
        } else if self.hasSent || errno == EAGAIN || errno == ENOBUFS {
            self.droppedCount += 1
        } else {
            throw RingError(
                code: .connectionFailed,
                message: "RTP to \(self.name): \(unsafe String(cString: strerror(errno))); check address and route")
        }
        return result >= 0
    }
}
