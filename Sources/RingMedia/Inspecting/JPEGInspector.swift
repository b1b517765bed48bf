/// Reads the segments of a JPEG file while it is streamed (ITU-T T.81, B.1.1.4), holding four bytes at most.
///
/// A segment is passed over by its length, so that the end marker of a thumbnail inside one is not taken for the end. In a
/// scan the byte FF is followed by 00, a restart marker or the next segment's marker. What follows the end marker does no
/// harm and is not looked at.
struct JPEGInspector: Sendable {
    private enum Place {
        /// Before a marker. What is not a marker is passed over, as decoders do.
        case marker
        /// Behind an FF.
        case code
        /// In the two bytes of a segment's length.
        case length
        /// In a segment.
        case segment
        /// In the coded data of a scan.
        case scan
        /// Behind the end marker.
        case ended
    }

    private var place = Place.marker
    private var isFirst = true
    private var isInScan = false
    private var marker: UInt8 = 0
    private var length = 0
    private var lengthBytes = 0
    private var hasFrame = false
    private var hasData = false

    /// Checks the next bytes.
    mutating func feed(_ bytes: [UInt8]) throws(MediaFlaw) {
        var index = 0
        while index < bytes.count {
            switch self.place {
            case .segment:
                let step = min(self.length, bytes.count - index)
                self.length -= step
                index += step
                if self.length == 0 { self.leaveSegment() }
                continue
            case .scan:
                guard let mark = bytes[index...].firstIndex(of: 0xFF) else {
                    self.hasData = true
                    return
                }
                if mark > index { self.hasData = true }
                index = mark
                self.place = .code
            case .marker: if bytes[index] == 0xFF { self.place = .code }
            case .code: try self.read(code: bytes[index])
            case .length: try self.read(lengthByte: bytes[index])
            case .ended: return
            }
            index += 1
        }
    }

    /// Checks the end.
    func finish() throws(MediaFlaw) {
        guard self.place == .ended else { throw .truncated("the JPEG has no end marker") }
        guard self.hasFrame, self.hasData else { throw .damaged("the JPEG contains no picture") }
    }

    private mutating func read(code: UInt8) throws(MediaFlaw) {
        switch code {
        case 0xFF: break  // Fill bytes may precede a marker.
        case 0x00...0xBF where self.isInScan, 0xD0...0xD7 where self.isInScan:
            // A coded FF, or a restart.
            self.hasData = true
            self.place = .scan
        case 0xD8 where self.isFirst:
            self.isFirst = false
            self.place = .marker
        case 0xD8: throw .damaged("another JPEG begins inside the JPEG")
        case 0xD9: self.place = .ended
        case 0x00, 0x01, 0xD0...0xD7: self.place = .marker
        default:
            self.isInScan = false
            self.marker = code
            (self.length, self.lengthBytes) = (0, 0)
            self.place = .length
        }
    }

    private mutating func read(lengthByte byte: UInt8) throws(MediaFlaw) {
        self.length = self.length << 8 | Int(byte)
        self.lengthBytes += 1
        guard self.lengthBytes == 2 else { return }
        guard self.length >= 2 else { throw .damaged("a segment of the JPEG has the impossible length \(self.length)") }
        self.length -= 2
        self.place = .segment
        if self.length == 0 { self.leaveSegment() }
    }

    private mutating func leaveSegment() {
        switch self.marker {
        case 0xC4, 0xC8, 0xCC: self.place = .marker
        case 0xC0...0xCF:
            self.hasFrame = true
            self.place = .marker
        case 0xDA:
            self.isInScan = true
            self.place = .scan
        default: self.place = .marker
        }
    }
}
