/// Finds the end marker of a JPEG file while it is streamed (ITU-T T.81, table B.1).
///
/// Inside coded pictures the byte FF is always followed by 00 or a restart marker, so FF D9 near the end is the end.
struct JPEGInspector: Sendable {
    /// Bytes of padding that are tolerated behind the end marker.
    private static let padding: Int64 = 64

    private var last: UInt8 = 0
    private var position: Int64 = 0
    private var end: Int64?

    /// Checks the next bytes.
    mutating func feed(_ bytes: [UInt8]) {
        for byte in bytes {
            self.position += 1
            if self.last == 0xFF, byte == 0xD9 { self.end = self.position }
            self.last = byte
        }
    }

    /// Checks the end.
    func finish() throws(MediaFlaw) {
        guard let end, self.position - end <= Self.padding else { throw .truncated("the JPEG has no end marker") }
    }
}
