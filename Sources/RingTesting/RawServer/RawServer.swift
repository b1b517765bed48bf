internal import Synchronization

/// A server on loopback that sends exactly the bytes that its handler writes, valid HTTP or not.
///
/// For tests of what clients do when a server misbehaves: cut bodies, resets, stalls, floods. Each connection has a
/// thread of its own, so the handler may block.
///
/// ```swift
/// let server = try RawServer { connection in
///     guard try connection.readHead() != nil else { return }
///     try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
/// }
/// defer { server.stop() }
/// ```
public final class RawServer: Sendable {
    /// The port, chosen by the system.
    public let port: Int
    /// Scheme, host and port: `http://127.0.0.1:41234`.
    public let origin: String
    private let listening: Int32
    private let state = Mutex(State())

    private struct State {
        var open: [Int: RawConnection] = [:]
        var accepted = 0
        var isStopped = false
    }

    /// Starts listening on a free port.
    ///
    /// - Parameters:
    ///   - ipv6: Listens on `::1` in place of `127.0.0.1`.
    ///   - backlog: How many connections may wait to be accepted.
    ///   - handler: Speaks with one client, on that connection's thread. The connection is closed when it returns or
    ///     throws.
    /// - Throws: An error when there is no socket to be had, such as without IPv6.
    public init(
        ipv6: Bool = false, backlog: Int = 256, handler: @escaping @Sendable (RawConnection) throws -> Void
    ) throws {
        let (descriptor, port) = try RawSocket.listen(ipv6: ipv6, backlog: Int32(clamping: backlog))
        self.listening = descriptor
        self.port = port
        self.origin = "http://\(ipv6 ? "[::1]" : "127.0.0.1"):\(port)"
        let isStarted = RawThread.start { [self] in
            while let client = RawSocket.accept(descriptor) { self.serve(client, handler) }
            RawSocket.close(descriptor)
        }
        guard isStarted else {
            RawSocket.close(descriptor)
            throw RawServerError("starting a thread")
        }
    }

    /// How many connections were accepted so far.
    package var acceptedConnections: Int { self.state.withLock { $0.accepted } }

    /// How many connections are open now.
    package var openConnections: Int { self.state.withLock { $0.open.count } }

    /// Stops listening and ends every connection. Handlers that wait in a read or write are woken.
    public func stop() {
        let open: [RawConnection]? = self.state.withLock { state in
            guard !state.isStopped else { return nil }
            state.isStopped = true
            return Array(state.open.values)
        }
        guard let open else { return }
        RawSocket.wake(self.listening)
        for connection in open { connection.wake() }
    }

    private func serve(_ descriptor: Int32, _ handler: @escaping @Sendable (RawConnection) throws -> Void) {
        let connection: RawConnection? = self.state.withLock { state in
            guard !state.isStopped else { return nil }
            let connection = RawConnection(descriptor: descriptor, index: state.accepted)
            state.accepted += 1
            state.open[connection.index] = connection
            return connection
        }
        guard let connection else { return RawSocket.close(descriptor) }
        let isStarted = RawThread.start { [self] in
            // A handler that throws met a client that went away: that is what many tests are about.
            try? handler(connection)
            connection.close()
            self.state.withLock { _ = $0.open.removeValue(forKey: connection.index) }
        }
        if !isStarted {
            connection.close()
            self.state.withLock { _ = $0.open.removeValue(forKey: connection.index) }
        }
    }
}

/// Why the raw server, or one of its connections, could not go on.
package struct RawServerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was being done.
    package var action: String
    /// The system's error number; 0 when the client simply went away or sent no HTTP.
    package var number: Int32

    /// Creates an error.
    package init(_ action: String, _ number: Int32 = 0) {
        self.action = action
        self.number = number
    }

    /// Action and error number.
    package var description: String { self.number == 0 ? self.action : "\(self.action): error \(self.number)" }
}
