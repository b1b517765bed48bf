public import RingCore

/// What every storage engine has to do, as rules that a test runs one by one.
///
/// <!-- given: func newFolder() -> String, func MyStorage(_ folder: String) async throws -> any RingStorage -->
/// ```swift
/// @Test(arguments: RingStorageConformance.rules)
/// func conforms(rule: RingStorageConformance.Rule) async throws {
///     let folder = newFolder()
///     try await rule.check(.init { try await MyStorage(folder) })
/// }
/// ```
public enum RingStorageConformance: Sendable {
    /// A new, empty database that a rule works on.
    public struct Database: Sendable {
        /// Opens the database as one more process would. Every value that it returns shares the data of the others and has
        /// leases of its own.
        package var open: @Sendable () async throws -> any RingStorage
        /// Lets time pass on the engine's clock.
        package var wait: @Sendable (Duration) async throws -> Void
        /// Whether minutes pass at once.
        let movesClock: Bool
        /// A statement for the engine's transactions, and how often it has had its effect.
        package var effect: (statement: String, count: @Sendable () async throws -> Int)?

        /// Describes a database.
        ///
        /// - Parameters:
        ///   - open: Opens it; called several times.
        ///   - wait: Lets time pass; sleeps unless it is given. An engine whose clock a test can move needs no sleep.
        public init(
            open: @escaping @Sendable () async throws -> any RingStorage,
            wait: (@Sendable (Duration) async throws -> Void)? = nil
        ) {
            self.open = open
            self.wait = wait ?? { try await Task.sleep(for: $0) }
            self.movesClock = wait != nil
        }
    }

    /// One rule.
    public struct Rule: Sendable, CustomStringConvertible {
        /// The rule in words.
        public let name: String
        /// The rule in words, for a list of test arguments.
        public var description: String { self.name }
        private let body: @Sendable (Database) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (Database) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// A rule that one open database is enough for.
        init(_ name: String, one body: @escaping @Sendable (any RingStorage) async throws -> Void) {
            self.init(name) { database in
                let storage = try await database.open()
                try await body(storage)
                await storage.close()
            }
        }

        /// Runs the rule.
        ///
        /// - Parameter database: A database that holds nothing.
        /// - Throws: ``Violation`` when the engine breaks the rule, and what the engine throws.
        public func check(_ database: Database) async throws { try await self.body(database) }
    }

    /// An engine broke a rule.
    public struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
        /// What was expected.
        public var description: String
    }

    /// Every rule.
    public static let rules: [Rule] =
        Self.recordRules + Self.commitRules + Self.queryRules + Self.leaseRules + Self.concurrencyRules
        + Self.takingRules + Self.transactionRules + Self.differentialRules

    /// Two collections with all of the index keys there may be.
    static let things = RingStorageCollection(
        name: "things", indexes: (0..<RingStorageCollection.maximumIndexCount).map { "key\($0)" })
    static let others = RingStorageCollection(name: "others", indexes: things.indexes)

    static func record(
        _ name: String, version: Int64 = 1, keys: [RingStorageKey?] = [], payload: [UInt8] = [],
        in collection: RingStorageCollection = things
    ) -> RingStorageRecord {
        RingStorageRecord(id: RingStorageID(collection, name), version: version, keys: keys, payload: payload)
    }

    static func expect(_ condition: Bool, _ rule: @autoclosure () -> String) throws {
        guard condition else { throw Violation(description: rule()) }
    }

    /// Compares, and shows both sides when they differ.
    static func expect<Value: Equatable>(_ found: Value, is expected: Value, _ rule: String) throws {
        guard found == expected else { throw Violation(description: "\(rule): \(found) instead of \(expected)") }
    }

    /// Writes new records, each in a commit of its own.
    static func put(_ storage: any RingStorage, _ records: RingStorageRecord...) async throws {
        for record in records {
            try expect(
                try await storage.commit([.put(record, replacing: nil)]), "the new record \(record.id) is stored")
        }
    }

    static func names(_ storage: any RingStorage, _ query: RingStorageQuery) async throws -> [String] {
        try await storage.records(matching: query).map(\.id.name)
    }

    /// A record without what an engine is free in: keys at the end that are `nil`.
    static func plain(_ record: RingStorageRecord?) -> RingStorageRecord? {
        guard var record else { return nil }
        while record.keys.last == .some(nil) { record.keys.removeLast() }
        return record
    }

    /// Checks what is stored under the name of a record.
    static func expect(_ storage: any RingStorage, holds record: RingStorageRecord, _ rule: String) async throws {
        let found = try await storage.record(record.id)
        try expect(plain(found) == plain(record), "\(rule): \(String(describing: found))")
    }

    static func expectFailure(_ rule: String, _ body: () async throws -> Void) async throws {
        do { try await body() } catch let error as RingError {
            return try expect(error.code, is: .storageFailed, rule)
        }
        throw Violation(description: "\(rule): nothing was thrown")
    }
}
