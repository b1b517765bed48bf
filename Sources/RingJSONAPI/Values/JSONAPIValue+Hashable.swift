extension JSONAPIValue: Hashable {
    /// Whether two values mean the same: the order of members, white space, escapes and the spelling of numbers do not
    /// count.
    public static func == (left: JSONAPIValue, right: JSONAPIValue) -> Bool {
        // A list of pairs instead of recursion: the depth is the sender's choice.
        var pending = [(left, right)]
        while let (left, right) = pending.popLast() {
            let kind = left.kind
            guard kind == right.kind else { return false }
            if left.source === right.source, left.index == right.index { continue }
            switch kind {
            case .null: continue
            case .bool: if left.bool != right.bool { return false }
            case .number: if left.decimal != right.decimal { return false }
            case .string: if left.source.utf8(left.entry) != right.source.utf8(right.entry) { return false }
            case .array:
                guard left.count == right.count else { return false }
                pending.append(contentsOf: zip(left.elements, right.elements))
            case .object:
                let (leftMembers, rightMembers) = (left.lastMembers, right.lastMembers)
                guard leftMembers.count == rightMembers.count else { return false }
                for (name, index) in leftMembers {
                    guard let other = rightMembers[name] else { return false }
                    pending.append((left.sibling(index), right.sibling(other)))
                }
            }
        }
        return true
    }

    /// Feeds the meaning into a hasher.
    public func hash(into hasher: inout Hasher) {
        // Members may come in any order: each leaf is hashed together with its place, and the sum does not know orders.
        var sum = 0
        var pending = [(value: self, place: 0)]
        while let (value, place) = pending.popLast() {
            var leaf = Hasher()
            leaf.combine(place)
            leaf.combine(value.kind)
            switch value.kind {
            case .null: break
            case .bool: leaf.combine(value.bool)
            case .number: leaf.combine(value.decimal)
            case .string: leaf.combine(value.source.utf8(value.entry))
            case .array:
                for (position, element) in value.elements.enumerated() {
                    pending.append((element, Self.place(position, in: place)))
                }
            case .object:
                for (name, index) in value.lastMembers {
                    pending.append((value.sibling(index), Self.place(name, in: place)))
                }
            }
            sum &+= leaf.finalize()
        }
        hasher.combine(sum)
    }

    private var decimal: JSONDecimal { JSONDecimal(self.source.bytes[self.source.range(of: self.index)]) }
    private var lastMembers: [[UInt8]: Int] { self.source.lastMembers(of: self.index) }

    private func sibling(_ index: Int) -> JSONAPIValue { JSONAPIValue(source: self.source, index: index) }

    private static func place(_ child: some Hashable, in parent: Int) -> Int {
        var hasher = Hasher()
        hasher.combine(parent)
        hasher.combine(child)
        return hasher.finalize()
    }
}
