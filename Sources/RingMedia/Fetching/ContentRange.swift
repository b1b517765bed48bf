internal import RingCore

/// The part of a resource in a body (RFC 9110, section 14.4).
struct ContentRange: Hashable, Sendable {
    var first: Int64
    var last: Int64
    /// The length of the whole resource, when it is given.
    var total: Int64?

    /// - Returns: `nil` when the text is no `bytes a-b/n`.
    init?(_ text: String) {
        let text = text.trimmed.lowercased()
        guard text.hasPrefix("bytes") else { return nil }
        let parts = text.dropFirst(5).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let bounds = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, let first = String(bounds[0]).trimmed.decimalNumber,
            let last = String(bounds[1]).trimmed.decimalNumber, last >= first
        else { return nil }
        let total = String(parts[1]).trimmed
        guard total == "*" || total.decimalNumber.map({ $0 > last }) == true else { return nil }
        self.first = first
        self.last = last
        self.total = total.decimalNumber
    }
}
