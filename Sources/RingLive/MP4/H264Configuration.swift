/// The parameter sets that a group of pictures needs: what a decoder is given before the first one.
struct H264Configuration: Hashable, Sendable {
    /// `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15, 5.3.3.1): the sets, and a summary of them.
    let record: [UInt8]
    /// The sets as NAL units: first those of sequences, then those of pictures.
    let units: [[UInt8]]
    /// What the last sequence parameter set says.
    let parameters: H264SequenceParameters

    /// The most sets of each kind.
    private static let maximumCounts = (sequences: 4, pictures: 16)

    /// Summarises parameter sets; `nil` for sets that are incomplete or cannot be read.
    init?(sequences: [[UInt8]], pictures: [[UInt8]]) {
        guard let last = sequences.last, let parameters = H264SequenceParameters(last[...]), !pictures.isEmpty,
            sequences.count <= Self.maximumCounts.sequences, pictures.count <= Self.maximumCounts.pictures,
            (sequences + pictures).allSatisfy({ $0.count <= Int(UInt16.max) })
        else { return nil }
        self.parameters = parameters
        self.units = sequences + pictures
        var record = [1, parameters.profile, parameters.compatibility, parameters.level, 0xFF]
        record.append(0xE0 | UInt8(sequences.count))
        for unit in sequences { record += MP4.number(unit.count, 2) + unit }
        record.append(UInt8(pictures.count))
        for unit in pictures { record += MP4.number(unit.count, 2) + unit }
        if [100, 110, 122, 144].contains(parameters.profile) {
            record += [
                0xFC | UInt8(parameters.chromaFormat), 0xF8 | UInt8(parameters.lumaDepth - 8),
                0xF8 | UInt8(parameters.chromaDepth - 8), 0,
            ]
        }
        self.record = record
    }

    /// Reads a record that ``record`` has produced; `nil` for any other bytes.
    init?(record: [UInt8]) {
        var rest = record.dropFirst(5)
        var lists: [[[UInt8]]] = []
        for mask in [0x1F, 0xFF] as [UInt8] {
            guard let count = rest.popFirst() else { return nil }
            var list: [[UInt8]] = []
            for _ in 0..<(count & mask) {
                guard let high = rest.popFirst(), let low = rest.popFirst() else { return nil }
                let length = Int(high) << 8 | Int(low)
                guard length <= rest.count else { return nil }
                list.append(Array(rest.prefix(length)))
                rest = rest.dropFirst(length)
            }
            lists.append(list)
        }
        self.init(sequences: lists[0], pictures: lists[1])
    }

    /// The codec as the `codecs` parameter names it (RFC 6381, 3.3): `avc1.42e01f`.
    var codec: String {
        "avc1."
            + [self.parameters.profile, self.parameters.compatibility, self.parameters.level]
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// One picture, without what a file keeps elsewhere.
struct H264Picture: Sendable {
    /// Its NAL units, without start codes, parameter sets, delimiters and padding.
    var units: [ArraySlice<UInt8>]
    /// Whether a decoder can begin with it.
    var isKey: Bool
    /// The parameter sets that it needs.
    var configuration: H264Configuration
}

/// Takes pictures out of access units, and keeps the parameter sets.
struct H264PictureReader: Sendable {
    /// Why an access unit gives no picture.
    enum Refusal: Error {
        /// It has no slice: it is empty, or of something else.
        case noPicture
        /// It comes before the first key frame, or refers to parameter sets that did not come.
        case notDecodable
    }

    private var sequences: [[UInt8]] = []
    private var pictures: [[UInt8]] = []
    /// The sets of the last key frame.
    private var configuration: H264Configuration?

    /// Begins again: the next picture has to be a key frame.
    mutating func reset() { self.configuration = nil }

    /// Reads one access unit.
    ///
    /// - Throws: ``Refusal``; the unit is to be left out then.
    mutating func read(_ bytes: [UInt8]) throws(Refusal) -> H264Picture {
        var (sequences, pictures, units): ([[UInt8]], [[UInt8]], [ArraySlice<UInt8>]) = ([], [], [])
        var (hasSlice, isKey) = (false, false)
        for unit in H264AnnexB.units(of: bytes) {
            let slice = bytes[unit.range]
            // forbidden_zero_bit: damaged on its way (7.4.1).
            guard bytes[unit.range.lowerBound] & 0x80 == 0 else { continue }
            switch unit.kind {
            case H264AnnexB.sequenceParameters: sequences.append(Array(slice))
            case H264AnnexB.pictureParameters: pictures.append(Array(slice))
            case 1...5:
                // A header and the first bit of a slice, at least.
                guard slice.count > 1 else { continue }
                hasSlice = true
                if unit.kind == H264AnnexB.keySlice { isKey = true }
                units.append(slice)
            case 6, 19, 20: units.append(slice)
            // Delimiters, padding, ends of sequences, and what no decoder knows.
            default: break
            }
        }
        self.keep(sequences, pictures)
        guard hasSlice else { throw .noPicture }
        if isKey { self.configuration = H264Configuration(sequences: self.sequences, pictures: self.pictures) }
        guard let configuration = self.configuration else { throw .notDecodable }
        return H264Picture(units: units, isKey: isKey, configuration: configuration)
    }

    /// A unit with new sequence parameters has all sets; one without them replaces what it brings.
    private mutating func keep(_ sequences: [[UInt8]], _ pictures: [[UInt8]]) {
        if !sequences.isEmpty { self.sequences = Self.unique(sequences) }
        if !pictures.isEmpty { self.pictures = Self.unique(pictures) }
    }

    private static func unique(_ units: [[UInt8]]) -> [[UInt8]] {
        var seen: Set<[UInt8]> = []
        return units.filter { seen.insert($0).inserted }
    }
}
