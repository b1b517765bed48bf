import RingLive
import Testing

@Suite struct H264AnnexBTests {
    @Test(
        arguments: [
            ([], []),
            ([0, 0, 1], []),
            ([0, 0, 1, 0x65], [3..<4]),
            ([0, 0, 0, 1, 0x67, 9, 0, 0, 1, 0x68, 8, 0, 0, 0, 1, 0x65, 0, 0, 3, 1], [4..<6, 9..<11, 15..<20]),
            // Bytes before the first start code, and zeros after a unit, belong to none.
            ([7, 7, 0, 0, 1, 0x41, 5, 0, 0], [5..<7]),
            ([0, 0, 1, 0, 0, 1, 0x41], [6..<7]),
        ] as [([UInt8], [Range<Int>])])
    func findsUnits(bytes: [UInt8], ranges: [Range<Int>]) {
        let units = H264AnnexB.units(of: bytes)

        #expect(units.map(\.range) == ranges)
        #expect(units.map(\.kind) == ranges.map { bytes[$0.lowerBound] & 0x1f })
    }
}
