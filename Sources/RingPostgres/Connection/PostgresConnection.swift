internal import CRingLibpq

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// One statement with its values.
struct PostgresCall: Sendable {
    /// The text, which is prepared once for each connection.
    var sql: String
    var values: [PostgresValue] = []
    /// The first record that it locks, as bytes. Changes that share a transaction run in this order, so that two processes that
    /// change the same records seldom wait for each other.
    var firstRecord: [UInt8] = []
}

/// One connection to a server. One thread at a time uses it.
///
/// Statements are sent together and their results are read afterwards (libpq's pipeline mode), so that many callers wait for
/// one round trip. Every wait has an end, also when the server or the network is silent.
@safe final class PostgresConnection {
    private let handle: OpaquePointer
    /// The names of the prepared statements, by their text.
    private var prepared: [String: String] = [:]
    /// Whether it can be used. A connection that failed once is thrown away.
    private(set) var isUsable = true

    private init(handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe PQfinish(self.handle) }

    /// Connects.
    ///
    /// - Parameters:
    ///   - parameters: The connection parameters of libpq by name; `dbname` may be a whole URL or connection string.
    ///   - classifies: Whether a failure says why the server rejected the connection, for which it is tried a second time.
    /// - Throws: ``PostgresFailure``.
    static func open(
        _ parameters: [(name: String, value: String)], classifies: Bool = false
    ) throws -> PostgresConnection {
        let start = ContinuousClock.now
        let handle = unsafe Self.withCStrings(parameters) { unsafe PQconnectdbParams($0, $1, 1) }
        guard let handle = unsafe handle else {
            throw PostgresFailure(kind: .unreachable, text: "there is no memory for a connection")
        }
        let connection = unsafe PostgresConnection(handle: handle)
        guard unsafe PQstatus(handle) == CONNECTION_OK else {
            let needsPassword = unsafe PQconnectionNeedsPassword(handle) == 1
            // A server that rejects somebody does so at once.
            let wasQuick = ContinuousClock.now - start < .seconds(2)
            let state = needsPassword ? "28P01" : classifies && wasQuick ? PostgresRejection.sqlState(parameters) : nil
            throw PostgresFailure(
                kind: state.map { .rejected(sqlState: $0) } ?? .unreachable, text: connection.message)
        }
        // libpq would print the server's warnings, and those of an application's statements, on the standard error.
        _ = unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
        guard unsafe PQsetnonblocking(handle, 1) == 0 else {
            throw PostgresFailure(kind: .unreachable, text: connection.message)
        }
        return connection
    }

    /// Calls a body with the names and the values of parameters, as arrays of C strings that end with a null pointer.
    static func withCStrings<Value>(
        _ parameters: [(name: String, value: String)],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<UnsafePointer<CChar>?>?) -> Value
    ) -> Value {
        let copies = unsafe (parameters.map(\.name) + parameters.map(\.value)).map { unsafe strdup($0) }
        defer { unsafe copies.forEach { unsafe free($0) } }
        let pointers = unsafe copies.map { unsafe UnsafePointer<CChar>($0) }
        let names = unsafe pointers.prefix(parameters.count) + [nil]
        let values = unsafe pointers.dropFirst(parameters.count) + [nil]
        return unsafe names.withUnsafeBufferPointer { names in
            unsafe values.withUnsafeBufferPointer { unsafe body(names.baseAddress, $0.baseAddress) }
        }
    }

    /// What libpq says about the connection, in one line.
    private var message: String {
        let text = unsafe PQerrorMessage(self.handle).map { unsafe String(cString: $0) } ?? ""
        let lines = text.split(whereSeparator: \.isNewline).map { $0.drop { $0.isWhitespace } }
        return lines.isEmpty ? "no reason was given" : lines.joined(separator: "; ")
    }

    /// Whether the server has closed the connection, or something unexpected happened on it, while it was not used.
    func isStale() -> Bool {
        guard self.isUsable else { return true }
        if unsafe PQconsumeInput(self.handle) == 0 || PQstatus(self.handle) != CONNECTION_OK { self.isUsable = false }
        return !self.isUsable
    }

    /// Marks the connection as unusable, so that the pool replaces it: the server refuses what is needed, such as writing.
    func giveUp() { self.isUsable = false }

    // MARK: Statements

    /// Runs statements that belong together as one transaction.
    ///
    /// - Throws: ``PostgresFailure``; when a statement was refused, none of them had an effect.
    func run(_ calls: [PostgresCall], within limit: Duration) throws -> [PostgresResult] {
        guard let outcome = try self.run(groups: [calls], within: limit).first else { return [] }
        return try outcome.get()
    }

    /// Runs groups of statements, each group as one transaction, with one round trip for all.
    ///
    /// - Returns: The results of each group, or why the server refused it.
    /// - Throws: ``PostgresFailure`` when the connection failed, and with it every group without a result.
    func run(
        groups: [[PostgresCall]], within limit: Duration
    ) throws -> [Result<[PostgresResult], PostgresFailure>] {
        let end = ContinuousClock.now + limit
        for call in groups.joined() where self.prepared[call.sql] == nil { try self.prepare(call.sql, end) }
        guard unsafe PQenterPipelineMode(self.handle) == 1 else { throw self.broken(.lost) }
        for group in groups {
            for call in group { try self.send(call) }
            guard unsafe PQpipelineSync(self.handle) == 1 else { throw self.broken(.lost) }
        }
        try self.flush(end)
        var outcomes: [Result<[PostgresResult], PostgresFailure>] = []
        for group in groups { outcomes.append(try self.outcome(of: group.count, end)) }
        guard unsafe PQexitPipelineMode(self.handle) == 1 else { throw self.broken(.lost) }
        return outcomes
    }

    /// Runs a script of several statements without values, as one transaction.
    ///
    /// - Throws: ``PostgresFailure``.
    func script(_ sql: String, within limit: Duration) throws {
        let end = ContinuousClock.now + limit
        guard unsafe PQsendQuery(self.handle, sql) == 1 else { throw self.broken(.lost) }
        try self.flush(end)
        var failure: PostgresFailure?
        while let result = try self.next(end) {
            if Self.isError(result) { failure = failure ?? Self.refusal(result) }
        }
        if let failure { throw failure }
    }

    /// Runs one statement of an application, with values and rows as text.
    ///
    /// - Throws: ``PostgresFailure``.
    func rows(_ sql: String, _ parameters: [String?], within limit: Duration) throws -> [[String?]] {
        guard !sql.utf8.contains(0), !parameters.contains(where: { $0?.utf8.contains(0) == true }) else {
            throw PostgresFailure(kind: .refused(sqlState: "22021"), text: "a text contains the character U+0000")
        }
        let end = ContinuousClock.now + limit
        let copies = unsafe parameters.map { text in unsafe text.flatMap { unsafe strdup($0) } }
        defer { unsafe copies.forEach { unsafe free($0) } }
        let values = unsafe copies.map { copy in unsafe copy.map { unsafe UnsafePointer<CChar>($0) } }
        guard unsafe PQsendQueryParams(self.handle, sql, Int32(values.count), nil, values, nil, nil, 0) == 1 else {
            throw self.broken(.lost)
        }
        try self.flush(end)
        var rows: [[String?]] = []
        var failure: PostgresFailure?
        while let result = try self.next(end) {
            if Self.isError(result) { failure = failure ?? Self.refusal(result) }
            for row in 0..<result.count {
                rows.append(
                    (0..<result.columns).map {
                        result.optionalBytes(row, $0).map { String(decoding: $0, as: UTF8.self) }
                    })
            }
        }
        if let failure { throw failure }
        return rows
    }

    private func outcome(of count: Int, _ end: ContinuousClock.Instant) throws -> Result<
        [PostgresResult], PostgresFailure
    > {
        var results: [PostgresResult] = []
        var failure: PostgresFailure?
        for _ in 0..<count {
            while let result = try self.next(end) {
                if result.status == PGRES_PIPELINE_ABORTED { continue }
                if Self.isError(result) { failure = failure ?? Self.refusal(result) } else { results.append(result) }
            }
        }
        guard let sync = try self.next(end), sync.status == PGRES_PIPELINE_SYNC else { throw self.broken(.lost) }
        if let failure { return .failure(failure) }
        guard results.count == count else { throw self.broken(.lost) }
        return .success(results)
    }

    private func prepare(_ sql: String, _ end: ContinuousClock.Instant) throws {
        let name = Self.name(of: sql)
        guard unsafe PQsendPrepare(self.handle, name, sql, 0, nil) == 1 else { throw self.broken(.unreachable) }
        try self.flush(end)
        var failure: PostgresFailure?
        while let result = try self.next(end) {
            if Self.isError(result) { failure = failure ?? Self.refusal(result) }
        }
        if let failure { throw failure }
        self.prepared[sql] = name
    }

    /// The name of a prepared statement: the same for the same text on every connection. A pooler that lends one connection of the
    /// server to several clients then never runs another statement under it.
    private static func name(of sql: String) -> String {
        // FNV-1a.
        let hash = sql.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        return "ring_" + String(hash, radix: 16)
    }

    private func send(_ call: PostgresCall) throws {
        guard let name = self.prepared[call.sql] else { throw self.broken(.lost) }
        var buffer: [UInt8] = []
        var places: [(start: Int, count: Int)?] = []
        for value in call.values {
            let start = buffer.count
            places.append(value.write(to: &buffer) ? (start, buffer.count - start) : nil)
        }
        // An empty value is not null: its pointer must not be either.
        buffer.append(0)
        let lengths = places.map { Int32($0?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: places.count)
        let sent = unsafe buffer.withUnsafeBytes { bytes in
            let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = unsafe places.map { place in unsafe place.flatMap { unsafe start?.advanced(by: $0.start) } }
            return unsafe PQsendQueryPrepared(
                self.handle, name, Int32(places.count), values, lengths, formats, 1)
        }
        guard sent == 1 else { throw self.broken(.lost) }
    }

    private static func isError(_ result: PostgresResult) -> Bool {
        let status = result.status
        return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_PIPELINE_SYNC
    }

    private static func refusal(_ result: PostgresResult) -> PostgresFailure {
        // The detail may quote stored values; the primary message names objects alone.
        PostgresFailure(
            kind: .refused(sqlState: result.field("C") ?? "?????"),
            text: result.field("M") ?? "the server gave no reason")
    }

    // MARK: Waiting

    private func flush(_ end: ContinuousClock.Instant) throws {
        while true {
            let rest = unsafe PQflush(self.handle)
            if rest == 0 { return }
            guard rest > 0 else { throw self.broken(.lost) }
            try self.wait(for: Int16(POLLIN | POLLOUT), end)
            guard unsafe PQconsumeInput(self.handle) == 1 else { throw self.broken(.lost) }
        }
    }

    private func next(_ end: ContinuousClock.Instant) throws -> PostgresResult? {
        while unsafe PQisBusy(self.handle) != 0 {
            // The rest of a TLS record may have been decrypted but not read: the socket does not tell of it.
            if unsafe PQsslInUse(self.handle) != 0 {
                guard unsafe PQconsumeInput(self.handle) == 1 else { throw self.broken(.lost) }
                if unsafe PQisBusy(self.handle) == 0 { break }
            }
            try self.wait(for: Int16(POLLIN), end)
            guard unsafe PQconsumeInput(self.handle) == 1 else { throw self.broken(.lost) }
        }
        guard let result = unsafe PQgetResult(self.handle) else { return nil }
        let value = unsafe PostgresResult(result)
        // The connection itself failed: libpq reports it as the result of whatever was under way.
        if unsafe PQstatus(self.handle) != CONNECTION_OK {
            self.isUsable = false
            let state = value.field("C")
            throw PostgresFailure(kind: .lost, text: state == nil ? self.message : value.field("M") ?? self.message)
        }
        // libpq would give the same result for ever. The server undoes the transaction when the connection is closed.
        if [PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH].contains(value.status) {
            self.isUsable = false
            throw PostgresFailure(
                kind: .refused(sqlState: "0A000"), text: "COPY from or to the client is not supported")
        }
        return value
    }

    /// Waits until the socket is ready.
    private func wait(for events: Int16, _ end: ContinuousClock.Instant) throws {
        while true {
            let left = end - ContinuousClock.now
            guard left > .zero else {
                self.isUsable = false
                throw PostgresFailure(kind: .timedOut, text: "the server did not respond in time")
            }
            let milliseconds = Int32(
                clamping: left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000 + 1)
            var descriptor = unsafe pollfd(fd: PQsocket(self.handle), events: events, revents: 0)
            let ready = unsafe poll(&descriptor, 1, milliseconds)
            if ready > 0 { return }
            if ready < 0, errno != EINTR { throw self.broken(.lost) }
        }
    }

    private func broken(_ kind: PostgresFailure.Kind) -> PostgresFailure {
        self.isUsable = false
        return PostgresFailure(kind: kind, text: self.message)
    }

    // MARK: Notifications

    /// Waits for notifications.
    ///
    /// - Returns: The payloads that arrived; none when the time passed.
    /// - Throws: ``PostgresFailure`` when the connection failed.
    func notifications(within limit: Duration) throws -> [String] {
        var payloads = self.pendingNotifications()
        guard payloads.isEmpty else { return payloads }
        do { try self.wait(for: Int16(POLLIN), ContinuousClock.now + limit) } catch let failure as PostgresFailure {
            guard failure.kind == .timedOut else { throw failure }
            self.isUsable = true
            return []
        }
        guard unsafe PQconsumeInput(self.handle) == 1 else { throw self.broken(.lost) }
        payloads = self.pendingNotifications()
        return payloads
    }

    private func pendingNotifications() -> [String] {
        var payloads: [String] = []
        while let notification = unsafe PQnotifies(self.handle) {
            if let extra = unsafe notification.pointee.extra { unsafe payloads.append(String(cString: extra)) }
            unsafe PQfreemem(notification)
        }
        return payloads
    }
}
