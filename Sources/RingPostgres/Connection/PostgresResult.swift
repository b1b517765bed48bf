internal import CRingLibpq

/// The result of one statement, in binary format. It is used on the thread that received it.
@safe final class PostgresResult {
    private let pointer: OpaquePointer

    /// - Parameter pointer: A result of libpq; this value frees it.
    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe PQclear(self.pointer) }

    var status: ExecStatusType { unsafe PQresultStatus(self.pointer) }

    /// The number of rows that it has.
    var count: Int { unsafe Int(PQntuples(self.pointer)) }

    /// The number of values in a row.
    var columns: Int32 { unsafe PQnfields(self.pointer) }

    /// The number of rows that the statement inserted, changed or deleted.
    var changedRows: Int {
        guard let text = unsafe PQcmdTuples(self.pointer) else { return 0 }
        return unsafe Int(String(cString: text)) ?? 0
    }

    func isNull(_ row: Int, _ column: Int32) -> Bool {
        unsafe PQgetisnull(self.pointer, Int32(row), column) != 0
    }

    /// The bytes of a value; empty when it is null.
    func bytes(_ row: Int, _ column: Int32) -> [UInt8] {
        guard let value = unsafe PQgetvalue(self.pointer, Int32(row), column) else { return [] }
        let count = unsafe Int(PQgetlength(self.pointer, Int32(row), column))
        return unsafe [UInt8](UnsafeRawBufferPointer(start: value, count: count))
    }

    func optionalBytes(_ row: Int, _ column: Int32) -> [UInt8]? {
        self.isNull(row, column) ? nil : self.bytes(row, column)
    }

    func text(_ row: Int, _ column: Int32) -> String { String(decoding: self.bytes(row, column), as: UTF8.self) }

    /// The texts of a value that holds several, one after the other; none when it is null.
    func texts(_ row: Int, _ column: Int32, separator: UInt8) -> [String] {
        guard !self.isNull(row, column), let value = unsafe PQgetvalue(self.pointer, Int32(row), column) else {
            return []
        }
        let count = unsafe Int(PQgetlength(self.pointer, Int32(row), column))
        let bytes = unsafe UnsafeRawBufferPointer(start: value, count: count)
        var texts: [String] = []
        var start = 0
        while true {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
            let end = unsafe rest.firstIndex(of: separator)
            unsafe texts.append(String(decoding: rest[..<(end ?? rest.count)], as: UTF8.self))
            guard let end else { return texts }
            start += end + 1
        }
    }

    /// An integer of two, four or eight bytes; 0 when it is null.
    func integer(_ row: Int, _ column: Int32) -> Int64 {
        let bytes = self.bytes(row, column)
        guard let first = bytes.first else { return 0 }
        return bytes.dropFirst().reduce(Int64(Int8(bitPattern: first))) { $0 << 8 | Int64($1) }
    }

    func optionalInteger(_ row: Int, _ column: Int32) -> Int64? {
        self.isNull(row, column) ? nil : self.integer(row, column)
    }

    func boolean(_ row: Int, _ column: Int32) -> Bool { self.bytes(row, column).first == 1 }

    /// A field of an error, such as its SQLSTATE.
    func field(_ code: UnicodeScalar) -> String? {
        guard let text = unsafe PQresultErrorField(self.pointer, Int32(code.value)) else { return nil }
        return unsafe String(cString: text)
    }
}
