#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The payload of a record: numbered fields that any release can read, with those of newer releases kept as they are.
///
/// The format: one byte 1, then for each field its number (1 to 255) in one byte, the length of its value in one byte, or
/// as 255 followed by four bytes, and the value. A released field never changes its number or its meaning.
package struct RingRecordFields: Sendable {
    private static let version: UInt8 = 1
    private var bytes: [UInt8]
    /// The place of each field's value, by number, when it was read from a payload.
    private var places: [(number: UInt8, range: Range<Int>)] = []

    /// Creates an empty payload to write fields into.
    package init() { self.bytes = [Self.version] }

    /// Reads a payload.
    ///
    /// - Parameters:
    ///   - payload: The stored bytes.
    ///   - id: The record, for the message of an error.
    /// - Throws: `RingError` with code `storageFailed` when the payload is damaged, or of a format this release does not
    ///   know.
    package init(_ payload: [UInt8], of id: RingStorageID) throws {
        guard payload.first == Self.version else {
            throw RingError(
                code: .storageFailed,
                message: "stored record \(id): its format is newer than this release, or damaged; run the newer release"
            )
        }
        self.bytes = payload
        self.places.reserveCapacity(24)
        var index = 1
        while index < payload.count {
            guard payload.count - index >= 2 else { throw Self.damaged(id) }
            let number = payload[index]
            var count = Int(payload[index + 1])
            index += 2
            if count == 255 {
                guard payload.count - index >= 4 else { throw Self.damaged(id) }
                count = payload[index..<index + 4].reduce(0) { $0 << 8 | Int($1) }
                index += 4
            }
            guard payload.count - index >= count else { throw Self.damaged(id) }
            self.places.append((number, index..<index + count))
            index += count
        }
    }

    private static func damaged(_ id: RingStorageID) -> RingError {
        RingError(code: .storageFailed, message: "stored record \(id): the payload is damaged; restore a backup")
    }

    /// The payload to store.
    package var payload: [UInt8] { self.bytes }

    /// The fields whose numbers are above the highest one this release knows, as they were read: give them to
    /// ``append(newerFields:)`` when the record is written again.
    package func newerFields(above highest: UInt8) -> [UInt8] {
        var newer = RingRecordFields()
        newer.bytes = []
        for (number, range) in self.places where number > highest { newer.put(number, self.bytes[range]) }
        return newer.bytes
    }

    /// Adds what ``newerFields(above:)`` gave.
    package mutating func append(newerFields: [UInt8]) { self.bytes += newerFields }

    /// Writes bytes; `nil` writes nothing.
    package mutating func put(_ number: UInt8, _ value: (some Collection<UInt8>)?) {
        guard let value else { return }
        let count = value.count
        self.bytes.append(number)
        if count < 255 {
            self.bytes.append(UInt8(count))
        } else {
            self.bytes.append(255)
            for shift in [24, 16, 8, 0] as [UInt32] { self.bytes.append(UInt8(truncatingIfNeeded: count >> shift)) }
        }
        self.bytes.append(contentsOf: value)
    }

    /// Writes a text; `nil` writes nothing.
    package mutating func put(_ number: UInt8, _ value: String?) { self.put(number, value?.utf8) }

    /// Writes a number; `nil` writes nothing.
    package mutating func put(_ number: UInt8, _ value: Int64?) {
        guard let value else { return }
        self.bytes.append(number)
        self.bytes.append(8)
        for shift in stride(from: 56, through: 0, by: -8) {
            self.bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    /// Writes a moment in microseconds since 1970; `nil` writes nothing.
    package mutating func put(_ number: UInt8, _ value: Date?) { self.put(number, value?.storageMicroseconds) }

    /// The bytes of a field; `nil` when it is missing.
    package func bytes(_ number: UInt8) -> ArraySlice<UInt8>? {
        for (other, range) in self.places where other == number { return self.bytes[range] }
        return nil
    }

    /// The text of a field; `nil` when it is missing.
    package func text(_ number: UInt8) -> String? {
        self.bytes(number).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The number in a field; `nil` when it is missing or has another length.
    package func integer(_ number: UInt8) -> Int64? {
        guard let bytes = self.bytes(number), bytes.count == 8 else { return nil }
        return bytes.reduce(0) { $0 << 8 | Int64($1) }
    }

    /// The moment in a field; `nil` when it is missing.
    package func date(_ number: UInt8) -> Date? { self.integer(number).map(Date.init(storageMicroseconds:)) }
}

extension Date {
    /// Whole microseconds since 1970, kept within what the number can hold: the unit of every stored moment.
    package var storageMicroseconds: Int64 {
        let value = (self.timeIntervalSince1970 * 1_000_000).rounded()
        return Int64(exactly: value) ?? (value < 0 ? .min : .max)
    }

    /// The moment of a number of microseconds since 1970.
    package init(storageMicroseconds: Int64) {
        self.init(timeIntervalSince1970: Double(storageMicroseconds) / 1_000_000)
    }
}

extension RingStorageKey {
    /// A moment as an index key.
    package static func date(_ date: Date) -> Self { .integer(date.storageMicroseconds) }
}
