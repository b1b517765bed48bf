/// Reads the box structure of an MP4 file while it is streamed (ISO/IEC 14496-12, section 4.2), holding sixteen bytes at most.
///
/// Complete is a file with its type, a movie with a track that has a table of samples, and the media that the tables describe,
/// those of fragments included. What follows that and is no box does no harm: players ignore it.
struct MP4Inspector: Sendable {
    /// Boxes of the top level that a file may begin with.
    static let leadingTypes: Set<String> = [
        "ftyp", "styp", "free", "skip", "wide", "uuid", "pdin", "sidx", "prft", "emsg", "moov", "mdat", "moof",
    ]
    /// The other boxes of the top level. A box that is none of these, behind a complete file, is a tail.
    private static let furtherTypes: Set<String> = ["mfra", "meta", "meco", "ssix", "imda", "udta"]
    /// Boxes of padding and remarks, which may be cut behind a complete file.
    private static let unneededTypes: Set<String> = ["free", "skip", "wide", "uuid", "udta", "meta", "meco"]
    /// The boxes on the way to the tables of the samples' sizes.
    private static let containers: Set<String> = ["moov", "trak", "mdia", "minf", "stbl", "moof", "traf"]
    /// Boxes of which every track has one: a track without them describes nothing.
    private static let sampleTables: Set<String> = ["stsd", "stsz", "stz2"]

    private var header: [UInt8] = []
    /// Bytes of the present box that are still to come.
    private var rest: UInt64 = 0
    private var boxStart: UInt64 = 0
    private var position: UInt64 = 0
    private var boxType = ""
    /// The ends of the containers around the present box.
    private var ends: [UInt64] = []
    /// The last box says that it goes on to the end of the file.
    private var isOpenEnded = false
    /// What follows the complete file is not a box.
    private var isTail = false
    private var hasFileType = false
    private var hasMovie = false
    private var hasTrack = false
    private var hasData = false
    private var hasFragments = false
    /// A fragment was described, and its media has not come.
    private var awaitsFragment = false
    /// The bytes of media so far.
    private var mediaBytes: UInt64 = 0
    private var sizes = MP4SampleSizes()
    private var fragmentSizes = MP4FragmentSizes()

    private var isComplete: Bool {
        self.hasFileType && self.hasTrack && self.mediaBytes > 0 && !self.awaitsFragment
    }

    /// Checks the next bytes.
    mutating func feed(_ bytes: [UInt8]) throws(MediaFlaw) {
        var index = 0
        while index < bytes.count, !self.isTail {
            if self.rest > 0 {
                let step = min(self.rest, UInt64(bytes.count - index))
                switch self.boxType {
                case "mdat", "imda": self.mediaBytes += step
                case "stsz", "stz2": self.sizes.feed(bytes[index..<index + Int(step)])
                case "tfhd", "trun": self.fragmentSizes.feed(bytes[index..<index + Int(step)])
                default: break
                }
                self.rest -= step
                self.position += step
                index += Int(step)
                continue
            }
            if self.header.isEmpty, !self.beginsBox() { continue }
            self.header.append(bytes[index])
            self.position += 1
            index += 1
            if self.header.count == 8 || self.header.count == 16 { try self.readHeader() }
        }
    }

    /// Checks the end.
    func finish() throws(MediaFlaw) {
        let isInside = self.ends.contains { $0 > self.position && $0 != .max }
        let isCut =
            !self.header.isEmpty || isInside || (self.rest > 0 && (!self.isOpenEnded || !self.ends.isEmpty))
        if let end = self.ends.first, end > self.position {
            guard self.isOpenEnded, !isCut else { throw self.truncation }
        } else if isCut {
            // A few bytes that are no header, or a box of no known type, are a tail.
            let isShort = self.header.count < 8 && self.rest == 0
            let isTail = self.isComplete && (isShort ? !self.beginsFragment : self.isUnneeded)
            guard isTail else { throw self.truncation }
        }
        guard self.hasFileType else {
            guard self.hasMovie || self.hasData else { throw .truncated("it ends before its “ftyp” box") }
            throw .damaged("it has no “ftyp” box")
        }
        guard self.hasMovie else { throw .truncated("it has no “moov” box, so no player can open it") }
        guard self.hasTrack else { throw .damaged("its “moov” box describes no track with samples") }
        guard self.hasData else { throw .truncated("it has no “mdat” box, so it contains no video") }
        guard self.mediaBytes > 0 else { throw .damaged("its “mdat” box is empty, so it contains no video") }
        guard !self.awaitsFragment else { throw .truncated("its last fragment has no “mdat” box") }
        guard self.hasFragments || self.sizes.hasSamples != false else {
            throw .damaged("its tracks have no samples, so it contains no video")
        }
        let described = self.hasFragments ? self.fragmentSizes.total : self.sizes.total
        guard self.mediaBytes >= described else {
            let flaw = "it contains \(self.mediaBytes) of the \(described) bytes of media that it describes"
            throw self.isOpenEnded ? .truncated(flaw) : .damaged(flaw)
        }
    }

    /// Whether the last box, which is cut, has nothing that players need: no fragment can follow it.
    private var isUnneeded: Bool {
        !Self.isKnown(self.boxType) || (!self.hasFragments && Self.unneededTypes.contains(self.boxType))
    }

    /// Whether the last bytes are the beginning of another fragment's header: its size, and one to three of its letters.
    private var beginsFragment: Bool {
        self.hasFragments && self.header.count > 4 && "moof".utf8.starts(with: self.header.dropFirst(4))
    }

    private var truncation: MediaFlaw {
        let missing = self.rest > 0 ? ", \(self.rest) bytes before that box does" : " in a box's header"
        return .truncated("it ends at byte \(self.position)\(missing) (box “\(self.boxType)” at \(self.boxStart))")
    }

    private static func isKnown(_ type: String) -> Bool {
        self.leadingTypes.contains(type) || self.furtherTypes.contains(type)
    }

    /// Leaves the containers that end here, and skips what is left of one that is too short for a box.
    ///
    /// - Returns: Whether a box begins here.
    private mutating func beginsBox() -> Bool {
        while let end = self.ends.last, end <= self.position { self.ends.removeLast() }
        self.boxStart = self.position
        guard let end = self.ends.last, end - self.position < 8 else { return true }
        self.skip(to: end)
        return false
    }

    /// Passes over bytes inside a container that are not looked at.
    private mutating func skip(to end: UInt64) {
        self.boxType = "?"
        self.rest = end - self.position
        self.header.removeAll(keepingCapacity: true)
    }

    private mutating func readHeader() throws(MediaFlaw) {
        let short = self.number(0..<4)
        let type = self.header[4..<8]
        // A compatible brand's box may be named with the copyright sign, but never with control characters.
        let isNamed = type.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0xA9 }
        let isPlain = isNamed && !type.contains(0xA9)
        self.boxType = isPlain ? String(decoding: type, as: UTF8.self) : "?"
        if short == 1, self.header.count == 8 {
            // The size follows in 64 bits.
            if let end = self.ends.last {
                if end - self.boxStart < 16 { self.skip(to: end) }
                return
            }
            guard isNamed else { return try self.refuse("there is no box at byte \(self.boxStart)") }
            return
        }
        let length = short == 1 ? self.number(8..<16) : short
        if let end = self.ends.last { return self.readInner(short == 0 ? end - self.boxStart : length, end) }
        guard isNamed else { return try self.refuse("there is no box at byte \(self.boxStart)") }
        guard length >= UInt64(self.header.count) || short == 0 else {
            return try self.refuse(
                "the box “\(self.boxType)” at byte \(self.boxStart) has the impossible size \(length)")
        }
        self.note()
        guard self.hasFileType || Self.leadingTypes.contains(self.boxType) else {
            throw .unreadable("it does not begin with an “ftyp” box")
        }
        self.isOpenEnded = short == 0
        self.enter(short == 0 ? .max : length)
    }

    /// Reads the header of a box inside the movie. One that does not fit is passed over with the rest of its container.
    private mutating func readInner(_ length: UInt64, _ end: UInt64) {
        guard length >= UInt64(self.header.count), length <= end - self.boxStart else { return self.skip(to: end) }
        if Self.sampleTables.contains(self.boxType) { self.hasTrack = true }
        switch self.boxType {
        case "stsz", "stz2": self.sizes.beginTable()
        case "tfhd": self.fragmentSizes.beginTrack()
        case "trun": self.fragmentSizes.beginRun()
        default: break
        }
        // Media stands outside the movie.
        if self.boxType == "mdat" || self.boxType == "imda" { self.boxType = "?" }
        self.enter(length)
    }

    /// Goes on behind a header: into the box, or past its bytes.
    private mutating func enter(_ length: UInt64) {
        if Self.containers.contains(self.boxType), self.ends.count < Self.containers.count {
            let (end, isOver) = self.boxStart.addingReportingOverflow(length)
            self.ends.append(isOver ? .max : end)
        } else {
            self.rest = length - UInt64(self.header.count)
        }
        self.header.removeAll(keepingCapacity: true)
    }

    private mutating func note() {
        switch self.boxType {
        case "ftyp": self.hasFileType = true
        case "moov": self.hasMovie = true
        case "moof":
            self.hasFragments = true
            self.awaitsFragment = true
        case "mdat", "imda":
            self.hasData = true
            self.awaitsFragment = false
        default: break
        }
    }

    /// Takes what is not a box for the tail of a complete file; refuses it in any other.
    private mutating func refuse(_ flaw: String) throws(MediaFlaw) {
        guard self.isComplete, !Self.isKnown(self.boxType) else { throw .unreadable(flaw) }
        self.isTail = true
        self.header.removeAll()
    }

    private func number(_ range: Range<Int>) -> UInt64 {
        self.header[range].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
