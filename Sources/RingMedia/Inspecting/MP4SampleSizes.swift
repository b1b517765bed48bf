/// Adds up the sizes of all samples of a movie (ISO/IEC 14496-12, section 8.7.3), word by word.
struct MP4SampleSizes: Sendable {
    /// The bytes of media that the tables so far describe.
    private(set) var total: UInt64 = 0
    /// Whether they describe any sample; `nil` without a table.
    private(set) var hasSamples: Bool?
    private var word: UInt32 = 0
    private var byteCount = 0
    private var samples: UInt64 = 0
    private var isUniform = false

    /// Begins the table of another track.
    mutating func beginTable() { (self.word, self.byteCount, self.samples, self.isUniform) = (0, 0, 0, false) }

    /// Reads the next bytes of a table: version and flags, one size for all or 0, the number of samples, their sizes.
    ///
    /// One size for all is that of sound, which old writers give in units of their own: it does not count. Neither do those of a
    /// compact table (`stz2`), which has the width of its sizes in place of the one size.
    mutating func feed(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes {
            self.word = self.word << 8 | UInt32(byte)
            self.byteCount += 1
            guard self.byteCount.isMultiple(of: 4) else { continue }
            switch self.byteCount {
            case 4: break
            case 8: self.isUniform = self.word > 0
            case 12:
                self.hasSamples = self.hasSamples == true || self.word > 0
                self.samples = self.isUniform ? 0 : UInt64(self.word)
            default:
                guard self.samples > 0 else { continue }
                self.samples -= 1
                let (sum, isOver) = self.total.addingReportingOverflow(UInt64(self.word))
                self.total = isOver ? .max : sum
            }
        }
    }
}

/// Adds up the sizes of all samples of the fragments of a movie (ISO/IEC 14496-12, sections 8.8.7 and 8.8.8), word by word.
///
/// Samples whose size is given for the whole movie (`trex`) do not count.
struct MP4FragmentSizes: Sendable {
    /// The bytes of media that the fragments so far describe.
    private(set) var total: UInt64 = 0
    private var word: UInt32 = 0
    private var byteCount = 0
    private var isRun = false
    private var flags: UInt32 = 0
    /// The size of the track's samples that have none of their own.
    private var defaultSize: UInt32 = 0
    /// The samples of the run whose size is still to come.
    private var samples: UInt32 = 0

    /// Begins the header of a track in a fragment.
    mutating func beginTrack() { (self.word, self.byteCount, self.isRun, self.defaultSize) = (0, 0, false, 0) }

    /// Begins a run of samples.
    mutating func beginRun() { (self.word, self.byteCount, self.isRun, self.samples) = (0, 0, true, 0) }

    /// Reads the next bytes of a header or a run.
    mutating func feed(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes {
            self.word = self.word << 8 | UInt32(byte)
            self.byteCount += 1
            guard self.byteCount.isMultiple(of: 4) else { continue }
            let index = self.byteCount / 4 - 1
            if index == 0 {
                self.flags = self.word
            } else if self.isRun {
                self.readRun(self.word, at: index)
            } else if self.flags & 0x10 != 0, index == 2 + self.count(of: [0x1, 0x1, 0x2, 0x8]) {
                // Behind the track's id, an offset of two words, the samples' description and their duration.
                self.defaultSize = self.word
            }
        }
    }

    private mutating func readRun(_ word: UInt32, at index: Int) {
        guard index > 1 else {
            let hasSizes = self.flags & 0x200 != 0
            self.samples = hasSizes ? word : 0
            // Two numbers of 32 bits: their product fits.
            if !hasSizes { self.add(UInt64(word) * UInt64(self.defaultSize)) }
            return
        }
        // An offset and the flags of the first sample stand before the samples, a duration before a sample's size.
        let position = index - 2 - self.count(of: [0x1, 0x4])
        guard self.samples > 0, position >= 0 else { return }
        let words = self.count(of: [0x100, 0x200, 0x400, 0x800])
        guard position % words == self.count(of: [0x100]) else { return }
        self.samples -= 1
        self.add(UInt64(word))
    }

    private func count(of bits: [UInt32]) -> Int { bits.count { self.flags & $0 != 0 } }

    private mutating func add(_ size: UInt64) {
        let (sum, isOver) = self.total.addingReportingOverflow(size)
        self.total = isOver ? .max : sum
    }
}
