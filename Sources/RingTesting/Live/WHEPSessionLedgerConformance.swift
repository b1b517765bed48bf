internal import RingCore
public import RingWHEP

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What every ledger of live sessions must keep, as checks that a test runs one by one:
///
///     @Test(arguments: WHEPSessionLedgerConformance.checks)
///     func keepsTheContract(check: WHEPSessionLedgerConformance.Check) async throws {
///         try await check.run(MyLedger())
///     }
public enum WHEPSessionLedgerConformance: Sendable {
    /// One check, to be run on an empty ledger.
    public struct Check: Sendable, CustomStringConvertible {
        /// What is promised.
        public let name: String
        /// The name.
        public var description: String { self.name }
        private let body: @Sendable (any WHEPSessionLedger) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (any WHEPSessionLedger) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// Runs the check.
        ///
        /// - Throws: ``Violation`` when the promise is broken; what the ledger throws.
        public func run(_ ledger: any WHEPSessionLedger) async throws { try await self.body(ledger) }
    }

    /// A broken promise.
    public struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
        /// What was promised and what happened.
        public var description: String
    }

    /// Every check.
    public static let checks: [Check] = [
        Check("an empty ledger has no records") { try await Self.expect([], in: $0) },
        Check("every field survives, present and absent") { ledger in
            let full = Self.record("b", 2, account: "account/ü", url: "https://h.example/v1/devices/a%2Fb/x?c=1")
            let sparse = Self.record("a", 1, account: nil, url: nil)
            try await ledger.insert(full)
            try await ledger.insert(sparse)
            try await Self.expect([sparse, full], in: ledger)
        },
        Check("records come oldest first, whatever the order of writing") { ledger in
            let records = (1...5).map { Self.record("r\($0)", Double($0), account: nil, url: nil) }
            for record in [records[3], records[0], records[4], records[2], records[1]] {
                try await ledger.insert(record)
            }
            try await Self.expect(records, in: ledger)
        },
        Check("a record of the same id is replaced") { ledger in
            try await ledger.insert(Self.record("a", 1, account: "one", url: nil))
            let second = Self.record("a", 2, account: "two", url: nil)
            try await ledger.insert(second)
            try await Self.expect([second], in: ledger)
        },
        Check("an update changes URL and end, and nothing else") { ledger in
            var record = Self.record("a", 1, account: "one", url: nil)
            let other = Self.record("b", 2, account: "one", url: nil)
            try await ledger.insert(record)
            try await ledger.insert(other)
            record.sessionURL = URL(string: "https://h.example/s/1")
            record.mayRunUntil = Date(timeIntervalSince1970: 1_800_000_999)
            if let url = record.sessionURL {
                try await ledger.update("a", sessionURL: url, mayRunUntil: record.mayRunUntil)
            }
            try await Self.expect([record, other], in: ledger)
        },
        Check("an update or removal of an unknown id changes nothing") { ledger in
            let record = Self.record("a", 1, account: nil, url: nil)
            try await ledger.insert(record)
            if let url = URL(string: "https://h.example/s/1") {
                try await ledger.update("x", sessionURL: url, mayRunUntil: record.mayRunUntil)
            }
            try await ledger.remove("x")
            try await Self.expect([record], in: ledger)
        },
        Check("a removed record is gone, also when it is removed twice") { ledger in
            try await ledger.insert(Self.record("a", 1, account: nil, url: nil))
            try await ledger.remove("a")
            try await ledger.remove("a")
            try await Self.expect([], in: ledger)
        },
        Check("many writers at once lose nothing") { ledger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        try await ledger.insert(Self.record("r\(number)", Double(number), account: nil, url: nil))
                        if number.isMultiple(of: 2) { try await ledger.remove("r\(number)") }
                    }
                }
                try await group.waitForAll()
            }
            let left = try await ledger.records().map(\.id)
            try Self.require(left == (0..<25).map { "r\($0 * 2 + 1)" }, "25 records should be left, in order: \(left)")
        },
    ]

    private static func record(_ id: String, _ start: Double, account: String?, url: String?) -> WHEPSessionRecord {
        WHEPSessionRecord(
            id: id, owner: WHEPSessionOwner(name: "worker-1", incarnation: "i-\(id)"),
            account: account.map(RingAccountID.init(rawValue:)), device: RingDeviceID(rawValue: "device/\(id)"),
            startedAt: Date(timeIntervalSince1970: 1_800_000_000 + start),
            mayRunUntil: Date(timeIntervalSince1970: 1_800_000_060.25 + start),
            sessionURL: url.flatMap { URL(string: $0) })
    }

    private static func expect(_ records: [WHEPSessionRecord], in ledger: any WHEPSessionLedger) async throws {
        let found = try await ledger.records()
        try Self.require(found == records, "expected \(records), found \(found)")
    }

    private static func require(_ condition: Bool, _ message: String) throws {
        guard condition else { throw Violation(description: message) }
    }
}
