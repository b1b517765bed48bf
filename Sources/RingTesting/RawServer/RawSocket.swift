#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The few socket calls the raw server needs, with the differences between the systems' headers in one place.
enum RawSocket {
    #if canImport(Glibc)
    static let stream = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    #else
    static let stream = SOCK_STREAM
    #endif

    #if canImport(Darwin)
    static let sendFlags: Int32 = 0
    #else
    static let sendFlags = Int32(MSG_NOSIGNAL)
    #endif

    /// Opens a listening socket on a free port of a loopback address.
    static func listen(ipv6: Bool, backlog: Int32) throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(ipv6 ? AF_INET6 : AF_INET, Self.stream, 0)
        guard descriptor >= 0 else { throw RawServerError("socket", errno) }
        // A child process that inherits a socket would keep the connection open after it was closed here.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var on: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        do {
            if ipv6 {
                var address = sockaddr_in6()
                address.sin6_family = sa_family_t(AF_INET6)
                address.sin6_addr = in6addr_loopback
                try Self.bind(descriptor, &address)
                guard cListen(descriptor, backlog) == 0 else { throw RawServerError("listen", errno) }
                return (descriptor, Int(UInt16(bigEndian: try Self.name(descriptor, sockaddr_in6()).sin6_port)))
            }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            try Self.bind(descriptor, &address)
            guard cListen(descriptor, backlog) == 0 else { throw RawServerError("listen", errno) }
            return (descriptor, Int(UInt16(bigEndian: try Self.name(descriptor, sockaddr_in()).sin_port)))
        } catch {
            Self.close(descriptor)
            throw error
        }
    }

    /// Waits for a client; `nil` once the listening socket was shut down.
    static func accept(_ listening: Int32) -> Int32? {
        while true {
            let descriptor = cAccept(listening)
            if descriptor >= 0 {
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                var on: Int32 = 1
                unsafe setsockopt(
                    descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
                #if canImport(Darwin)
                unsafe setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
                #endif
                return descriptor
            }
            guard errno == EINTR || errno == ECONNABORTED else { return nil }
        }
    }

    /// Reads what there is, waiting for the first byte; 0 at the end, negative when the connection broke.
    static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            let count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 || errno != EINTR { return count }
        }
    }

    /// Writes all of it; waits while the socket's buffer is full.
    static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe send(
                descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Self.sendFlags)
            if count > 0 { sent += count } else if count == 0 || errno != EINTR { return false }
        }
        return true
    }

    /// Wakes whoever reads or accepts on it.
    static func wake(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Says that nothing more will be written.
    static func finishWriting(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    static func close(_ descriptor: Int32) { _ = cClose(descriptor) }

    /// Asks for the state of the connection; bytes that wait are left where they are.
    static func isPeerConnected(_ descriptor: Int32) -> Bool {
        #if canImport(Darwin)
        var poll = pollfd(fd: descriptor, events: 0, revents: 0)
        let isHungUp = unsafe Darwin.poll(&poll, 1, 0) > 0 && poll.revents & Int16(POLLHUP | POLLERR) != 0
        #else
        // POLLRDHUP, which the C library shows to GNU sources alone.
        var item = pollfd(fd: descriptor, events: 0x2000, revents: 0)
        let isHungUp = unsafe poll(&item, 1, 0) > 0
        #endif
        return !isHungUp
    }

    static func pause(milliseconds: Int) { usleep(UInt32(clamping: milliseconds * 1_000)) }

    /// Makes the next close send a reset in place of an orderly end.
    static func resetOnClose(_ descriptor: Int32) {
        var value = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }

    private static func bind<Address>(_ descriptor: Int32, _ address: inout Address) throws {
        let failed = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe cBind(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard failed == 0 else { throw RawServerError("bind", errno) }
    }

    private static func name<Address>(_ descriptor: Int32, _ empty: Address) throws -> Address {
        var address = empty
        var length = socklen_t(MemoryLayout<Address>.size)
        let failed = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        guard failed == 0 else { throw RawServerError("getsockname", errno) }
        return address
    }
}

// The C functions whose names the type above hides.
private func cListen(_ descriptor: Int32, _ backlog: Int32) -> Int32 { listen(descriptor, backlog) }
private func cAccept(_ descriptor: Int32) -> Int32 { accept(descriptor, nil, nil) }
private func cClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
private func cBind(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    unsafe bind(descriptor, address, length)
}
