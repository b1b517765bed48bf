import FoundationEssentials
import RingCore
import Testing

/// Payloads of records: what is written is read again, and damage is an error that names the record.
@Suite struct RingRecordFieldsTests {
    private static let id = RingStorageID(RingStorageCollection(name: "things", indexes: []), "a")

    private func read(_ fields: RingRecordFields) throws -> RingRecordFields {
        try RingRecordFields(fields.payload, of: Self.id)
    }

    @Test(arguments: [0, 1, 254, 255, 256, 70_000]) func bytesOfEveryLengthAreReadAgain(count: Int) throws {
        let value = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        var fields = RingRecordFields()
        fields.put(1, "before")
        fields.put(255, value)
        fields.put(2, "after")
        let read = try self.read(fields)
        #expect(read.bytes(255).map(Array.init) == value)
        #expect(read.text(1) == "before" && read.text(2) == "after" && read.bytes(3) == nil)
    }

    @Test(arguments: [Int64.min, -1, 0, 1, 255, 1_795_000_000_000, .max]) func numbersAreReadAgain(value: Int64) throws
    {
        var fields = RingRecordFields()
        fields.put(7, value)
        #expect(try self.read(fields).integer(7) == value)
    }

    @Test func momentsAreKeptToTheMicrosecond() throws {
        let moment = Date(timeIntervalSince1970: 1_795_000_000.123_456)
        var fields = RingRecordFields()
        fields.put(7, moment)
        #expect(try self.read(fields).date(7)?.storageMicroseconds == 1_795_000_000_123_456)
        #expect(Date(timeIntervalSince1970: .infinity).storageMicroseconds == .max)
        #expect(Date(timeIntervalSince1970: -.infinity).storageMicroseconds == .min)
        #expect(RingStorageKey.date(moment) == .integer(1_795_000_000_123_456))
    }

    @Test func whatIsMissingIsNotWritten() throws {
        var fields = RingRecordFields()
        fields.put(1, nil as String?)
        fields.put(2, nil as Int64?)
        fields.put(3, nil as Date?)
        fields.put(4, nil as [UInt8]?)
        #expect(fields.payload == RingRecordFields().payload)
        let read = try self.read(fields)
        #expect(read.text(1) == nil && read.integer(2) == nil && read.date(3) == nil && read.bytes(4) == nil)
    }

    @Test func aTextIsNoNumber() throws {
        var fields = RingRecordFields()
        fields.put(1, "seven")
        #expect(try self.read(fields).integer(1) == nil)
    }

    /// A later release writes fields that this one does not know. They are kept when the record is written again.
    @Test func fieldsOfANewerReleaseAreKept() throws {
        var newer = RingRecordFields()
        newer.put(1, "known")
        newer.put(200, [1, 2, 3] as [UInt8])
        newer.put(201, Int64(9))
        var rewritten = RingRecordFields()
        rewritten.put(1, "changed")
        rewritten.append(newerFields: try self.read(newer).newerFields(above: 100))
        let read = try self.read(rewritten)
        #expect(read.text(1) == "changed")
        #expect(read.bytes(200).map(Array.init) == [1, 2, 3] && read.integer(201) == 9)
        #expect(try self.read(newer).newerFields(above: 201).isEmpty)
    }

    @Test(
        arguments: [
            [], [0], [2], [1, 7], [1, 7, 3, 0, 0], [1, 7, 255, 0, 0, 0], [1, 7, 255, 0, 0, 0, 2, 9],
            [1, 7, 255, 255, 255, 255, 255, 0],
        ] as [[UInt8]])
    func damageIsAnErrorThatNamesTheRecord(payload: [UInt8]) {
        let error = #expect(throws: RingError.self) { try RingRecordFields(payload, of: Self.id) }
        #expect(error?.code == .storageFailed)
        #expect(error?.message.contains("stored record \(Self.id)") == true)
    }
}
