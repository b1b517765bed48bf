extension JSONReader {
    /// An error at a byte, with the path of the value that was being read.
    @inline(never) internal func failure(_ reason: JSONAPIReadError.Reason, at offset: Int) -> JSONAPIReadError {
        var path = ""
        for level in 1..<self.depth + 1 {
            let frame = unsafe self.stack[level]
            guard frame.isObject else {
                path += "/\(frame.count)"
                continue
            }
            let end = level < self.depth ? unsafe Int(self.stack[level + 1].open) : self.count
            let name = self.lastName(of: frame, before: end)
            guard name >= 0 else { continue }
            let entry = self.entry(name)
            let bytes = unsafe UnsafeBufferPointer(start: self.base + entry.offset, count: entry.number)
            let text = unsafe JSONUnescaper.bytes(of: entry, bytes)
            path += "/" + JSONPointer.escape(String(decoding: text, as: UTF8.self))
        }
        // The scanner gives a byte that can stand nowhere at the end.
        let isCut = reason == .unexpectedByte && offset >= self.end
        return JSONAPIReadError(offset: offset, path: path, reason: isCut ? .unexpectedEnd : reason)
    }
}

/// JSON Pointer, RFC 6901.
internal enum JSONPointer {
    internal static func escape(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
        var escaped = ""
        for character in name.unicodeScalars {
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
