/// A named set of records of one kind, with the names of its index keys.
///
/// The position of an index key is part of the stored format: new keys are added at the end. At most
/// eight.
public struct RingStorageCollection: Hashable, Sendable {
    /// The name: lower-case letters, digits and `_`.
    public let name: String
    /// The names of the index keys, by position.
    public let indexes: [String]

    /// The most index keys that a collection has.
    package static let maximumIndexCount = 8

    /// Declares a collection.
    package init(name: String, indexes: [String]) {
        self.name = name
        self.indexes = Array(indexes.prefix(Self.maximumIndexCount))
    }
}

/// Names one record.
public struct RingStorageID: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The name of its collection.
    public var collection: String
    /// Its name in the collection; any text, ordered by UTF-8 bytes.
    public var name: String

    /// Creates an identifier.
    public init(_ collection: RingStorageCollection, _ name: String) {
        self.collection = collection.name
        self.name = name
    }

    /// Collection and name.
    public var description: String { "\(self.collection)/\(self.name)" }
}

/// The value of an index key. Integers come before texts; texts are ordered by UTF-8 bytes.
public enum RingStorageKey: Hashable, Sendable, Codable, Comparable {
    /// A number, such as microseconds since 1970.
    case integer(Int64)
    /// A text.
    case text(String)

    /// The order of an index.
    public static func < (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left < right
        case (.text(let left), .text(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.integer, .text): true
        case (.text, .integer): false
        }
    }
}

/// One record as an engine stores it.
public struct RingStorageRecord: Hashable, Sendable, Codable {
    /// Its name.
    public var id: RingStorageID
    /// The version that a writer chose for it. A writer chooses one that the record did not have before.
    public var version: Int64
    /// The index keys, by position; `nil` keeps the record out of that index. Missing positions count as `nil`.
    public var keys: [RingStorageKey?]
    /// The content, opaque to the engine.
    public var payload: [UInt8]
    /// The token of the lease that somebody holds on the record; `nil` when it is free. Set by the engine when it reads,
    /// ignored when it writes.
    public var leaseToken: Int64?

    /// Creates a record.
    public init(
        id: RingStorageID, version: Int64, keys: [RingStorageKey?] = [], payload: [UInt8] = [], leaseToken: Int64? = nil
    ) {
        self.id = id
        self.version = version
        self.keys = keys
        self.payload = payload
        self.leaseToken = leaseToken
    }

    /// Whether somebody holds a lease on it, as the engine judged when it read the record.
    package var isLeased: Bool { self.leaseToken != nil }
}

/// A lease on a record: the right to work on what the record stands for, until it ends.
///
/// The token is random, one for each piece of work, so that two pieces of work of one process are told apart as well.
public struct RingStorageLease: Hashable, Sendable, Codable {
    /// The record.
    public var id: RingStorageID
    /// Tells this lease from every other one on the record.
    public var token: Int64

    /// Creates a lease.
    package init(id: RingStorageID, token: Int64) {
        self.id = id
        self.token = token
    }
}

/// What a write does to the lease of its record.
public enum RingLeaseChange: Hashable, Sendable {
    /// Nothing: a lease that somebody holds stays theirs.
    case keep
    /// The writer takes the record for some time, by the engine's clock. Take a record that was read as free; the version
    /// that is replaced proves that nobody took it since.
    case take(token: Int64, for: Duration)
    /// The record is free.
    case release
}

/// One write, with what must be stored before it.
public enum RingStorageChange: Sendable {
    /// Writes a record whole. `replacing` is the version that must be stored; `nil` demands that no such record exists.
    case put(RingStorageRecord, replacing: Int64?, lease: RingLeaseChange = .keep)
    /// Deletes a record whose version must be the stored one.
    case delete(RingStorageID, version: Int64)

    /// The record it concerns.
    package var id: RingStorageID {
        switch self {
        case .put(let record, _, _): record.id
        case .delete(let id, _): id
        }
    }
}

/// What to read from one collection, by an index or by name.
public struct RingStorageQuery: Hashable, Sendable {
    /// The collection.
    public var collection: RingStorageCollection
    /// The position of the index key to select and order by; `nil` orders by name alone.
    public var index: Int?
    /// The lowest value of the key, itself included; `nil` for no lower end.
    public var from: RingStorageKey?
    /// The highest value of the key, itself included; `nil` for no upper end.
    public var through: RingStorageKey?
    /// Leaves out records whose name is this one or comes before it; for paging through a query without an index.
    public var afterName: String?
    /// The most records to return; `nil` for all.
    public var limit: Int?
    /// Leaves out records that somebody holds a lease on.
    public var isFree: Bool
    /// Whether payloads are wanted. An engine may return them anyway.
    public var includesPayload: Bool

    /// Creates a query over an index, ordered by the key and then by name.
    package init(
        _ collection: RingStorageCollection, index: Int, from: RingStorageKey? = nil, through: RingStorageKey? = nil,
        limit: Int? = nil, isFree: Bool = false, includesPayload: Bool = true
    ) {
        self.collection = collection
        self.index = index
        self.from = from
        self.through = through
        self.limit = limit
        self.isFree = isFree
        self.includesPayload = includesPayload
    }

    /// Creates a query over a whole collection, ordered by name.
    package init(
        _ collection: RingStorageCollection, afterName: String? = nil, limit: Int? = nil, isFree: Bool = false,
        includesPayload: Bool = true
    ) {
        self.collection = collection
        self.afterName = afterName
        self.limit = limit
        self.isFree = isFree
        self.includesPayload = includesPayload
    }

    /// Whether a record belongs to the result, whatever the limit. Engines with a query language of their own must agree
    /// with this.
    public func matches(_ record: RingStorageRecord) -> Bool {
        guard record.id.collection == self.collection.name, !(self.isFree && record.isLeased) else { return false }
        if let afterName, !afterName.utf8.lexicographicallyPrecedes(record.id.name.utf8) { return false }
        guard let index else { return true }
        guard record.keys.indices.contains(index), let key = record.keys[index] else { return false }
        if let from, key < from { return false }
        if let through, through < key { return false }
        return true
    }

    /// Whether one record comes before another one in the result. Engines with a query language of their own must agree
    /// with this.
    public func precedes(_ left: RingStorageRecord, _ right: RingStorageRecord) -> Bool {
        if let index, left.keys.indices.contains(index), right.keys.indices.contains(index),
            let first = left.keys[index], let second = right.keys[index], first != second
        {
            return first < second
        }
        return left.id.name.utf8.lexicographicallyPrecedes(right.id.name.utf8)
    }
}
