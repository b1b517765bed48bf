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
        guard let source = resources.first?.raw.source else { return }
        source.withCursor(at: 0) { root in
            for position in resources.indices {
                let (type, id) = (root.at(resources[position].typeIndex), root.at(resources[position].idIndex))
                let slot = self.slot(type: type, id: id, in: resources, of: root)
                // The first of several equal ones stays.
                if self.slots[slot] == 0 { self.slots[slot] = UInt32(truncatingIfNeeded: position + 1) }
            }
        }
    }

    /// The resource of the type and id at two places of any text; `root` is one of the resources' text.
    internal func find(
        type: JSONAPICursor, id: JSONAPICursor, in resources: [JSONAPIResource], of root: JSONAPICursor
    ) -> JSONAPIResource? {
        guard !self.slots.isEmpty else { return nil }
        let slot = self.slot(type: type, id: id, in: resources, of: root)
        return self.slots[slot] == 0 ? nil : resources[Int(self.slots[slot]) - 1]
    }

    /// The slot of this type and id, or the free one where they belong.
    private func slot(
        type: JSONAPICursor, id: JSONAPICursor, in resources: [JSONAPIResource], of root: JSONAPICursor
    ) -> Int {
        var hash = self.seed
        unsafe type.withText { unsafe Self.mix($0, into: &hash) }
        unsafe id.withText { unsafe Self.mix($0, into: &hash) }
        let mask = self.slots.count - 1
        var slot = Int(truncatingIfNeeded: hash >> 1) & mask
        while self.slots[slot] != 0 {
            let position = Int(self.slots[slot]) - 1
            if root.at(resources[position].idIndex).hasSameText(as: id),
                root.at(resources[position].typeIndex).hasSameText(as: type)
            {
                return slot
            }
            slot = (slot + 1) & mask
        }
        return slot
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
        self.raw.source.withCursor(at: self.idIndex) { unsafe $0.withText { unsafe $0.elementsEqual(id.utf8) } }
    }
}

extension JSONAPICursor {
    /// Whether a string or number has the text of another one.
    @inline(__always) internal func hasSameText(as other: JSONAPICursor) -> Bool {
        unsafe self.withText { left in
            unsafe other.withText { right in unsafe left.count == right.count && JSONText.equal(left, 0, right) }
        }
    }
}
