/// Boxes of MP4 files (ISO/IEC 14496-12, 4.2).
package enum MP4 {
    /// A number, the most significant byte first.
    package static func number(_ value: Int, _ width: Int = 4) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * (width - 1 - $0))) }
    }

    /// Bytes that are not used.
    package static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    /// The bytes of a word.
    package static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// A box.
    package static func box(_ type: String, _ parts: [UInt8]...) -> [UInt8] {
        Self.number(parts.reduce(8) { $0 + $1.count }) + Self.text(type) + parts.joined()
    }

    /// A box with a version and flags.
    package static func full(_ type: String, version: Int = 0, flags: Int = 0, _ parts: [UInt8]...) -> [UInt8] {
        Self.number(parts.reduce(12) { $0 + $1.count }) + Self.text(type) + Self.number(version << 24 | flags)
            + parts.joined()
    }

    /// The first bytes of a box whose contents follow.
    static func head(_ type: String, containing count: Int) -> [UInt8] { Self.number(8 + count) + Self.text(type) }

    /// The matrix that changes nothing.
    static let matrix = number(0x1_0000) + zeros(12) + number(0x1_0000) + zeros(12) + number(0x4000_0000)
}
