internal import RingCore

/// The requests of the last second, which all processes of a service share, as one process reaches them.
package protocol PostgresRateWindow: Sendable {
    /// Takes places, as many as there are.
    ///
    /// - Throws: `RingError` when every call fails in the same way until a person changes something; any other error when the
    ///   database cannot be reached for now.
    func take(_ request: PostgresRateRequest) async throws -> PostgresRateGrant

    /// Ring refused a request: all processes pause.
    func pause(for duration: Duration) async throws

    /// Ring reports how many requests are left.
    func noteRemaining(_ count: Int) async throws

    /// Nothing of the limit is kept back for this process any more.
    func leave() async throws
}

/// What a process wants of the shared second.
package struct PostgresRateRequest: Sendable {
    package var wanted: Int
    /// How many places are left for callers of higher priority.
    package var reserve: Int
    /// The places that the process used without asking.
    package var used: Int
    /// Whether the process uses its own share at the moment. The others leave it to it, also when this call is late.
    package var isAlone: Bool
    /// The requests a second that the process sends while it uses its own share: what it was given last.
    package var share: Int
}

/// What a process got of the shared second.
package struct PostgresRateGrant: Sendable {
    package var count: Int
    /// How long until there may be more.
    package var wait: Duration
    /// The requests a second that the process may send while it cannot reach the database.
    package var share: Int

    package init(count: Int, wait: Duration, share: Int) {
        self.count = count
        self.wait = wait
        self.share = share
    }
}

/// The shared second in the database.
struct PostgresRateTable: PostgresRateWindow {
    let pool: PostgresPool
    let sql: PostgresSQL
    let process: Int64
    let limit: Int
    private static let name = "api"

    func take(_ request: PostgresRateRequest) async throws -> PostgresRateGrant {
        let call = PostgresCall(
            sql: self.sql.admit,
            values: [
                .text(Self.name), .integer(self.process), .integer(Int64(request.wanted)), .integer(Int64(self.limit)),
                .integer(Int64(request.reserve)), .integer(Int64(request.used)), .integer(request.isAlone ? 1 : 0),
                .integer(Int64(request.share)),
            ])
        do {
            let grant: PostgresRateGrant? = try await self.pool.run([call], .repeatable) { results in
                guard let row = results.first, row.count == 1 else { return nil }
                return PostgresRateGrant(
                    count: Int(row.integer(0, 0)), wait: .milliseconds(row.integer(0, 1)),
                    share: Int(row.integer(0, 2)))
            }
            guard let grant else { throw PostgresFailure(kind: .lost, text: "a statement ended without its result") }
            return grant
        } catch let failure as PostgresFailure where failure.isPermanent {
            throw failure.asRingError("\(self.pool.settings.location): rate budget")
        }
    }

    func pause(for duration: Duration) async throws {
        let (seconds, attoseconds) = duration.components
        try await self.tell(self.sql.limited, seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
    }

    func noteRemaining(_ count: Int) async throws { try await self.tell(self.sql.remaining, Int64(count)) }

    private func tell(_ sql: String, _ value: Int64) async throws {
        let call = PostgresCall(
            sql: sql, values: [.text(Self.name), .integer(Int64(self.limit)), .integer(value)])
        _ = try await self.pool.run([call], .repeatable) { $0.count }
    }

    func leave() async throws {
        let call = PostgresCall(sql: self.sql.leave, values: [.text(Self.name), .integer(self.process)])
        _ = try await self.pool.run([call], .repeatable) { $0.count }
    }
}
