internal import CRingLibpq

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// How a server is reached, as libpq understands it.
struct PostgresSettings: Sendable {
    /// The parameters of libpq; `dbname` is the whole URL or connection string.
    let parameters: [(name: String, value: String)]
    /// Hosts and database, for messages. Never a user or a password.
    let location: String

    /// - Parameters:
    ///   - target: A `postgres://` URL, a connection string, or an empty text for the `PG…` variables alone.
    ///   - patience: How long a caller waits for a connection.
    /// - Throws: ``PostgresFailure``.
    init(_ target: String, patience: Duration) throws {
        let found = try Self.parsed(target)
        var location = "PostgreSQL"
        if let host = found["host"] ?? found["hostaddr"] ?? Self.variable("PGHOST") { location += " at \(host)" }
        if let port = found["port"] ?? Self.variable("PGPORT") { location += ":\(port)" }
        if let name = found["dbname"] ?? Self.variable("PGDATABASE") { location += ", database \(name)" }
        self.location = location
        var parameters = [(name: "dbname", value: target)]
        // What the application did not choose: find out soon that a server or a network is gone, and use a primary.
        let defaults = [
            ("connect_timeout", "\(min(max(patience.components.seconds, 2), 10))"), ("tcp_user_timeout", "15000"),
            ("keepalives_idle", "10"),
            ("keepalives_interval", "5"), ("keepalives_count", "3"), ("target_session_attrs", "read-write"),
        ]
        let variables = ["connect_timeout": "PGCONNECT_TIMEOUT", "target_session_attrs": "PGTARGETSESSIONATTRS"]
        for (name, value) in defaults where found[name] == nil && variables[name].flatMap(Self.variable) == nil {
            parameters.append((name, value))
        }
        parameters.append(("fallback_application_name", "ring-partner-swift"))
        parameters.append(("client_encoding", "UTF8"))
        self.parameters = parameters
    }

    private static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }

    /// The parameters that a text sets.
    private static func parsed(_ target: String) throws -> [String: String] {
        guard let options = unsafe PQconninfoParse(target, nil) else {
            // What libpq says may quote a part of the password.
            throw PostgresFailure(
                kind: .unreachable,
                text: "the URL or connection string cannot be read; the form is postgres://user@host:5432/database, "
                    + "with special characters of user and password percent-encoded")
        }
        defer { unsafe PQconninfoFree(options) }
        var found: [String: String] = [:]
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe found[String(cString: keyword)] = unsafe String(cString: value)
            }
            unsafe option += 1
        }
        return found
    }
}
