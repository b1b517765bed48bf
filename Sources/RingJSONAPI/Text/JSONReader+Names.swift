extension JSONReader {
    /// Notes when an object had a name before whose fingerprint it has.
    ///
    /// Not in a large object: comparing each name with all others would take quadratic time, so that waits for its end.
    @inline(never) internal mutating func compareNames(with name: Int, in frame: UnsafeMutablePointer<Frame>) {
        guard unsafe frame.pointee.count <= 32 else {
            unsafe frame.pointee.needsNameCheck = true
            return
        }
        let wanted = self.entry(name)
        var index = unsafe Int(frame.pointee.open) + 1
        while index < name {
            let entry = self.entry(index)
            if entry.number == wanted.number, entry.is(.string), self.equal(entry.offset, wanted.offset, entry.number) {
                unsafe frame.pointee.hasDuplicates = true
                self.note(name)
                return
            }
            index = self.afterValue(index + 1)
        }
    }

    /// Compares all names of an object that ends here in meaning: `"a"` and `"\u0061"` are the same name.
    @inline(never) internal mutating func checkNames(of frame: UnsafeMutablePointer<Frame>, until end: Int) {
        var seen: Set<[UInt8]> = []
        unsafe seen.reserveCapacity(Int(frame.pointee.count))
        var index = unsafe Int(frame.pointee.open) + 1
        while index < end {
            let entry = self.entry(index)
            let bytes = unsafe UnsafeBufferPointer(start: self.base + entry.offset, count: entry.number)
            let name = unsafe JSONUnescaper.bytes(of: entry, bytes)
            if !seen.insert(name).inserted {
                unsafe frame.pointee.hasDuplicates = true
                if !self.duplicates.contains(index) { self.note(index) }
            }
            index = self.afterValue(index + 1)
        }
    }

    /// The last name of an object that is still open, or -1; `end` is the entry after its last one.
    internal func lastName(of frame: Frame, before end: Int) -> Int {
        var name = -1
        var index = Int(frame.open) + 1
        while index < end {
            name = index
            guard index + 1 < end else { break }
            index = self.afterValue(index + 1)
        }
        return name
    }

    private mutating func note(_ name: Int) {
        // Enough to report; a hostile text may hold a million.
        if self.duplicates.count < JSONText.reportedCount { self.duplicates.append(name) }
    }

    /// Notes a value that cannot be decoded, or whose name cannot be.
    @inline(never) internal mutating func noteUndecodable(_ value: Int) {
        // A name that cannot be decoded comes right before its value, which may be another such string.
        guard self.undecodable.last != value, self.undecodable.count < JSONText.reportedCount else { return }
        self.undecodable.append(value)
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
