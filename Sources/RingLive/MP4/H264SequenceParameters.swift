/// What a sequence parameter set says about the pictures (ITU-T H.264, 7.3.2.1.1).
struct H264SequenceParameters: Hashable, Sendable {
    var profile: UInt8
    var compatibility: UInt8
    var level: UInt8
    /// `chroma_format_idc`: 0 for gray, 1 for 4:2:0.
    var chromaFormat = 1
    var lumaDepth = 8
    var chromaDepth = 8
    /// The size that is shown, in pixels.
    var width = 0
    var height = 0

    /// The profiles whose sets say how colours are sampled.
    static let highProfiles: Set<UInt8> = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]
    /// The most pixels of a side: more than any level of H.264 allows, and few enough for the 16 bits of an MP4 file.
    private static let maximumSide = 16_384

    /// Reads a set; `nil` for bytes that are none.
    ///
    /// - Parameter unit: The NAL unit, without its start code.
    init?(_ unit: ArraySlice<UInt8>) {
        guard unit.count >= 4, let first = unit.first, first & 0x9F == 7 else { return nil }
        var reader = H264BitReader(unit.dropFirst())
        guard let profile = reader.bits(8), let compatibility = reader.bits(8), let level = reader.bits(8) else {
            return nil
        }
        self.profile = UInt8(profile)
        self.compatibility = UInt8(compatibility)
        self.level = UInt8(level)
        guard let id = reader.number(), id < 32 else { return nil }
        guard self.readSamples(&reader), Self.skipOrder(&reader), self.readSize(&reader) else { return nil }
    }

    private mutating func readSamples(_ reader: inout H264BitReader) -> Bool {
        guard Self.highProfiles.contains(self.profile) else { return true }
        guard let format = reader.number(), format <= 3 else { return false }
        if format == 3, reader.bits(1) == nil { return false }
        guard let luma = reader.number(), luma <= 6, let chroma = reader.number(), chroma <= 6, reader.bits(1) != nil,
            let hasLists = reader.bits(1)
        else { return false }
        (self.chromaFormat, self.lumaDepth, self.chromaDepth) = (format, luma + 8, chroma + 8)
        guard hasLists == 1 else { return true }
        for list in 0..<(format == 3 ? 12 : 8) {
            guard let isPresent = reader.bits(1) else { return false }
            if isPresent == 1, !Self.skipList(list < 6 ? 16 : 64, &reader) { return false }
        }
        return true
    }

    private static func skipList(_ count: Int, _ reader: inout H264BitReader) -> Bool {
        var (last, next) = (8, 8)
        for _ in 0..<count {
            if next != 0 {
                guard let delta = reader.signedNumber() else { return false }
                next = (last + delta + 256) & 0xFF
            }
            if next != 0 { last = next }
        }
        return true
    }

    /// The numbers of frames and their order.
    private static func skipOrder(_ reader: inout H264BitReader) -> Bool {
        guard let bits = reader.number(), bits <= 12, let type = reader.number() else { return false }
        switch type {
        case 0: guard let bits = reader.number(), bits <= 12 else { return false }
        case 1:
            guard reader.bits(1) != nil, reader.signedNumber() != nil, reader.signedNumber() != nil,
                let count = reader.number(), count <= 255
            else { return false }
            for _ in 0..<count where reader.signedNumber() == nil { return false }
        case 2: break
        default: return false
        }
        // max_num_ref_frames and gaps_in_frame_num_value_allowed_flag.
        return reader.number() != nil && reader.bits(1) != nil
    }

    private mutating func readSize(_ reader: inout H264BitReader) -> Bool {
        guard let columns = reader.number(), let rows = reader.number(), let isWhole = reader.bits(1),
            columns < Self.maximumSide / 16, rows < Self.maximumSide / 16
        else { return false }
        if isWhole == 0, reader.bits(1) == nil { return false }
        guard reader.bits(1) != nil, let isCropped = reader.bits(1) else { return false }
        var crop = [0, 0, 0, 0]
        if isCropped == 1 {
            for side in 0..<4 {
                guard let count = reader.number(), count < Self.maximumSide else { return false }
                crop[side] = count
            }
        }
        let across = self.chromaFormat == 1 || self.chromaFormat == 2 ? 2 : 1
        let down = (self.chromaFormat == 1 ? 2 : 1) * (2 - isWhole)
        self.width = (columns + 1) * 16 - across * (crop[0] + crop[1])
        self.height = (rows + 1) * 16 * (2 - isWhole) - down * (crop[2] + crop[3])
        return self.width > 0 && self.height > 0 && self.height <= Self.maximumSide
    }
}

/// Reads bits and Exp-Golomb numbers (ITU-T H.264, 9.1), without the bytes that prevent start codes.
struct H264BitReader {
    private let bytes: [UInt8]
    private var position = 0

    /// Takes the bytes behind the header of a NAL unit.
    init(_ unit: ArraySlice<UInt8>) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(unit.count)
        var zeros = 0
        for byte in unit {
            if zeros >= 2, byte == 3 {
                zeros = 0
                continue
            }
            zeros = byte == 0 ? zeros + 1 : 0
            bytes.append(byte)
        }
        self.bytes = bytes
    }

    /// The next bits, at most 32; `nil` at the end.
    mutating func bits(_ count: Int) -> Int? {
        guard count <= self.bytes.count * 8 - self.position else { return nil }
        var value = 0
        for _ in 0..<count {
            let bit = self.bytes[self.position / 8] >> UInt8(7 - self.position % 8) & 1
            value = value << 1 | Int(bit)
            self.position += 1
        }
        return value
    }

    /// The next number, `ue(v)`; `nil` at the end, or when it has more than 32 bits.
    mutating func number() -> Int? {
        var zeros = 0
        while true {
            guard let bit = self.bits(1) else { return nil }
            if bit == 1 { break }
            zeros += 1
            guard zeros <= 31 else { return nil }
        }
        guard let rest = self.bits(zeros) else { return nil }
        return (1 << zeros) - 1 + rest
    }

    /// The next number with a sign, `se(v)`.
    mutating func signedNumber() -> Int? {
        guard let number = self.number() else { return nil }
        return number % 2 == 0 ? -(number / 2) : number / 2 + 1
    }
}
