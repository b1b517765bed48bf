/// Values with running numbers, of which the oldest are removed when there are too many or they are too large.
///
/// Numbers begin with 1 and are never used twice, so that a reader can go on where it ended.
struct NumberedLog<Element: Sendable>: Sendable {
    private struct Slot: Sendable {
        var element: Element
        var bytes: Int
        var isHeld: Bool

        mutating func change<Result>(_ body: (inout Element) -> Result) -> Result { body(&self.element) }
    }

    var limits: LogLimits
    /// The elements that are kept.
    private(set) var count = 0
    /// Their approximate size.
    private(set) var bytes = 0
    private var heldCount = 0
    private var heldBytes = 0
    /// The elements that were removed because of the limits.
    private(set) var removedCount = 0
    private var slots: [Slot?] = []
    /// Where the first slot is; those before it are empty.
    private var head = 0
    /// The number of `slots[0]`.
    private var base = 1
    /// From which number on something may be removed: below it all slots are empty or held.
    private var searchStart = 1

    init(limits: LogLimits) { self.limits = limits }

    /// The number that the next element gets.
    var nextNumber: Int { self.base + self.slots.count }
    /// The number of the oldest element that may be there.
    var firstNumber: Int { self.base + self.head }

    /// Adds an element and removes old ones.
    ///
    /// - Parameter isHeld: Whether the element stays until ``release(_:)``.
    mutating func append(_ element: Element, bytes: Int, isHeld: Bool = false) {
        self.slots.append(Slot(element: element, bytes: bytes, isHeld: isHeld))
        self.tally(bytes, isHeld, 1)
        self.trim()
    }

    subscript(number: Int) -> Element? {
        guard number >= self.firstNumber, number < self.nextNumber else { return nil }
        return self.slots[number - self.base]?.element
    }

    /// Changes an element in its place; nothing when it was removed.
    mutating func update<Result>(_ number: Int, _ body: (inout Element) -> Result) -> Result? {
        guard number >= self.firstNumber, number < self.nextNumber else { return nil }
        return self.slots[number - self.base]?.change(body)
    }

    /// Whether an element stays whatever the limits are. The size is counted again.
    mutating func hold(_ number: Int, _ isHeld: Bool, bytes: Int) {
        guard number >= self.firstNumber, number < self.nextNumber, var slot = self.slots[number - self.base] else {
            return
        }
        self.tally(slot.bytes, slot.isHeld, -1)
        self.tally(bytes, isHeld, 1)
        (slot.bytes, slot.isHeld) = (bytes, isHeld)
        self.slots[number - self.base] = slot
        if !isHeld { self.searchStart = min(self.searchStart, number) }
        self.trim()
    }

    /// Forgets everything; the numbers go on.
    mutating func removeAll() {
        self.base = self.nextNumber
        (self.slots, self.head, self.count, self.bytes, self.removedCount) = ([], 0, 0, 0, 0)
        (self.heldCount, self.heldBytes) = (0, 0)
        self.searchStart = self.base
    }

    /// The elements with their numbers, oldest first.
    ///
    /// - Parameter number: The number to begin with.
    func ascending(from number: Int = 0) -> some Sequence<(number: Int, element: Element)> {
        (max(number, self.firstNumber)..<max(self.nextNumber, number, self.firstNumber)).lazy.compactMap { number in
            self[number].map { (number, $0) }
        }
    }

    /// The elements with their numbers, newest first.
    ///
    /// - Parameter number: Only elements before this number.
    func descending(before number: Int = .max) -> some Sequence<(number: Int, element: Element)> {
        let end = max(min(number, self.nextNumber), self.firstNumber)
        return (self.firstNumber..<end).reversed().lazy.compactMap { number in self[number].map { (number, $0) } }
    }

    private mutating func trim() {
        while self.count - self.heldCount > self.limits.count || self.bytes - self.heldBytes > self.limits.bytes {
            guard let index = self.oldestRemovable() else { break }
            self.remove(index)
        }
        while self.count > self.limits.totalCount || self.bytes > self.limits.totalBytes, self.count > 1 {
            self.remove(self.head)
        }
    }

    private mutating func remove(_ index: Int) {
        if let slot = self.slots[index] {
            self.tally(slot.bytes, slot.isHeld, -1)
            self.slots[index] = nil
            self.removedCount += 1
        }
        self.dropEmptyHead()
    }

    private mutating func tally(_ bytes: Int, _ isHeld: Bool, _ sign: Int) {
        self.count += sign
        self.bytes += sign * bytes
        guard isHeld else { return }
        self.heldCount += sign
        self.heldBytes += sign * bytes
    }

    /// The newest element stays, however large it is.
    private mutating func oldestRemovable() -> Int? {
        var index = max(self.searchStart - self.base, self.head)
        while index < self.slots.count - 1 {
            if let slot = self.slots[index], !slot.isHeld {
                self.searchStart = self.base + index
                return index
            }
            index += 1
        }
        self.searchStart = self.base + index
        return nil
    }

    private mutating func dropEmptyHead() {
        while self.head < self.slots.count, self.slots[self.head] == nil { self.head += 1 }
        guard self.head > 1024, self.head > self.slots.count / 2 else { return }
        self.slots.removeFirst(self.head)
        self.base += self.head
        self.head = 0
    }
}

/// A part of a log, and how to go on.
struct LogPage<Element: Sendable>: Sendable {
    /// Oldest first.
    var elements: [Element] = []
    /// Whether older elements match, too.
    var hasOlder = false
    /// Whether newer elements match, too.
    var hasNewer = false
    /// The highest number of the whole log.
    var lastNumber: Int
    var keptCount: Int
    var keptBytes: Int
    var removedCount: Int
}

extension NumberedLog {
    /// The elements after a number, or else the newest before a number, that match.
    func page(
        after: Int? = nil, before: Int? = nil, limit: Int, where matches: (Element) -> Bool = { _ in true }
    ) -> LogPage<Element> {
        var page = LogPage<Element>(
            lastNumber: self.nextNumber - 1, keptCount: self.count, keptBytes: self.bytes,
            removedCount: self.removedCount)
        if let after {
            page.hasOlder = after > 0
            for (_, element) in self.ascending(from: after + 1) where matches(element) {
                page.hasNewer = page.elements.count == limit
                if page.hasNewer { break }
                page.elements.append(element)
            }
            return page
        }
        page.hasNewer = before.map { $0 < self.nextNumber } ?? false
        for (_, element) in self.descending(before: before ?? .max) where matches(element) {
            page.hasOlder = page.elements.count == limit
            if page.hasOlder { break }
            page.elements.append(element)
        }
        page.elements.reverse()
        return page
    }
}
