internal import CRingSQLite
internal import RingCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The row a query stands on. It is valid inside the closure that received it, and nowhere else.
@safe package struct RingSQLiteRow {
    private let statement: OpaquePointer

    init(statement: OpaquePointer) { unsafe self.statement = statement }

    package func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(self.statement, column) == SQLITE_NULL
    }

    /// The integer of a column; 0 when it is null.
    package func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(self.statement, column) }
    package func optionalInteger(_ column: Int32) -> Int64? { self.isNull(column) ? nil : self.integer(column) }

    /// The floating point number of a column; 0 when it is null.
    package func real(_ column: Int32) -> Double { unsafe sqlite3_column_double(self.statement, column) }

    /// The text of a column, repaired where it is not UTF-8; empty when it is null.
    package func text(_ column: Int32) -> String {
        guard let text = unsafe sqlite3_column_text(self.statement, column) else { return "" }
        let count = unsafe Int(sqlite3_column_bytes(self.statement, column))
        return unsafe String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }
    package func optionalText(_ column: Int32) -> String? { self.isNull(column) ? nil : self.text(column) }

    /// The bytes of a column; empty when it is null.
    package func blob(_ column: Int32) -> [UInt8] {
        guard let bytes = unsafe sqlite3_column_blob(self.statement, column) else { return [] }
        let count = unsafe Int(sqlite3_column_bytes(self.statement, column))
        return unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
    }
    package func optionalBlob(_ column: Int32) -> [UInt8]? { self.isNull(column) ? nil : self.blob(column) }

    /// The index key in a column.
    func key(_ column: Int32) -> RingStorageKey? {
        switch unsafe sqlite3_column_type(self.statement, column) {
        case SQLITE_INTEGER: .integer(self.integer(column))
        case SQLITE_TEXT: .text(self.text(column))
        default: nil
        }
    }

    /// Whether a column holds an index key.
    func equals(_ column: Int32, _ key: RingStorageKey?) -> Bool {
        let type = unsafe sqlite3_column_type(self.statement, column)
        switch key {
        case nil: return type == SQLITE_NULL
        case .integer(let number): return type == SQLITE_INTEGER && self.integer(column) == number
        case .text(var text):
            guard type == SQLITE_TEXT, let stored = unsafe sqlite3_column_text(self.statement, column) else {
                return false
            }
            let count = unsafe Int(sqlite3_column_bytes(self.statement, column))
            return text.withUTF8 { bytes in
                guard bytes.count == count else { return false }
                guard let start = bytes.baseAddress, count > 0 else { return true }
                return unsafe memcmp(start, stored, count) == 0
            }
        }
    }
}
