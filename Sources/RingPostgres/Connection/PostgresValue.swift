/// A value for a statement, in the binary format of its type.
enum PostgresValue: Sendable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])
    case integers([Int64?])
    case texts([String])
    case byteStrings([[UInt8]?])

    init(_ value: Int64?) { self = value.map(Self.integer) ?? .null }
    init(_ value: [UInt8]?) { self = value.map(Self.bytes) ?? .null }

    /// Appends the value.
    ///
    /// - Returns: `false` for null, which has no bytes.
    func write(to buffer: inout [UInt8]) -> Bool {
        switch self {
        case .null: return false
        case .integer(let number): buffer.append(bigEndian: number)
        case .text(let text): buffer.append(contentsOf: text.utf8)
        case .bytes(let bytes): buffer.append(contentsOf: bytes)
        case .integers(let numbers):
            Self.write(numbers, type: 20, to: &buffer) { number, buffer in
                buffer.append(bigEndian: Int32(8))
                buffer.append(bigEndian: number)
            }
        case .texts(let texts):
            Self.write(texts, type: 25, to: &buffer) { text, buffer in
                buffer.append(bigEndian: Int32(text.utf8.count))
                buffer.append(contentsOf: text.utf8)
            }
        case .byteStrings(let strings):
            Self.write(strings, type: 17, to: &buffer) { bytes, buffer in
                buffer.append(bigEndian: Int32(bytes.count))
                buffer.append(contentsOf: bytes)
            }
        }
        return true
    }

    /// Writes an array of one dimension.
    private static func write<Element>(
        _ elements: [Element?], type: Int32, to buffer: inout [UInt8], _ write: (Element, inout [UInt8]) -> Void
    ) {
        buffer.append(bigEndian: Int32(elements.isEmpty ? 0 : 1))
        buffer.append(bigEndian: Int32(elements.contains { $0 == nil } ? 1 : 0))
        buffer.append(bigEndian: type)
        if elements.isEmpty { return }
        buffer.append(bigEndian: Int32(elements.count))
        buffer.append(bigEndian: Int32(1))
        for element in elements {
            if let element { write(element, &buffer) } else { buffer.append(bigEndian: Int32(-1)) }
        }
    }
}

extension [UInt8] {
    mutating func append<Number: FixedWidthInteger>(bigEndian number: Number) {
        for shift in stride(from: Number.bitWidth - 8, through: 0, by: -8) {
            self.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
