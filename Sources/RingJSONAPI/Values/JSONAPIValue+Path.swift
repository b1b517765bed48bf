extension JSONAPIValue {
    /// Where this value stands in its text: a JSON pointer (RFC 6901), empty for the whole text.
    public var path: String { self.source.path(of: self.index) }

    /// The paths of members that repeat an earlier name of their object, in the whole text: the first 64 of them.
    ///
    /// The last member of a name is the one that counts.
    package var duplicateNames: [String] { self.source.duplicates.map { self.source.path(of: $0 + 1) } }
}

extension JSONText {
    /// Goes from the root down to the value, one level at a time.
    internal func path(of target: Int) -> String {
        var path = ""
        var index = 0
        while index != target {
            let container = self.entry(index)
            guard container.isContainer else { return path }
            let end = container.number - 1
            var child = index + 1
            var position = 0
            while child < end {
                let value = container.isObject ? child + 1 : child
                let next = self.after(value)
                if target < next {
                    let name = container.isObject ? self.string(self.entry(child)) : String(position)
                    path += "/" + JSONPointer.escape(name)
                    index = value
                    break
                }
                child = next
                position += 1
            }
            guard child < end else { return path }
        }
        return path
    }
}
