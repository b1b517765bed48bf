import RingTesting

/// A well-formed MP4 of any size whose pictures are zeros: ftyp, a moov with an empty track, and one large mdat.
struct SparseMP4: Sendable {
    /// The bytes before the zeros.
    let prefix: [UInt8]

    init(megabytes: Int) throws {
        let head: [UInt8] =
            [0, 0, 0, 8] + Array("ftyp".utf8) + [0, 0, 0, 24] + Array("moov".utf8) + [0, 0, 0, 16] + Array("trak".utf8)
            + [0, 0, 0, 8] + Array("stsd".utf8)
        let rest = UInt64(megabytes << 20 - head.count)
        self.prefix =
            head + [0, 0, 0, 1] + Array("mdat".utf8)
            + (0..<8).reversed().map { UInt8(truncatingIfNeeded: rest >> (8 * UInt64($0))) }
    }

    static func write(_ prefix: [UInt8], _ size: Int, _ connection: RawConnection) throws {
        try connection.write(prefix)
        let zeros = [UInt8](repeating: 0, count: 256 * 1024)
        var left = size - prefix.count
        while left > 0 {
            try connection.write(left < zeros.count ? Array(zeros.prefix(left)) : zeros)
            left -= zeros.count
        }
    }
}
