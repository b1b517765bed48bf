/// Reads H.264 in the byte stream format: NAL units, each after a start code (`00 00 01`, with any number of zeros before it).
package enum H264AnnexB {
    /// One NAL unit, without its start code.
    package struct Unit: Sendable {
        /// Where it stands in the byte stream. Never empty.
        package var range: Range<Int>
        /// `nal_unit_type`.
        package var kind: UInt8
    }

    /// `nal_unit_type` of a slice of an IDR picture.
    package static let keySlice: UInt8 = 5
    /// `nal_unit_type` of a sequence parameter set.
    package static let sequenceParameters: UInt8 = 7
    /// `nal_unit_type` of a picture parameter set.
    package static let pictureParameters: UInt8 = 8
    /// A start code.
    package static let startCode: [UInt8] = [0, 0, 0, 1]

    /// The NAL units in order. Bytes before the first start code, and zeros after a unit, belong to none.
    package static func units(of bytes: [UInt8]) -> [Unit] {
        var units: [Unit] = []
        var start: Int?
        var index = 0
        func close(at end: Int) {
            guard let first = start else { return }
            var last = end
            while last > first, bytes[last - 1] == 0 { last -= 1 }
            if last > first { units.append(Unit(range: first..<last, kind: bytes[first] & 0x1f)) }
        }
        while index + 2 < bytes.count {
            let third = bytes[index + 2]
            if third > 1 {
                index += 3
            } else if third == 1, bytes[index] == 0, bytes[index + 1] == 0 {
                close(at: index)
                index += 3
                start = index
            } else {
                index += 1
            }
        }
        close(at: bytes.count)
        return units
    }
}
