#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The readings of ``JSONAPIValue``, which says what they mean.
@_spi(RingModels)
extension JSONAPICursor {
    /// The kind of value.
    @inlinable public var kind: JSONAPIValue.Kind {
        switch self.entry.tag {
        case .null, .end: .null
        case .false, .true: .bool
        case .integer, .decimal: .number
        case .string, .escapedString, .undecodableString: .string
        case .array: .array
        case .object, .objectWithDuplicates: .object
        }
    }

    /// Whether it is an object. Models need this most, so it is found without comparing all six kinds.
    @inlinable public var isObject: Bool { self.entry.isObject }
    /// Whether it is an array; found in the same way.
    @inlinable public var isArray: Bool { self.entry.is(.array) }

    /// Whether it is a string that can be decoded.
    @inlinable public var isString: Bool { self.entry.isString }

    /// Whether it is `null`.
    @inlinable public var isNull: Bool { self.entry.is(.null) }

    /// The text of a string, escapes undone; `nil` for anything else, and for a string that cannot be decoded.
    package var string: String? {
        let entry = self.entry
        if entry.is(.string) { return unsafe String(decoding: self.utf8(entry), as: UTF8.self) }
        return entry.is(.escapedString) ? self.unescaped(entry) : nil
    }

    @inline(never) private func unescaped(_ entry: JSONEntry) -> String {
        unsafe String(decoding: JSONUnescaper.bytes(self.utf8(entry)), as: UTF8.self)
    }

    /// `true` or `false`; `nil` for anything else.
    @inlinable public var bool: Bool? {
        let entry = self.entry
        if entry.is(.true) { return true }
        return entry.is(.false) ? false : nil
    }

    /// A number that is a whole one in range; `nil` for anything else.
    package var int64: Int64? {
        let entry = self.entry
        return entry.isNumber ? unsafe JSONNumber.int64(self.utf8(entry)) : nil
    }

    /// A number; `nil` for anything else.
    package var double: Double? {
        let entry = self.entry
        return entry.isNumber ? unsafe JSONNumber.double(self.utf8(entry)) : nil
    }

    /// A whole number, or a string that holds one; `nil` for anything else.
    package var integer: Int64? {
        let entry = self.entry
        guard entry.isNumber || entry.is(.string) else { return nil }
        let text = unsafe self.utf8(entry)
        return unsafe entry.isNumber || JSONNumber.isWhole(text) ? JSONNumber.int64(text) : nil
    }

    /// A number, or a string that holds one; `nil` for anything else.
    package var number: Double? {
        let entry = self.entry
        guard entry.isNumber || entry.is(.string) else { return nil }
        let text = unsafe self.utf8(entry)
        return unsafe entry.isNumber || JSONNumber.isNumber(Array(text)[...]) ? JSONNumber.double(text) : nil
    }

    /// A number as it was written; `nil` for anything else.
    package var numberText: String? {
        let entry = self.entry
        return entry.isNumber ? unsafe String(decoding: self.utf8(entry), as: UTF8.self) : nil
    }

    /// A string that is an RFC 3339 time; `nil` for anything else.
    package var date: Date? {
        let entry = self.entry
        guard entry.is(.string) else { return self.string.flatMap { JSONAPITime.parse($0) } }
        return unsafe JSONAPITime.parse(self.utf8(entry))
    }
}
