/// A dictionary that forgets its oldest entries when there are too many.
struct BoundedTable<Value: Sendable>: Sendable, Sequence {
    private var entries: [String: Value] = [:]
    /// The keys in the order in which they were added; the first ones were removed.
    private var order: [String] = []
    private var head = 0
    /// The most entries.
    private(set) var limit: Int

    init(limit: Int) { self.limit = limit }

    /// Allows more entries.
    mutating func raise(to limit: Int) { self.limit = Swift.max(self.limit, limit) }

    /// The table with only the entries that match.
    func filter(_ matches: ((key: String, value: Value)) -> Bool) -> Self {
        var table = Self(limit: self.limit)
        for entry in self.ordered where matches(entry) { table[entry.key] = entry.value }
        return table
    }

    var count: Int { self.entries.count }
    var values: Dictionary<String, Value>.Values { self.entries.values }
    /// The entries, oldest first.
    var ordered: some Sequence<(key: String, value: Value)> {
        self.order[self.head...].lazy.compactMap { key in self.entries[key].map { (key, $0) } }
    }

    func makeIterator() -> AnyIterator<(key: String, value: Value)> { AnyIterator(self.ordered.makeIterator()) }

    subscript(key: String) -> Value? {
        get { self.entries[key] }
        set {
            guard let newValue else {
                // Its place in the order goes when it is the oldest.
                self.entries[key] = nil
                return
            }
            guard self.entries.updateValue(newValue, forKey: key) == nil else { return }
            self.order.append(key)
            self.trim()
        }
    }

    private mutating func trim() {
        while self.order.count - self.head > self.limit {
            self.entries[self.order[self.head]] = nil
            self.head += 1
        }
        if self.head > 1024, self.head > self.order.count / 2 {
            self.order.removeFirst(self.head)
            self.head = 0
        }
    }
}
