extension JSONReader {
    /// Reads a member's name and the colon after it, and notes whether the object had that name before.
    @inline(__always) internal mutating func name(_ duplicates: inout [Int]) throws(JSONAPIReadError) {
        guard try self.peek() == UInt8(ascii: "\"") else { throw self.failure(.unexpectedByte) }
        let name = self.count
        try self.string()
        self.frame.lastName = name
        let entry = self.entry(name)
        if entry.is(.string) {
            let bit = 1 as UInt64 &<< self.fingerprint(entry)
            if self.frame.fingerprints & bit != 0 {
                switch self.isRepeated(name) {
                case true?:
                    self.frame.hasDuplicates = true
                    Self.note(name, &duplicates)
                case false?: break
                case nil: self.frame.needsNameCheck = true
                }
            }
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

    /// Whether the innermost object had a name before. `nil` in a large object: comparing each name with all others
    /// would take quadratic time, so that waits for the object's end.
    @inline(never) private func isRepeated(_ name: Int) -> Bool? {
        guard self.frame.count <= 32 else { return nil }
        let wanted = self.entry(name)
        var index = self.frame.open + 1
        while index < name {
            let entry = self.entry(index)
            if entry.number == wanted.number, entry.is(.string), self.equal(entry.offset, wanted.offset, entry.number) {
                return true
            }
            index = self.afterValue(index + 1)
        }
        return false
    }

    /// Compares all names of the innermost object in meaning: `"a"` and `"\u0061"` are the same name.
    @inline(never) internal func checkNames(_ duplicates: inout [Int]) -> Bool {
        var seen: Set<[UInt8]> = []
        seen.reserveCapacity(self.frame.count)
        var index = self.frame.open + 1
        var hasDuplicates = false
        while index < self.count {
            let entry = self.entry(index)
            let bytes = unsafe UnsafeBufferPointer(start: self.base + entry.offset, count: entry.number)
            let name = unsafe entry.is(.string) ? Array(bytes) : JSONUnescaper.bytes(bytes)
            if !seen.insert(name).inserted {
                hasDuplicates = true
                if !duplicates.contains(index) { Self.note(index, &duplicates) }
            }
            index = self.afterValue(index + 1)
        }
        return hasDuplicates
    }

    @inline(never) private static func note(_ name: Int, _ duplicates: inout [Int]) {
        // Enough to report; a hostile text may hold a million.
        if duplicates.count < JSONText.reportedDuplicates { duplicates.append(name) }
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
