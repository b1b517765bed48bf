internal import RingCore

/// Numbers the statements of records, so that finding a prepared one compares no text.
struct RingSQLiteStatementID {
    let number: Int
    private let kind: Kind

    private enum Kind {
        case fixed(String)
        case update(keys: UInt8, setsLease: Bool)
        case query(Shape)
    }

    /// What a query has, without its values.
    struct Shape {
        /// The position of the index key; `nil` for the order by name.
        var index: Int?
        var hasFrom: Bool
        var hasThrough: Bool
        var hasAfter: Bool
        var content: Content

        /// What is read of each row.
        enum Content: Int {
            case wholeRecord, withoutPayload, countOnly, nameOnly
        }
    }

    static let count = 64 + 512 + 9 * 8 * 4
    private static let keys = (0..<RingStorageCollection.maximumIndexCount).map { "k\($0)" }.joined(separator: ", ")
    /// The columns of a record; ``RingSQLiteRow/record(_:hasPayload:)`` knows their order.
    private static let columns = "name, version, \(Self.keys), lease_token, lease_process, lease_until"

    private init(_ number: Int, _ sql: String) {
        self.number = number
        self.kind = .fixed(sql)
    }

    static let begin = Self(0, "BEGIN")
    static let beginImmediate = Self(1, "BEGIN IMMEDIATE")
    static let commit = Self(2, "COMMIT")
    static let oldestWriter = Self(3, "PRAGMA user_version")
    static let freePages = Self(4, "PRAGMA freelist_count")
    static let pages = Self(5, "PRAGMA page_count")
    static let shrink = Self(6, "PRAGMA incremental_vacuum(\(RingSQLiteSchema.pagesToShrink))")

    static let record = Self(10, "SELECT \(Self.columns), payload FROM ring_record WHERE collection = ?1 AND name = ?2")
    static let stored = Self(
        11, "SELECT row, version, \(Self.keys) FROM ring_record WHERE collection = ?1 AND name = ?2")
    static let insert = Self(
        12,
        """
        INSERT INTO ring_record (collection, name, version, payload, lease_token, lease_process, lease_until, \(Self.keys))
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
        ON CONFLICT (collection, name) DO NOTHING
        """)
    static let delete = Self(13, "DELETE FROM ring_record WHERE row = ?1")
    static let deleteVersion = Self(
        14, "DELETE FROM ring_record WHERE collection = ?1 AND name = ?2 AND version = ?3")
    static let extend = Self(
        15,
        """
        UPDATE ring_record SET lease_process = ?4, lease_until = ?5
        WHERE collection = ?1 AND name = ?2 AND lease_token = ?3
        """)

    static let process = Self(20, "SELECT boot, namespace, pid, started FROM ring_process WHERE id = ?1")
    static let processEnd = Self(21, "SELECT leased_until FROM ring_process WHERE id = ?1")
    static let insertProcess = Self(22, "INSERT INTO ring_process VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    static let updateProcess = Self(23, "UPDATE ring_process SET leased_until = ?2 WHERE id = ?1")
    static let deleteProcess = Self(24, "DELETE FROM ring_process WHERE id = ?1")
    static let processes = Self(25, "SELECT id, boot, namespace, pid, started, leased_until FROM ring_process")

    /// Writes a record whose row is known, and those of its keys that changed.
    static func update(keys: UInt8, setsLease: Bool) -> Self {
        Self(number: 64 + Int(keys) * 2 + (setsLease ? 1 : 0), kind: .update(keys: keys, setsLease: setsLease))
    }

    static func query(_ shape: Shape) -> Self {
        var number = (shape.index ?? 8) * 8
        number += (shape.hasFrom ? 1 : 0) + (shape.hasThrough ? 2 : 0) + (shape.hasAfter ? 4 : 0)
        return Self(number: 64 + 512 + number * 4 + shape.content.rawValue, kind: .query(shape))
    }

    private init(number: Int, kind: Kind) {
        self.number = number
        self.kind = kind
    }

    /// The text of the statement.
    var sql: String {
        switch self.kind {
        case .fixed(let sql): sql
        case .update(let keys, let setsLease): Self.update(keys, setsLease)
        case .query(let shape): Self.select(shape)
        }
    }

    private static func update(_ keys: UInt8, _ setsLease: Bool) -> String {
        var sets = ["version = ?1", "payload = ?2"]
        if setsLease { sets += ["lease_token = ?5", "lease_process = ?6", "lease_until = ?7"] }
        for index in 0..<8 where keys & 1 << index != 0 { sets.append("k\(index) = ?\(10 + index)") }
        return "UPDATE ring_record SET \(sets.joined(separator: ", ")) WHERE row = ?3"
    }

    private static func select(_ shape: Shape) -> String {
        var conditions = ["collection = ?1"]
        var order = ["name"]
        var source = "ring_record"
        if let index = shape.index {
            source += " INDEXED BY ring_record_k\(index)"
            conditions.append("k\(index) IS NOT NULL")
            if shape.hasFrom { conditions.append("k\(index) >= ?2") }
            if shape.hasThrough { conditions.append("k\(index) <= ?3") }
            order.insert("k\(index)", at: 0)
        }
        if shape.hasAfter { conditions.append("name > ?4") }
        let rest = "FROM \(source) WHERE \(conditions.joined(separator: " AND "))"
        let ordered = " \(rest) ORDER BY \(order.joined(separator: ", "))"
        return switch shape.content {
        case .wholeRecord: "SELECT \(Self.columns), payload" + ordered
        case .withoutPayload: "SELECT \(Self.columns)" + ordered
        // In the index alone.
        case .nameOnly: "SELECT name" + ordered
        case .countOnly: "SELECT count(*) FROM (SELECT 1 \(rest) LIMIT ?5)"
        }
    }
}
