extension JSONReader {
    /// An error at a byte, with the path of the value that was being read.
    @inline(never) internal func failure(_ reason: JSONAPIReadError.Reason, at offset: Int) -> JSONAPIReadError {
        var path = ""
        for level in 1..<self.depth + 1 {
            let frame = level < self.depth ? unsafe self.stack[level] : self.frame
            guard frame.isObject else {
                path += "/\(frame.count)"
                continue
            }
            guard frame.lastName > frame.open else { continue }
            let entry = self.entry(frame.lastName)
            let bytes = unsafe UnsafeBufferPointer(start: self.base + entry.offset, count: entry.number)
            let name = unsafe entry.is(.string) ? Array(bytes) : JSONUnescaper.bytes(bytes)
            path += "/" + JSONPointer.escape(String(decoding: name, as: UTF8.self))
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
