/// Finds included resources by type and id: an open hash table over their bytes, without a string for any of them.
///
/// It contains no resources: its callers pass the list that it was created from.
internal struct JSONAPIIndex: Sendable {
    /// Positions in the list of included resources plus one; 0 is a free slot. A power of two of them, half full at most.
    /// Empty for a short list.
    private var slots: [UInt32] = []
    private var hasDuplicates = false
    /// Makes collisions unpredictable for the author of the document. One for the process, as `Hasher` has: asking the
    /// system for every document took as long as reading a fifth of a device.
    private static let seed = UInt64.random(in: .min ... .max)

    /// Up to here a search through all of them takes less time than the table.
    private static let longestScan = 6

    /// The index of an empty list.
    internal init() {}

    /// - Parameter root: The text that all of the resources are in.
    internal init(of resources: [JSONAPIResource], in root: JSONAPICursor) {
        guard resources.count > Self.longestScan else { return }
        var size = 16
        while size < resources.count * 2 { size *= 2 }
        self.slots = Array(repeating: 0, count: size)
        for position in resources.indices {
            let (type, id) = (root.at(resources[position].typeIndex), root.at(resources[position].idIndex))
            let slot = self.slot(type: type, id: id, of: resources, in: root)
            if self.slots[slot] == 0 {
                self.slots[slot] = UInt32(truncatingIfNeeded: position + 1)
            } else {
                // The first of several equal ones stays.
                self.hasDuplicates = true
            }
        }
    }

    /// The position of the resource of the type and id at two places of any text; `root` is one of the resources' text.
    ///
    /// It is looked for at the expected position first: what is included mostly comes in the order of its relationships.
    internal func position(
        type: JSONAPICursor, id: JSONAPICursor, of resources: [JSONAPIResource], in root: JSONAPICursor,
        expected: Int = -1
    ) -> Int? {
        guard !self.slots.isEmpty else {
            return resources.indices.first { Self.isAt($0, type: type, id: id, of: resources, in: root) }
        }
        if resources.indices.contains(expected), !self.hasDuplicates,
            Self.isAt(expected, type: type, id: id, of: resources, in: root)
        {
            return expected
        }
        let slot = self.slot(type: type, id: id, of: resources, in: root)
        return self.slots[slot] == 0 ? nil : Int(self.slots[slot]) - 1
    }

    @inline(__always) private static func isAt(
        _ position: Int, type: JSONAPICursor, id: JSONAPICursor, of resources: [JSONAPIResource], in root: JSONAPICursor
    ) -> Bool {
        // Types differ in length as a rule, while ids are alike up to their middle.
        root.at(resources[position].typeIndex).hasSameText(as: type)
            && root.at(resources[position].idIndex).hasSameText(as: id)
    }

    /// The slot of this type and id, or the free one where they belong.
    private func slot(
        type: JSONAPICursor, id: JSONAPICursor, of resources: [JSONAPIResource], in root: JSONAPICursor
    ) -> Int {
        var hash = Self.seed
        unsafe type.withText { unsafe Self.mix($0, into: &hash) }
        unsafe id.withText { unsafe Self.mix($0, into: &hash) }
        let mask = self.slots.count - 1
        var slot = Int(truncatingIfNeeded: hash >> 1) & mask
        while self.slots[slot] != 0 {
            if Self.isAt(Int(self.slots[slot]) - 1, type: type, id: id, of: resources, in: root) { return slot }
            slot = (slot + 1) & mask
        }
        return slot
    }

    internal func find(type: String, id: String, in resources: [JSONAPIResource]) -> JSONAPIResource? {
        let (wantedType, wantedID) = (type, id)
        func isWanted(_ position: Int) -> Bool {
            resources[position].isType(wantedType) && resources[position].hasID(wantedID)
        }
        guard !self.slots.isEmpty else { return resources.indices.first(where: isWanted).map { resources[$0] } }
        var hash = Self.seed
        var (type, id) = (type, id)
        type.withUTF8 { unsafe Self.mix($0, into: &hash) }
        id.withUTF8 { unsafe Self.mix($0, into: &hash) }
        var slot = Int(truncatingIfNeeded: hash >> 1) & (self.slots.count - 1)
        while self.slots[slot] != 0 {
            let position = Int(self.slots[slot]) - 1
            if isWanted(position) { return resources[position] }
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
        let (left, right) = (self.entry, other.entry)
        guard !left.is(.escapedString), !right.is(.escapedString) else { return self.hasSameMeaning(as: other) }
        return unsafe left.number == right.number && JSONText.equal(self.utf8(left), 0, other.utf8(right))
    }

    @inline(never) private func hasSameMeaning(as other: JSONAPICursor) -> Bool {
        unsafe self.withText { left in unsafe other.withText { right in unsafe left.elementsEqual(right) } }
    }
}
