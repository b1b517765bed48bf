internal import CRingSQLite

/// A prepared statement. It is used on the queue of its connection, and rests when its user is done.
@safe struct RingSQLiteStatement {
    private let pointer: OpaquePointer
    private unowned let connection: RingSQLiteConnection

    init(_ pointer: OpaquePointer, of connection: RingSQLiteConnection) {
        unsafe self.pointer = pointer
        self.connection = connection
    }

    /// The row it stands on.
    var row: RingSQLiteRow { unsafe RingSQLiteRow(statement: self.pointer) }

    /// Goes to the next row.
    ///
    /// - Returns: `false` after the last one.
    /// - Throws: ``RingSQLiteError``.
    func step() throws -> Bool {
        let result = unsafe sqlite3_step(self.pointer)
        if result == SQLITE_ROW { return true }
        guard result == SQLITE_DONE else { throw self.connection.failure(result) }
        return false
    }

    /// Gives the statement back to the cache, without the values it held.
    func rest() {
        unsafe sqlite3_reset(self.pointer)
        unsafe sqlite3_clear_bindings(self.pointer)
    }

    func bind(_ position: Int32, _ value: RingSQLiteValue) throws {
        switch value {
        case .null: try self.check(unsafe sqlite3_bind_null(self.pointer, position))
        case .integer(let number): try self.bind(position, number)
        case .real(let number): try self.check(unsafe sqlite3_bind_double(self.pointer, position, number))
        case .text(let text): try self.bind(position, text)
        case .blob(let bytes): try self.bind(position, bytes)
        }
    }

    func bind(_ position: Int32, _ number: Int64) throws {
        try self.check(unsafe sqlite3_bind_int64(self.pointer, position, number))
    }

    func bind(_ position: Int32, _ text: String) throws {
        var text = text
        // The length is given, so that a text with a zero byte in it is stored whole.
        let result = text.withUTF8 { bytes in
            guard let start = bytes.baseAddress else {
                return unsafe sqlite3_bind_text64(self.pointer, position, "", 0, nil, UInt8(SQLITE_UTF8))
            }
            return unsafe start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                unsafe sqlite3_bind_text64(
                    self.pointer, position, $0, UInt64(bytes.count), Self.copy, UInt8(SQLITE_UTF8))
            }
        }
        try self.check(result)
    }

    func bind(_ position: Int32, _ bytes: [UInt8]) throws {
        if bytes.isEmpty { return try self.check(unsafe sqlite3_bind_zeroblob(self.pointer, position, 0)) }
        let result = unsafe bytes.withUnsafeBytes {
            unsafe sqlite3_bind_blob64(self.pointer, position, $0.baseAddress, UInt64($0.count), Self.copy)
        }
        try self.check(result)
    }

    private func check(_ result: Int32) throws {
        guard result == SQLITE_OK else { throw self.connection.failure(result) }
    }

    /// SQLITE_TRANSIENT, a cast macro that is not imported: SQLite copies the bytes before the call returns.
    private static var copy: sqlite3_destructor_type { unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}

/// One value bound to a statement.
package enum RingSQLiteValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    package init(_ value: Int64?) { self = value.map(Self.integer) ?? .null }
    package init(_ value: String?) { self = value.map(Self.text) ?? .null }
    package init(_ value: [UInt8]?) { self = value.map(Self.blob) ?? .null }
}

extension RingSQLiteValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(nilLiteral: ()) { self = .null }
}
