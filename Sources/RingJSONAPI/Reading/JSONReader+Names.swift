extension JSONReader {
    /// Reads a member's name and the colon after it, and notes whether the object had that name before.
    @inline(__always) internal mutating func name() throws(JSONAPIReadError) {
        guard try self.peek() == UInt8(ascii: "\"") else { throw self.failure(.unexpectedByte) }
        self.at += 1
        let name = self.count
        try self.string()
        self.frame.lastName = name
        let entry = self.entry(name)
        if entry.is(.string) {
            let bit = 1 as UInt64 &<< self.fingerprint(entry)
            if self.frame.fingerprints & bit != 0 { self.compareNames(with: name) }
            self.frame.fingerprints |= bit
        } else {
            self.frame.needsNameCheck = true
        }
        guard try self.peek() == UInt8(ascii: ":") else { throw self.failure(.unexpectedByte) }
        self.at += 1
    }

    /// Six bits made of a name's length and first bytes.
    @inline(__always) private func fingerprint(_ entry: JSONEntry) -> UInt64 {
        let (offset, length) = (entry.offset, entry.number)
        var head = UInt64(truncatingIfNeeded: length)
        if offset + 8 <= self.end {
            let word = self.word(offset)
            head ^= length < 8 ? word & (1 &<< UInt64(length * 8) &- 1) : word
            if length > 8 { head = head &+ self.word(offset + length - 8) &* 31 }
        }
        return (head &* 0x9e37_79b9_7f4a_7c15) &>> 58
    }

    /// Compares a name with those before it; in a large object that waits for its end, or it would take quadratic time.
    @inline(never) private mutating func compareNames(with name: Int) {
        guard self.frame.count <= 32 else {
            self.frame.needsNameCheck = true
            return
        }
        let wanted = self.entry(name)
        var index = self.frame.open + 1
        while index < name {
            let entry = self.entry(index)
            if entry.number == wanted.number, entry.is(.string), self.equal(entry.offset, wanted.offset, entry.number) {
                self.noteDuplicate(name)
                return
            }
            index = self.afterValue(index + 1)
        }
    }

    /// Compares all names of the innermost object in meaning: `"a"` and `"\u0061"` are the same name.
    @inline(never) internal mutating func checkNames() {
        var seen: Set<[UInt8]> = []
        seen.reserveCapacity(self.frame.count)
        var index = self.frame.open + 1
        while index < self.count {
            let entry = self.entry(index)
            let bytes = unsafe UnsafeBufferPointer(start: self.base + entry.offset, count: entry.number)
            let name = unsafe entry.is(.string) ? Array(bytes) : JSONUnescaper.bytes(bytes)
            if !seen.insert(name).inserted, !self.duplicates.contains(index) { self.noteDuplicate(index) }
            index = self.afterValue(index + 1)
        }
    }

    private mutating func noteDuplicate(_ name: Int) {
        self.frame.hasDuplicates = true
        // Enough to report; a hostile text may hold a million.
        if self.duplicates.count < JSONText.reportedDuplicates { self.duplicates.append(name) }
    }

    private func afterValue(_ index: Int) -> Int {
        let entry = self.entry(index)
        return entry.isContainer ? entry.number : index + 1
    }

    private func equal(_ left: Int, _ right: Int, _ count: Int) -> Bool {
        for index in 0..<count where self.byte(left + index) != self.byte(right + index) { return false }
        return true
    }
}
