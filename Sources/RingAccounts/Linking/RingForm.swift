internal import RingCore

/// An `application/x-www-form-urlencoded` text: a query or a body.
struct RingForm {
    private var items: [(name: String, value: String)] = []

    init(_ bytes: [UInt8]) {
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first else { continue }
            let value = parts.count == 2 ? parts[1] : []
            self.items.append((RingURL.decode(name, plusIsSpace: true), RingURL.decode(value, plusIsSpace: true)))
        }
    }

    /// The value of a name that is there once; `nil` when it is missing, or there several times.
    func only(_ name: String) -> String? {
        let values = self.items.filter { $0.name == name }
        return values.count == 1 ? values.first?.value : nil
    }
}
