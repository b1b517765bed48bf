#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension JSONAPIValue {
    /// The text of a JSON string, its escapes resolved; `nil` for every other kind, and for a string that cannot be decoded.
    public var string: String? { self.source.withCursor(at: self.index) { $0.string } }

    /// A JSON boolean; `nil` for every other kind.
    public var bool: Bool? { self.source.withCursor(at: self.index) { $0.bool } }

    /// A JSON number whose value is exactly an `Int64`, in any spelling: `1000`, `1e3`, `1000.0`.
    public var int64: Int64? { self.source.withCursor(at: self.index) { $0.int64 } }

    /// A JSON number as the nearest `Double`; `nil` beyond its range (`1e400`).
    public var double: Double? { self.source.withCursor(at: self.index) { $0.double } }

    /// A whole number, written as a JSON number or as a string of decimal digits: `1795000000500` or `"1795000000500"`.
    public var integer: Int64? { self.source.withCursor(at: self.index) { $0.integer } }

    /// A number, written as a JSON number or as a string that holds one: `21.5` or `"21.5"`.
    public var number: Double? { self.source.withCursor(at: self.index) { $0.number } }

    /// The digits of a JSON number exactly as received, for values beyond `Int64` and `Double`.
    public var numberText: String? { self.source.withCursor(at: self.index) { $0.numberText } }

    /// A moment written as an ISO 8601 string, as ``JSONAPITime/parse(_:)`` reads it.
    public var date: Date? { self.source.withCursor(at: self.index) { $0.date } }
}

extension JSONText {
    /// The bytes of a scalar's entry as received, a string's without its quotes.
    @inline(__always) internal func withUTF8<Result>(
        _ entry: JSONEntry, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        unsafe self.bytes.withUnsafeBufferPointer {
            unsafe body(UnsafeBufferPointer(rebasing: $0[entry.offset..<entry.offset + entry.number]))
        }
    }

    /// The bytes of a scalar's entry as received, a string's without its quotes.
    internal func slice(_ entry: JSONEntry) -> ArraySlice<UInt8> {
        self.bytes[entry.offset..<entry.offset + entry.number]
    }

    /// The text of a string's entry, with U+FFFD for what cannot be decoded.
    @inline(__always) internal func string(_ entry: JSONEntry) -> String {
        guard entry.is(.string) else { return self.unescaped(entry) }
        return unsafe self.withUTF8(entry) { unsafe String(decoding: $0, as: UTF8.self) }
    }

    @inline(never) private func unescaped(_ entry: JSONEntry) -> String {
        String(decoding: JSONUnescaper.bytes(self.slice(entry)), as: UTF8.self)
    }

    /// Whether a string's entry has this text.
    internal func equals(_ index: Int, _ text: String) -> Bool {
        let entry = self.entry(index)
        guard entry.is(.string) else { return entry.isString && self.utf8(entry).elementsEqual(text.utf8) }
        var text = text
        return unsafe self.withUTF8(entry) { bytes in
            text.withUTF8 { unsafe bytes.count == $0.count && Self.equal(bytes, 0, $0) }
        }
    }
}
