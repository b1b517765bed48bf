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
    private enum Step {
        case value(JSONAPILiteral)
        case member(String, JSONAPILiteral)
        case byte(UInt8)
    }

    internal var bytes: [UInt8] = []

    internal mutating func write(_ literal: JSONAPILiteral) {
        // What is still to be written, the next step last.
        var pending = [Step.value(literal)]
        while let step = pending.popLast() {
            switch step {
            case .byte(let byte): self.bytes.append(byte)
            case .member(let name, let value):
                self.write(name)
                self.bytes.append(UInt8(ascii: ":"))
                pending.append(.value(value))
            case .value(.array(let elements)):
                self.bytes.append(UInt8(ascii: "["))
                pending.append(.byte(UInt8(ascii: "]")))
                self.push(elements.map { .value($0) }, onto: &pending)
            case .value(.object(let members)):
                self.bytes.append(UInt8(ascii: "{"))
                pending.append(.byte(UInt8(ascii: "}")))
                self.push(members.map { .member($0.0, $0.1) }, onto: &pending)
            case .value(let scalar): self.write(scalar: scalar)
            }
        }
    }

    private func push(_ steps: [Step], onto pending: inout [Step]) {
        for (index, step) in steps.enumerated().reversed() {
            pending.append(step)
            if index > 0 { pending.append(.byte(UInt8(ascii: ","))) }
        }
    }

    private mutating func write(scalar: JSONAPILiteral) {
        switch scalar {
        case .bool(let value): self.bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .int(let value): self.bytes.append(contentsOf: value.description.utf8)
        case .double(let value): self.bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
        case .string(let value): self.write(value)
        case .value(let value): self.bytes.append(contentsOf: value.source.decodableBytes(of: value.index))
        case .null, .array, .object: self.bytes.append(contentsOf: "null".utf8)
        }
    }

    fileprivate mutating func write(_ string: String) {
        self.bytes.append(UInt8(ascii: "\""))
        defer { self.bytes.append(UInt8(ascii: "\"")) }
        let isPlain = string.utf8.allSatisfy {
            $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        // Most strings have nothing to escape.
        if isPlain { return self.bytes.append(contentsOf: string.utf8) }
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
            default: self.bytes.append(byte)
            }
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
