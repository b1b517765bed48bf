/// A gray picture in the size of a recording, for times without pictures.
///
/// One macroblock of H.264 that is predicted from nothing, without a residual, is gray; all others continue it (ITU-T H.264,
/// 8.3.3.3). Each of them is the same eight bits.
struct RecordingSlate: Sendable {
    let configuration: H264Configuration
    private let pictures: [[UInt8]]

    /// Makes a slate for pictures like these; `nil` for a size that is not even.
    init?(like parameters: H264SequenceParameters) {
        let (columns, rows) = ((parameters.width + 15) / 16, (parameters.height + 15) / 16)
        guard parameters.width % 2 == 0, parameters.height % 2 == 0 else { return nil }
        var sequence = H264BitWriter()
        // Constrained Baseline, the level of the camera; sequence 0, frame numbers of 4 bits, output in order of decoding, one
        // reference frame.
        for byte in [66, 0xC0, Int(parameters.level)] { sequence.bits(byte, 8) }
        for value in [0, 0, 2, 1] { sequence.number(value) }
        sequence.bits(0, 1)
        sequence.number(columns - 1)
        sequence.number(rows - 1)
        // Whole frames, 8×8 inference.
        sequence.bits(0b11, 2)
        let crop = [0, columns * 16 - parameters.width, 0, rows * 16 - parameters.height]
        sequence.bits(crop == [0, 0, 0, 0] ? 0 : 1, 1)
        if crop != [0, 0, 0, 0] { for value in crop { sequence.number(value / 2) } }
        // No further information.
        sequence.bits(0, 1)
        var picture = H264BitWriter()
        // Picture 0 of sequence 0, CAVLC, nothing else.
        for value in [0, 0] { picture.number(value) }
        picture.bits(0, 2)
        for value in [0, 0, 0] { picture.number(value) }
        picture.bits(0, 3)
        // Quantisation as it is, three times; no filter control, no constrained prediction, no redundant pictures.
        for _ in 0..<3 { picture.number(0) }
        picture.bits(0, 3)
        guard
            let configuration = H264Configuration(
                sequences: [sequence.unit(header: 0x67)], pictures: [picture.unit(header: 0x68)])
        else { return nil }
        self.configuration = configuration
        self.pictures = [0, 1].map { Self.picture(macroblocks: columns * rows, id: $0) }
    }

    /// A picture; two in a row need different numbers (7.4.3).
    func picture(_ number: Int) -> H264Picture {
        H264Picture(units: [self.pictures[number & 1][...]], isKey: true, configuration: self.configuration)
    }

    private static func picture(macroblocks: Int, id: Int) -> [UInt8] {
        var slice = H264BitWriter()
        // From the first macroblock, all slices intra, picture 0, frame 0, this IDR picture.
        for value in [0, 7, 0] { slice.number(value) }
        slice.bits(0, 4)
        slice.number(id)
        // Reference marking; no change of the quantisation.
        slice.bits(0, 2)
        slice.number(0)
        // I_16x16_2_0_0, chroma DC, no change of the quantisation, no coefficients.
        for _ in 0..<macroblocks { slice.bits(0b0010_0111, 8) }
        return slice.unit(header: 0x65)
    }
}

/// Writes bits and Exp-Golomb numbers (ITU-T H.264, 9.1).
struct H264BitWriter: Sendable {
    private var bytes: [UInt8] = []
    private var count = 0

    mutating func bits(_ value: Int, _ width: Int) {
        for bit in (0..<width).reversed() {
            if self.count % 8 == 0 { self.bytes.append(0) }
            self.bytes[self.count / 8] |= UInt8(value >> bit & 1) << UInt8(7 - self.count % 8)
            self.count += 1
        }
    }

    mutating func number(_ value: Int) {
        let width = Int.bitWidth - (value + 1).leadingZeroBitCount
        self.bits(0, width - 1)
        self.bits(value + 1, width)
    }

    /// The NAL unit, with the bytes that prevent start codes (7.4.1).
    func unit(header: UInt8) -> [UInt8] {
        var writer = self
        writer.bits(1, 1)
        var unit = [header]
        var zeros = 0
        for byte in writer.bytes {
            if zeros >= 2, byte <= 3 {
                unit.append(3)
                zeros = 0
            }
            unit.append(byte)
            zeros = byte == 0 ? zeros + 1 : 0
        }
        return unit
    }
}
