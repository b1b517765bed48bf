extension JSONAPILiteral {
    /// The JSON text, without white space, in UTF-8.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }

    /// The JSON text, without white space.
    public var text: String { String(decoding: self.bytes, as: UTF8.self) }
}

/// Writes a literal without recursion, so its depth cannot end the stack.
internal struct JSONWriter {
    /// An array or an object of which a part is written.
    private struct Container {
        enum Elements {
            case array([JSONAPILiteral])
            case object([(String, JSONAPILiteral)])
        }
        var elements: Elements
        /// The element to be written next.
        var place = 0
    }

    internal var bytes: [UInt8] = []
    /// Whether everything written is known to be on one line, with nothing that acts on a terminal.
    internal private(set) var isLine = true

    internal mutating func write(_ literal: JSONAPILiteral) {
        // The innermost container last.
        var open: [Container] = []
        self.begin(literal, &open)
        while let container = open.popLast() { self.resume(container, &open) }
    }

    private mutating func begin(_ literal: JSONAPILiteral, _ open: inout [Container]) {
        switch literal {
        case .array(let elements):
            self.bytes.append(UInt8(ascii: "["))
            open.append(Container(elements: .array(elements)))
        case .object(let members):
            self.bytes.append(UInt8(ascii: "{"))
            open.append(Container(elements: .object(members)))
        default: self.write(scalar: literal)
        }
    }

    /// Writes the rest of a container, or up to a container in it, which is written first.
    private mutating func resume(_ container: Container, _ open: inout [Container]) {
        switch container.elements {
        case .array(let elements):
            for place in container.place..<elements.count {
                if place > 0 { self.bytes.append(UInt8(ascii: ",")) }
                if elements[place].isContainer {
                    open.append(Container(elements: container.elements, place: place + 1))
                    return self.begin(elements[place], &open)
                }
                self.write(scalar: elements[place])
            }
            self.bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            for place in container.place..<members.count {
                if place > 0 { self.bytes.append(UInt8(ascii: ",")) }
                let (name, value) = members[place]
                self.write(name)
                self.bytes.append(UInt8(ascii: ":"))
                if value.isContainer {
                    open.append(Container(elements: container.elements, place: place + 1))
                    return self.begin(value, &open)
                }
                self.write(scalar: value)
            }
            self.bytes.append(UInt8(ascii: "}"))
        }
    }

    private mutating func write(scalar: JSONAPILiteral) {
        switch scalar {
        case .bool(let value): self.bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .int(let value): self.bytes.append(contentsOf: value.description.utf8)
        case .double(let value): self.bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
        case .string(let value): self.write(value)
        case .value(let value):
            self.isLine = false
            self.bytes.append(contentsOf: value.source.decodableBytes(of: value.index))
        case .null, .array, .object: self.bytes.append(contentsOf: "null".utf8)
        }
    }

    fileprivate mutating func write(_ string: String) {
        self.bytes.append(UInt8(ascii: "\""))
        defer { self.bytes.append(UInt8(ascii: "\"")) }
        // Most strings have nothing to escape.
        if Self.isPlain(string.utf8.span) { return self.bytes.append(contentsOf: string.utf8) }
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                self.bytes.append(UInt8(ascii: "\\"))
                self.bytes.append(byte)
            case 0x08: self.bytes.append(contentsOf: "\\b".utf8)
            case 0x0c: self.bytes.append(contentsOf: "\\f".utf8)
            case 0x0a: self.bytes.append(contentsOf: "\\n".utf8)
            case 0x0d: self.bytes.append(contentsOf: "\\r".utf8)
            case 0x09: self.bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                self.bytes.append(contentsOf: "\\u00".utf8)
                self.bytes.append(digits[Int(byte >> 4)])
                self.bytes.append(digits[Int(byte & 15)])
            default:
                if PrintableText.mayBeginControl(byte) { self.isLine = false }
                self.bytes.append(byte)
            }
        }
    }

    /// Whether a string is written as it is, and is known to have nothing that acts on a terminal.
    private static func isPlain(_ bytes: Span<UInt8>) -> Bool {
        var isPlain = true
        // To the end in any case: that is quicker than to look for an early one.
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || PrintableText.mayBeginControl(byte) {
                isPlain = false
            }
        }
        return isPlain
    }
}

extension JSONAPILiteral {
    fileprivate var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }
}

extension JSONText {
    /// The source bytes of a value. A string that cannot be decoded is replaced by one that can, with U+FFFD for what is wrong.
    internal func decodableBytes(of index: Int) -> ArraySlice<UInt8> {
        let range = self.range(of: index)
        guard !self.undecodable.isEmpty else { return self.bytes[range] }
        var writer = JSONWriter()
        var start = range.lowerBound
        for entry in (index..<self.after(index)).lazy.map({ self.entry($0) }) where entry.is(.undecodableString) {
            writer.bytes += self.bytes[start..<entry.offset - 1]
            writer.write(self.string(entry))
            start = entry.offset + entry.number + 1
        }
        return (writer.bytes + self.bytes[start..<range.upperBound])[...]
    }
}
