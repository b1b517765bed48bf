extension JSONReader {
    /// Reads a number by the grammar of RFC 8259 section 6 and appends its entry.
    @inline(__always) internal mutating func number() throws(JSONAPIReadError) {
        let start = self.at
        var tag = JSONEntry.Tag.integer
        if self.byte(self.at) == UInt8(ascii: "-") { self.at += 1 }
        if self.at < self.end, self.byte(self.at) == UInt8(ascii: "0") {
            self.at += 1
            if self.at < self.end, self.isDigit(self.at) { throw self.failure(.invalidNumber) }
        } else {
            try self.digits()
        }
        if self.at < self.end, self.byte(self.at) == UInt8(ascii: ".") {
            tag = .decimal
            self.at += 1
            try self.digits()
        }
        if self.at < self.end, self.byte(self.at) | 0x20 == UInt8(ascii: "e") {
            tag = .decimal
            self.at += 1
            if self.at < self.end, self.byte(self.at) == UInt8(ascii: "+") || self.byte(self.at) == UInt8(ascii: "-") {
                self.at += 1
            }
            try self.digits()
        }
        try self.append(tag, offset: start, number: self.at - start)
    }

    @inline(__always) private func isDigit(_ index: Int) -> Bool { self.byte(index) &- 0x30 < 10 }

    /// One digit or more.
    @inline(__always) private mutating func digits() throws(JSONAPIReadError) {
        guard self.at < self.end else { throw self.failure(.unexpectedEnd) }
        guard self.isDigit(self.at) else { throw self.failure(.invalidNumber) }
        repeat { self.at += 1 } while self.at < self.end && self.isDigit(self.at)
    }
}
