extension JSONText {
    /// How many duplicate names, and how many strings that cannot be decoded, are kept for the report.
    internal static let reportedCount = 64

    /// Reads a text; refuses everything that does not follow the grammar of RFC 8259 within the limits.
    internal convenience init(reading bytes: [UInt8], limits: JSONAPILimits) throws(JSONAPIReadError) {
        guard bytes.count <= min(limits.bytes, JSONAPILimits.largestText) else {
            throw JSONAPIReadError(offset: limits.bytes, path: "", reason: .tooLong)
        }
        let (tape, duplicates, undecodable) = try unsafe Self.index(of: bytes, limits)
        unsafe self.init(bytes: bytes, tape: tape, duplicates: duplicates, undecodable: undecodable)
    }

    private static func index(
        of bytes: [UInt8], _ limits: JSONAPILimits
    ) throws(JSONAPIReadError) -> (tape: UnsafeBufferPointer<UInt64>, duplicates: [Int], undecodable: [Int]) {
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
            return unsafe (reader.finish(), reader.duplicates, reader.undecodable)
        }
    }
}
