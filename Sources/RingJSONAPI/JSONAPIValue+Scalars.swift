#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension JSONAPIValue {
    /// The text of a JSON string, its escapes resolved; `nil` for every other kind.
    public var string: String? {
        let entry = self.entry
        guard entry.isString else { return nil }
        return self.source.string(entry)
    }

    /// A JSON boolean; `nil` for every other kind.
    public var bool: Bool? {
        let entry = self.entry
        if entry.is(.true) { return true }
        return entry.is(.false) ? false : nil
    }

    /// A JSON number whose value is exactly an `Int64`, in any spelling: `1000`, `1e3`, `1000.0`.
    public var int64: Int64? {
        let entry = self.entry
        guard entry.isNumber else { return nil }
        return JSONNumber.int64(self.source.bytes[self.source.range(of: self.index)])
    }

    /// A JSON number as the nearest `Double`; `nil` beyond its range (`1e400`).
    public var double: Double? {
        let entry = self.entry
        guard entry.isNumber else { return nil }
        return JSONNumber.double(self.source.bytes[self.source.range(of: self.index)])
    }

    /// A whole number, written as a JSON number or as a string of decimal digits: `1795000000500` or `"1795000000500"`.
    public var integer: Int64? {
        let entry = self.entry
        if entry.isNumber { return JSONNumber.int64(self.source.bytes[self.source.range(of: self.index)]) }
        guard entry.is(.string) else { return nil }
        let bytes = self.source.bytes[entry.offset..<entry.offset + entry.number]
        return JSONNumber.isWhole(bytes) ? JSONNumber.int64(bytes) : nil
    }

    /// A number, written as a JSON number or as a string that holds one: `21.5` or `"21.5"`.
    public var number: Double? {
        let entry = self.entry
        if entry.isNumber { return JSONNumber.double(self.source.bytes[self.source.range(of: self.index)]) }
        guard entry.is(.string) else { return nil }
        let bytes = self.source.bytes[entry.offset..<entry.offset + entry.number]
        return JSONNumber.isNumber(bytes) ? JSONNumber.double(bytes) : nil
    }

    /// The digits of a JSON number exactly as received, for values beyond `Int64` and `Double`.
    public var numberText: String? { self.entry.isNumber ? self.description : nil }

    /// A moment written as an ISO 8601 string, as ``JSONAPITime/parse(_:)`` reads it.
    public var date: Date? {
        let entry = self.entry
        guard entry.isString else { return nil }
        if entry.is(.string) { return JSONAPITime.parse(self.source.bytes[entry.offset..<entry.offset + entry.number]) }
        return self.string.flatMap { JSONAPITime.parse($0) }
    }
}

extension JSONText {
    /// The text of a string's entry.
    @inline(__always) internal func string(_ entry: JSONEntry) -> String {
        let range = entry.offset..<entry.offset + entry.number
        guard entry.is(.string) else { return self.unescaped(range) }
        return unsafe self.bytes.withUnsafeBufferPointer {
            unsafe String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self)
        }
    }

    @inline(never) private func unescaped(_ range: Range<Int>) -> String {
        String(decoding: JSONUnescaper.bytes(self.bytes[range]), as: UTF8.self)
    }
}
