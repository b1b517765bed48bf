/// Finds included resources by type and id: an open hash table over their bytes, without a string for any of them.
internal struct JSONAPIIndex: Sendable {
    /// Positions in the list of included resources plus one; 0 is a free slot. A power of two of them, half full at most.
    private var slots: [UInt32] = []
    /// Makes collisions unforeseeable for whoever writes the document.
    private let seed = UInt64.random(in: .min ... .max)

    internal init(_ resources: [JSONAPIResource]) {
        guard !resources.isEmpty else { return }
        var size = 4
        while size < resources.count * 2 { size *= 2 }
        self.slots = Array(repeating: 0, count: size)
        for (position, resource) in resources.enumerated() {
            var slot = self.hash(resource) & (size - 1)
            while self.slots[slot] != 0 {
                // The first of several equal ones stays.
                if Self.same(resources[Int(self.slots[slot]) - 1], resource) { break }
                slot = (slot + 1) & (size - 1)
            }
            if self.slots[slot] == 0 { self.slots[slot] = UInt32(truncatingIfNeeded: position + 1) }
        }
    }

    internal func find(_ wanted: JSONAPIResource, in resources: [JSONAPIResource]) -> JSONAPIResource? {
        self.find(self.hash(wanted)) { Self.same(resources[$0], wanted) }.map { resources[$0] }
    }

    internal func find(type: String, id: String, in resources: [JSONAPIResource]) -> JSONAPIResource? {
        var hash = self.seed
        var (type, id) = (type, id)
        type.withUTF8 { unsafe Self.mix($0, into: &hash) }
        id.withUTF8 { unsafe Self.mix($0, into: &hash) }
        return self.find(Int(truncatingIfNeeded: hash >> 1)) {
            resources[$0].isType(type) && resources[$0].hasID(id)
        }.map { resources[$0] }
    }

    private func find(_ hash: Int, _ isWanted: (Int) -> Bool) -> Int? {
        guard !self.slots.isEmpty else { return nil }
        var slot = hash & (self.slots.count - 1)
        while self.slots[slot] != 0 {
            let position = Int(self.slots[slot]) - 1
            if isWanted(position) { return position }
            slot = (slot + 1) & (self.slots.count - 1)
        }
        return nil
    }

    private func hash(_ resource: JSONAPIResource) -> Int {
        var hash = self.seed
        unsafe resource.withUTF8(of: resource.typeIndex) { unsafe Self.mix($0, into: &hash) }
        unsafe resource.withUTF8(of: resource.idIndex) { unsafe Self.mix($0, into: &hash) }
        return Int(truncatingIfNeeded: hash >> 1)
    }

    private static func same(_ left: JSONAPIResource, _ right: JSONAPIResource) -> Bool {
        Self.same(left, left.typeIndex, right, right.typeIndex) && Self.same(left, left.idIndex, right, right.idIndex)
    }

    private static func same(_ left: JSONAPIResource, _ first: Int, _ right: JSONAPIResource, _ second: Int) -> Bool {
        unsafe left.withUTF8(of: first) { left in
            unsafe right.withUTF8(of: second) { right in unsafe left.elementsEqual(right) }
        }
    }

    /// Multiplies and folds sixteen bytes at a time; the last ones overlap those before them.
    private static func mix(_ bytes: UnsafeBufferPointer<UInt8>, into hash: inout UInt64) {
        let count = bytes.count
        var state = hash ^ UInt64(truncatingIfNeeded: count) &* 0x9e37_79b9_7f4a_7c15
        if count >= 16 {
            let raw = UnsafeRawBufferPointer(bytes)
            var index = 0
            while true {
                let at = min(index, count - 16)
                let low = unsafe raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                let high = unsafe raw.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self)
                state = Self.fold(state ^ low, high ^ 0xa076_1d64_78bd_642f) ^ state
                index += 16
                if index >= count { break }
            }
        } else {
            var (low, high): (UInt64, UInt64) = (0, 0)
            for index in 0..<min(count, 8) { low = low << 8 | UInt64(unsafe bytes[index]) }
            for index in min(count, 8)..<count { high = high << 8 | UInt64(unsafe bytes[index]) }
            state = Self.fold(state ^ low, high ^ 0xa076_1d64_78bd_642f) ^ state
        }
        hash = Self.fold(state, 0xe703_7ed1_a0b4_28db)
    }

    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}

extension JSONAPIResource {
    internal func hasID(_ id: String) -> Bool {
        unsafe self.withUTF8(of: self.idIndex) { unsafe $0.elementsEqual(id.utf8) }
    }

    /// The bytes of a string or number, its escapes resolved.
    @inline(__always) internal func withUTF8<Result>(
        of index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        let entry = self.raw.source.entry(index)
        guard entry.is(.escapedString) else { return unsafe self.raw.source.withUTF8(entry, body) }
        return unsafe self.raw.source.utf8(entry).withUnsafeBufferPointer(body)
    }
}
