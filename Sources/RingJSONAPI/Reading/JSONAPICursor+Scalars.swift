#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The readings of ``JSONAPIValue``, which says what they mean.
extension JSONAPICursor {
    package var kind: JSONAPIValue.Kind {
        switch self.entry.tag {
        case .null, .end: .null
        case .false, .true: .bool
        case .integer, .decimal: .number
        case .string, .escapedString: .string
        case .array: .array
        case .object, .objectWithDuplicates: .object
        }
    }

    package var isNull: Bool { self.entry.is(.null) }

    package var string: String? {
        let entry = self.entry
        if entry.is(.string) { return unsafe String(decoding: self.utf8(entry), as: UTF8.self) }
        return entry.is(.escapedString) ? self.unescaped(entry) : nil
    }

    @inline(never) private func unescaped(_ entry: JSONEntry) -> String {
        unsafe String(decoding: JSONUnescaper.bytes(self.utf8(entry)), as: UTF8.self)
    }

    package var bool: Bool? {
        let entry = self.entry
        if entry.is(.true) { return true }
        return entry.is(.false) ? false : nil
    }

    package var int64: Int64? {
        let entry = self.entry
        return entry.isNumber ? unsafe JSONNumber.int64(self.utf8(entry)) : nil
    }

    package var double: Double? {
        let entry = self.entry
        return entry.isNumber ? unsafe JSONNumber.double(self.utf8(entry)) : nil
    }

    package var integer: Int64? {
        let entry = self.entry
        guard entry.isNumber || entry.is(.string) else { return nil }
        let text = unsafe self.utf8(entry)
        return unsafe entry.isNumber || JSONNumber.isWhole(text) ? JSONNumber.int64(text) : nil
    }

    package var number: Double? {
        let entry = self.entry
        guard entry.isNumber || entry.is(.string) else { return nil }
        let text = unsafe self.utf8(entry)
        return unsafe entry.isNumber || JSONNumber.isNumber(Array(text)[...]) ? JSONNumber.double(text) : nil
    }

    package var numberText: String? {
        let entry = self.entry
        return entry.isNumber ? unsafe String(decoding: self.utf8(entry), as: UTF8.self) : nil
    }

    package var date: Date? {
        let entry = self.entry
        guard entry.is(.string) else { return self.string.flatMap { JSONAPITime.parse($0) } }
        return unsafe JSONAPITime.parse(self.utf8(entry))
    }
}
