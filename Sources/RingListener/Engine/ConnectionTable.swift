internal import CRingMicrohttpd

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A connection and what it holds. Used on the engine's thread alone.
final class ListenerConnection {
    fileprivate let socket: Int32
    /// Whether a head or a body is under way.
    fileprivate var isReceiving = true
    /// Whether it was closed here. Bytes that the engine still reads from it are no request: their beginning is gone.
    fileprivate(set) var isCut = false
    /// When the head or body under way must be complete; `nil` while the response is made and sent.
    fileprivate var deadline: Duration?
    /// The body as far as it has arrived.
    fileprivate var body: [UInt8] = []
    /// Bytes of a complete body whose request has no response yet.
    fileprivate var pendingBytes = 0

    init(socket: Int32) { self.socket = socket }
}

/// Limits what the connections of a listener hold together: descriptors, time, and bytes of bodies.
///
/// The engine itself closes what is silent. A client that sends a byte a second is not, so heads and bodies have deadlines
/// here. When the bodies under way exceed their budget, the connection that holds most of it is closed, so small requests are
/// always served. No response is needed: a sender repeats its request, as after any broken connection.
///
/// `@unchecked`: used on the engine's thread alone.
final class ConnectionTable: @unchecked Sendable {
    private let timeout: Duration?
    private let maximumBytes: Int
    /// The lowest number of a descriptor that the process keeps for itself.
    private let firstReserved: Int
    private let uptime: @Sendable () -> Duration
    /// The open connections, by the numbers of their sockets.
    private var connections: [Int32: ListenerConnection] = [:]
    /// The sockets whose client has closed its side.
    private var leavers: Set<Int32> = []
    /// Readable when a client has closed its side of a connection.
    let leaveWatch = cring_watch_create()
    private var bytes = 0
    /// No deadline is before this moment.
    private var nextCheck: Duration?
    /// How many connections were closed so far. The engine accepts again at its next run.
    private(set) var closedCount = 0

    init(_ limits: RingListenerLimits, clock: some Clock<Duration>) {
        self.timeout = limits.idleSeconds > 0 ? .seconds(min(limits.idleSeconds, 86_400)) : nil
        self.maximumBytes = max(limits.maximumBufferedBytes, 4 * min(max(0, limits.maximumBodyBytes), .max / 4))
        self.firstReserved = Self.firstReserved
        let start = clock.now
        self.uptime = { start.duration(to: clock.now) }
    }

    deinit { close(self.leaveWatch) }

    // MARK: Descriptors

    /// A quarter of the process's descriptors, 32 to 256, is kept for everything that is not a connection.
    private static var firstReserved: Int {
        let limit = cring_descriptor_limit()
        return limit < 0 ? .max : limit - min(256, limit / 2, max(32, limit / 4))
    }

    /// How many connections may be open at one time.
    func maximumCount(_ wanted: Int) -> Int {
        // The limit of the search keeps it short; a process that starts has far fewer open.
        let numbers = Int32(clamping: min(cring_descriptor_limit(), 4096))
        let openCount = numbers > 0 ? (0..<numbers).count { fcntl($0, F_GETFD) >= 0 } : 0
        return max(1, min(wanted, self.firstReserved - openCount))
    }

    // MARK: Connections

    func opened(_ connection: ListenerConnection) {
        self.connections[connection.socket] = connection
        _ = cring_watch_add(self.leaveWatch, connection.socket, UInt64(connection.socket))
        self.expectMore(on: connection)
        // Somebody else may have opened most of the descriptors meanwhile.
        if Int(connection.socket) >= self.firstReserved { self.cut(connection) }
    }

    func closed(_ connection: ListenerConnection) {
        self.release(connection)
        self.connections[connection.socket] = nil
        self.leavers.remove(connection.socket)
        self.closedCount += 1
    }

    private func cut(_ connection: ListenerConnection) {
        self.release(connection)
        connection.isCut = true
        connection.deadline = nil
        // The engine sees the end of the connection and closes it.
        shutdown(connection.socket, Int32(SHUT_RDWR))
    }

    /// Notes clients that have closed their side of a connection.
    func noteLeavers() {
        var socket: UInt64 = 0
        while unsafe cring_watch_next(self.leaveWatch, &socket) == 1 { self.leavers.insert(Int32(socket)) }
    }

    /// Closes connections on which nothing can come any more, although a head or a body is under way.
    ///
    /// The engine does not see the end of a connection when it came together with the last bytes.
    func cutLeavers() {
        for socket in self.leavers {
            guard let connection = self.connections[socket], connection.isReceiving else { continue }
            var byte: UInt8 = 0
            let count = unsafe recv(socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
            if count == 0 { self.cut(connection) }
        }
    }

    // MARK: Time

    /// A head or a body must arrive, within the time for it.
    func expectMore(on connection: ListenerConnection) {
        connection.isReceiving = true
        guard let timeout else { return }
        let deadline = self.uptime() + timeout
        connection.deadline = deadline
        if self.nextCheck == nil { self.nextCheck = deadline }
    }

    /// In how many milliseconds ``cutExpired()`` must be called; -1 for never.
    var wait: Int32 {
        guard let nextCheck else { return -1 }
        let (seconds, attoseconds) = max(.zero, nextCheck - self.uptime()).components
        return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
    }

    /// Closes connections whose head or body took too long.
    func cutExpired() {
        guard let check = self.nextCheck else { return }
        let now = self.uptime()
        guard now >= check else { return }
        var next: Duration?
        for connection in self.connections.values {
            guard let deadline = connection.deadline else { continue }
            if deadline <= now { self.cut(connection) } else { next = min(next ?? deadline, deadline) }
        }
        // Not more often than ten times a second, however many connections there are.
        self.nextCheck = next.map { max($0, now + .milliseconds(100)) }
    }

    // MARK: Bodies

    /// Adds a piece to the body of a request.
    ///
    /// - Returns: `false` when the budget is used up, and the connection must be closed.
    func keep(_ piece: UnsafeRawBufferPointer, on connection: ListenerConnection) -> Bool {
        let before = connection.body.capacity
        unsafe connection.body.append(contentsOf: piece)
        // What is allocated counts, which is up to twice what has arrived.
        self.bytes += connection.body.capacity - before
        while self.bytes > self.maximumBytes {
            guard let largest = self.connections.values.max(by: { $0.body.capacity < $1.body.capacity }),
                largest !== connection, largest.body.capacity > 0
            else {
                self.release(connection)
                return false
            }
            self.cut(largest)
        }
        return true
    }

    /// Takes the complete body for a request. It counts until ``release(_:)``.
    func takeBody(of connection: ListenerConnection) -> [UInt8] {
        connection.isReceiving = false
        connection.deadline = nil
        connection.pendingBytes = connection.body.capacity
        defer { connection.body = [] }
        return connection.body
    }

    /// The request of a connection has its response, or gets none.
    func release(_ connection: ListenerConnection) {
        self.bytes -= connection.body.capacity + connection.pendingBytes
        connection.body = []
        connection.pendingBytes = 0
    }
}
