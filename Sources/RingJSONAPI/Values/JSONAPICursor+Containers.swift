/// The members and elements of ``JSONAPIValue``, without counting references.
@_spi(RingModels)
extension JSONAPICursor {
    /// The member of an object with this name; `nil` when it is absent, is JSON's `null`, or this is not an object.
    package subscript(_ name: String) -> JSONAPICursor? {
        guard let member = self.member(name), !member.isNull else { return nil }
        return member
    }

    /// The member of an object with this name, JSON's `null` included; `nil` when it is absent or this is not an object.
    package func member(_ name: String) -> JSONAPICursor? {
        let object = self.entry
        guard object.isObject else { return nil }
        var name = name
        let found = name.withUTF8 { name in
            unsafe JSONText.member(
                self.index + 1, object.number - 1, object, name, self.text.pointee.tape, self.text.pointee.bytes)
        }
        return found.map { self.at($0) }
    }

    private static let attributesKey = JSONAPIKeys(["attributes"])
    private static let dataKey = JSONAPIKeys(["data"])

    /// The `attributes` of a resource, found faster than by ``subscript(_:)``; `nil` when they are absent or `null`.
    package var attributes: JSONAPICursor? { self.member(Self.attributesKey) }

    /// The `data` of a relationship, likewise.
    internal var data: JSONAPICursor? { self.member(Self.dataKey) }

    /// The member with the one name of a list.
    @inline(__always) private func member(_ name: JSONAPIKeys) -> JSONAPICursor? {
        let object = self.entry
        guard object.isObject else { return nil }
        let (bytes, tape) = unsafe (self.text.pointee.bytes, self.text.pointee.tape)
        var index = self.index + 1
        var found = -1
        while index < object.number - 1 {
            let entry = JSONEntry(bits: unsafe tape[index])
            if unsafe name.isFirst(entry, in: bytes) {
                found = index + 1
                if object.is(.object) { break }
            }
            let value = JSONEntry(bits: unsafe tape[index + 1])
            index = value.isContainer ? value.number : index + 2
        }
        return found < 0 || self.at(found).isNull ? nil : self.at(found)
    }

    /// The name of the member whose value this is. Only for a value that ``forEachMember(of:_:)`` gave.
    package var memberName: String { self.at(self.index - 1).string ?? "" }

    /// How many elements an array has; 0 for every other kind.
    @inlinable public var elementCount: Int {
        let array = self.entry
        return array.is(.array) ? self.entry(array.number - 1).number : 0
    }

    /// Visits an object's members in order; see `JSONAPIValue.forEachMember(of:_:)`.
    @inlinable @inline(__always) public func forEachMember<Name>(
        of names: JSONAPINames<Name>, _ body: (_ name: Name?, _ value: JSONAPICursor) -> Void
    ) {
        self.forEachMember(of: names) { name, value in
            body(name, value)
            return true
        }
    }

    /// The same; the body returns whether to go on.
    @inlinable @inline(__always) internal func forEachMember<Name>(
        of names: JSONAPINames<Name>, _ body: (_ name: Name?, _ value: JSONAPICursor) -> Bool
    ) {
        let object = self.entry
        guard object.isObject else { return }
        // Local constants: after each call of the body, the loop would otherwise load them again.
        let (bytes, tape) = unsafe (self.text.pointee.bytes, self.text.pointee.tape)
        var index = self.index + 1
        var hint = 0
        while index < object.number - 1 {
            let name = JSONEntry(bits: unsafe tape[index])
            let position = unsafe names.keys.position(of: name, in: bytes, hint: hint)
            guard body(names.name(at: position), self.at(index + 1)) else { return }
            if position >= 0 { hint = position + 1 }
            let value = JSONEntry(bits: unsafe tape[index + 1])
            index = value.isContainer ? value.number : index + 2
        }
    }

    /// Visits an array's elements in order, and does nothing for every other kind. The body returns whether to go on.
    @inlinable @inline(__always) public func forEachElement(_ body: (_ element: JSONAPICursor) -> Bool) {
        let array = self.entry
        guard array.is(.array) else { return }
        var element = self.at(self.index + 1)
        while element.index < array.number - 1 {
            guard body(element) else { return }
            let value = element.entry
            element.index = value.isContainer ? value.number : element.index + 1
        }
    }

    /// The name with the text of this string; `nil` for any other string, and for a value that is not a string.
    @inlinable public func name<Name>(among names: JSONAPINames<Name>) -> Name? {
        names.name(at: self.position(among: names.keys))
    }

    /// Where a string stands among names; -1 for any other string, and for a value that is not a string.
    @inlinable public func position<Name>(among names: JSONAPINames<Name>) -> Int { self.position(among: names.keys) }

    /// The same, of prepared texts.
    ///
    /// - Parameter expected: The position to look at first.
    @inlinable internal func position(among keys: JSONAPIKeys, expected: Int = 0) -> Int {
        let entry = self.entry
        guard entry.isString else { return -1 }
        return unsafe keys.position(of: entry, in: self.text.pointee.bytes, hint: expected)
    }
}
