extension JSONText {
    /// How many duplicate names are kept for the report.
    internal static let reportedDuplicates = 64

    /// Reads a text; refuses everything that is not exactly RFC 8259 within the limits.
    internal convenience init(reading bytes: [UInt8], limits: JSONAPILimits) throws(JSONAPIReadError) {
        guard bytes.count <= min(limits.bytes, JSONAPILimits.largestText) else {
            throw JSONAPIReadError(offset: limits.bytes, path: "", reason: .tooLong)
        }
        let (tape, duplicates) = try unsafe Self.index(of: bytes, limits)
        unsafe self.init(bytes: bytes, tape: tape, duplicates: duplicates)
    }

    private static func index(
        of bytes: [UInt8], _ limits: JSONAPILimits
    ) throws(JSONAPIReadError) -> (tape: UnsafeBufferPointer<UInt64>, duplicates: [Int]) {
        try unsafe bytes.withUnsafeBufferPointer { buffer throws(JSONAPIReadError) in
            guard let base = buffer.baseAddress, !buffer.isEmpty else {
                throw JSONAPIReadError(offset: 0, path: "", reason: .empty)
            }
            var reader = unsafe JSONReader(base: base, count: buffer.count, limits: limits)
            do throws(JSONAPIReadError) {
                try reader.read()
            } catch {
                reader.abandon()
                throw error
            }
            return unsafe (reader.finish(), reader.duplicates)
        }
    }
}
