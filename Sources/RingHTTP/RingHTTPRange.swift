/// What a `Range` header field asks for (RFC 9110, section 14).
package enum RingHTTPRange: Hashable, Sendable {
    /// Everything: there is no such field, or one that a server may ignore – several ranges, another unit, no valid range.
    case whole
    /// One part.
    case part(Range<Int64>)
    /// A part behind the end: the response is 416.
    case unsatisfiable

    /// Reads the field.
    ///
    /// - Parameters:
    ///   - field: The value of the field; `nil` when the request has none.
    ///   - length: The number of bytes of the whole.
    package init(_ field: String?, length: Int64) {
        self = .whole
        guard let field, field.lowercased().hasPrefix("bytes=") else { return }
        let ends = field.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            .map { $0.drop(while: \.isBlank).trimmingBlanksAtEnd }
        guard ends.count == 2 else { return }
        switch (Self.number(ends[0]), Self.number(ends[1])) {
        case (let first?, nil) where ends[1].isEmpty:
            self = first < length ? .part(first..<length) : .unsatisfiable
        case (let first?, let last?) where first <= last:
            self = first < length ? .part(first..<min(last, length - 1) + 1) : .unsatisfiable
        case (nil, let count?) where ends[0].isEmpty:
            self = count > 0 && length > 0 ? .part(max(0, length - count)..<length) : .unsatisfiable
        default: break
        }
    }

    /// The value of `Content-Range` for this range; `nil` for the whole.
    package func contentRange(length: Int64) -> String? {
        switch self {
        case .whole: nil
        case .part(let range): "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length)"
        case .unsatisfiable: "bytes */\(length)"
        }
    }

    /// Digits only; a number that is too large counts as the largest one.
    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text) ?? .max
    }
}

extension Character {
    fileprivate var isBlank: Bool { self == " " || self == "\t" }
}

extension Substring {
    fileprivate var trimmingBlanksAtEnd: Substring {
        var text = self
        while text.last?.isBlank == true { text.removeLast() }
        return text
    }
}
