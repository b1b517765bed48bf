extension JSONText {
    /// How many duplicate names are kept for the report.
    internal static let reportedDuplicates = 64

    /// Reads a text; refuses everything that is not exactly RFC 8259 within the limits.
    internal convenience init(reading bytes: [UInt8], limits: JSONAPILimits) throws(JSONAPIReadError) {
        guard bytes.count <= min(limits.bytes, JSONAPILimits.largestText) else {
            throw JSONAPIReadError(offset: limits.bytes, path: "", reason: .tooLong)
        }
        var result: Result<Reading, JSONAPIReadError> = .failure(
            JSONAPIReadError(offset: 0, path: "", reason: .empty))
        let expected = JSONReader.expectedEntries(bytes: bytes.count, limits: limits)
        // Read into the array's own memory: a copy at the end took a tenth of the time.
        var tape = unsafe [UInt64](unsafeUninitializedCapacity: expected) { memory, count in
            unsafe result = Self.read(bytes, limits, into: memory)
            if case .success(let reading) = result, reading.ownTape == nil { count = reading.count }
        }
        let reading = try result.get()
        if let ownTape = reading.ownTape {
            tape = ownTape
        } else if tape.count < expected / 2 {
            // Few values for so many bytes: long strings. The text may live long, so give back what it did not need.
            tape = Array(tape[...])
        }
        self.init(bytes: bytes, tape: tape, duplicates: reading.duplicates)
    }

    private struct Reading {
        var count: Int
        /// The whole tape when it outgrew the memory that it was to be written to.
        var ownTape: [UInt64]?
        var duplicates: [Int]
    }

    private static func read(
        _ bytes: [UInt8], _ limits: JSONAPILimits, into memory: UnsafeMutableBufferPointer<UInt64>
    ) -> Result<Reading, JSONAPIReadError> {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, !buffer.isEmpty else {
                return .failure(JSONAPIReadError(offset: 0, path: "", reason: .empty))
            }
            var reader = unsafe JSONReader(base: base, count: buffer.count, limits: limits, tape: memory)
            defer { reader.deallocate() }
            do throws(JSONAPIReadError) {
                try reader.read()
            } catch {
                return .failure(error)
            }
            let tape = unsafe UnsafeBufferPointer(start: reader.tape, count: reader.count)
            let ownTape = unsafe reader.hasOwnTape ? Array(tape) : nil
            return .success(Reading(count: reader.count, ownTape: ownTape, duplicates: reader.duplicates))
        }
    }
}
