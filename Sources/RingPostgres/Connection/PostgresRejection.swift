internal import CRingLibpq

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Finds out why a server rejects a connection.
///
/// libpq has the server's text alone, which may be in any language. Only a connection that is made step by step can be set to write the
/// SQLSTATE into it.
enum PostgresRejection {
    /// - Parameter parameters: Those of a connection that has just failed.
    /// - Returns: `nil` when no server has rejected it, or takes too long to.
    static func sqlState(_ parameters: [(name: String, value: String)]) -> String? {
        let handle = unsafe PostgresConnection.withCStrings(parameters) { unsafe PQconnectStartParams($0, $1, 1) }
        guard let handle = unsafe handle else { return nil }
        defer { unsafe PQfinish(handle) }
        guard unsafe PQstatus(handle) != CONNECTION_BAD else { return nil }
        _ = unsafe PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        let end = ContinuousClock.now + .seconds(2)
        var step = PGRES_POLLING_WRITING
        while true {
            switch step {
            case PGRES_POLLING_OK: return nil
            case PGRES_POLLING_FAILED:
                return unsafe PQerrorMessage(handle).flatMap { unsafe Self.sqlState(in: String(cString: $0)) }
            default:
                guard ContinuousClock.now < end else { return nil }
                let events = Int16(step == PGRES_POLLING_READING ? POLLIN : POLLOUT)
                var descriptor = unsafe pollfd(fd: PQsocket(handle), events: events, revents: 0)
                guard unsafe poll(&descriptor, 1, 100) != 0 else { continue }
            }
            step = unsafe PQconnectPoll(handle)
        }
    }

    /// The SQLSTATE in the last line that has one: `… failed: FATAL:  28P01: …`.
    static func sqlState(in message: String) -> String? {
        for line in message.split(whereSeparator: \.isNewline).reversed() {
            let characters = Array(line.utf8)
            for start in characters.indices.dropLast(8) where characters[start...].starts(with: ":  ".utf8) {
                let state = characters[(start + 3)..<(start + 8)]
                let isState = state.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) }
                if isState, characters[start + 8] == UInt8(ascii: ":") { return String(decoding: state, as: UTF8.self) }
            }
        }
        return nil
    }
}
