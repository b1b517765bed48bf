/// Reads the chunk structure of a PNG file while it is streamed (ISO/IEC 15948, section 5.3), holding at most eight bytes.
struct PNGInspector: Sendable {
    private var signature = 8
    private var header: [UInt8] = []
    private var rest: UInt64 = 0
    private var isEnding = false
    private var hasEnded = false
    /// An image header was read, and bytes of image data.
    private var hasHeader = false
    private var hasData = false

    /// Checks the next bytes. What follows the end chunk does no harm and is not looked at.
    mutating func feed(_ bytes: [UInt8]) throws(MediaFlaw) {
        var index = min(self.signature, bytes.count)
        self.signature -= index
        while index < bytes.count, !self.hasEnded {
            if self.rest > 0 {
                let step = min(self.rest, UInt64(bytes.count - index))
                self.rest -= step
                index += Int(step)
                self.hasEnded = self.isEnding && self.rest == 0
                continue
            }
            self.header.append(bytes[index])
            index += 1
            guard self.header.count == 8 else { continue }
            let length = self.header[0..<4].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard length <= 0x7FFF_FFFF, self.header[4..<8].allSatisfy({ Self.isLetter($0) }) else {
                throw .unreadable("a PNG chunk has no name or an impossible size")
            }
            self.isEnding = self.header[4..<8].elementsEqual("IEND".utf8)
            if self.header[4..<8].elementsEqual("IHDR".utf8) { self.hasHeader = true }
            if self.header[4..<8].elementsEqual("IDAT".utf8), length > 0 { self.hasData = true }
            self.rest = length + 4  // The check sum follows.
            self.header.removeAll(keepingCapacity: true)
        }
    }

    /// Checks the end.
    func finish() throws(MediaFlaw) {
        guard self.hasEnded else { throw .truncated("the PNG has no end chunk") }
        guard self.hasHeader, self.hasData else { throw .damaged("the PNG contains no picture") }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
