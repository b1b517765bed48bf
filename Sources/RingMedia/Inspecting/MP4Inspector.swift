/// Reads the box structure of an MP4 file while it is streamed (ISO/IEC 14496-12, section 4.2), holding sixteen bytes at most.
struct MP4Inspector: Sendable {
    private var header: [UInt8] = []
    /// Bytes of the present box that are still to come.
    private var rest: UInt64 = 0
    private var boxStart: UInt64 = 0
    private var position: UInt64 = 0
    private var boxType = ""
    /// The last box says that it goes on to the end of the file.
    private var isOpenEnded = false
    private var hasFileType = false
    private var hasMovie = false
    private var hasData = false

    /// Checks the next bytes.
    mutating func feed(_ bytes: [UInt8]) throws(MediaFlaw) {
        var index = 0
        while index < bytes.count {
            if self.isOpenEnded { break }
            if self.rest > 0 {
                let step = min(self.rest, UInt64(bytes.count - index))
                self.rest -= step
                self.position += step
                index += Int(step)
                continue
            }
            if self.header.isEmpty { self.boxStart = self.position }
            self.header.append(bytes[index])
            self.position += 1
            index += 1
            if self.header.count == 8 || self.header.count == 16 { try self.readHeader() }
        }
    }

    /// Checks the end.
    func finish() throws(MediaFlaw) {
        guard self.hasFileType else { throw .truncated("it ends before its first box does") }
        guard self.header.isEmpty, self.rest == 0 else {
            let missing = self.rest > 0 ? ", \(self.rest) bytes before that box does" : " in a box's header"
            throw .truncated("it ends at byte \(self.position)\(missing) (box “\(self.boxType)” at \(self.boxStart))")
        }
        guard self.hasMovie else { throw .truncated("it has no “moov” box, so no player can open it") }
        guard self.hasData else { throw .truncated("it has no “mdat” box, so it contains no video") }
    }

    private mutating func readHeader() throws(MediaFlaw) {
        let short = self.number(0..<4)
        let type = self.header[4..<8]
        self.boxType = type.allSatisfy { (0x20...0x7E).contains($0) } ? String(decoding: type, as: UTF8.self) : "?"
        // A compatible brand's box may be named with the copyright sign, but never with control characters.
        guard type.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0xA9 }) else {
            throw .unreadable("there is no box at byte \(self.boxStart)")
        }
        let length: UInt64
        switch short {
        case 0:
            self.isOpenEnded = true
            length = 8
        case 1:
            guard self.header.count == 16 else { return }
            length = self.number(8..<16)
        default: length = short
        }
        guard length >= UInt64(self.header.count) else {
            throw .unreadable("the box “\(self.boxType)” at byte \(self.boxStart) has the impossible size \(length)")
        }
        switch self.boxType {
        case "ftyp": self.hasFileType = true
        case "moov": self.hasMovie = true
        case "mdat": self.hasData = true
        default: break
        }
        guard self.hasFileType else { throw .unreadable("it does not begin with an “ftyp” box") }
        self.rest = length - UInt64(self.header.count)
        self.header.removeAll(keepingCapacity: true)
    }

    private func number(_ range: Range<Int>) -> UInt64 {
        self.header[range].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
