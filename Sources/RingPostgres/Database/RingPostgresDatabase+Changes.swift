internal import RingCore

extension RingPostgresDatabase {
    /// The statements of changes, each with the check that it was made.
    func calls(_ changes: [RingStorageChange]) -> (PostgresCall, @Sendable (PostgresResult) -> Bool) {
        var call: PostgresCall
        let isMade: @Sendable (PostgresResult) -> Bool
        if changes.count == 1, let change = changes.first {
            call = self.call(change)
            isMade = { $0.changedRows == 1 }
        } else {
            call = self.call(changes)
            isMade = { $0.boolean(0, 0) }
        }
        let names = changes.map { Array($0.id.description.utf8) }
        call.firstRecord = names.min { $0.lexicographicallyPrecedes($1) } ?? []
        return (call, isMade)
    }

    private func call(_ change: RingStorageChange) -> PostgresCall {
        switch change {
        case .delete(let id, let version):
            return PostgresCall(
                sql: self.sql.delete, values: [.text(id.collection), .bytes(Array(id.name.utf8)), .integer(version)])
        case .put(let record, let old, let lease):
            var values: [PostgresValue] = [
                .text(record.id.collection), .bytes(Array(record.id.name.utf8)), .integer(record.version),
                .bytes(record.payload),
            ]
            values += record.encodedKeys.map { PostgresValue($0) }
            let kind = lease.kind
            if case .take(let token, let duration) = lease {
                values += [.integer(token), .integer(duration.wholeMicroseconds), .integer(self.process)]
            }
            guard let old else {
                return PostgresCall(sql: self.sql.insert(kind == .take ? .take : .keep), values: values)
            }
            return PostgresCall(sql: self.sql.update(kind), values: values + [.integer(old)])
        }
    }

    private func call(_ changes: [RingStorageChange]) -> PostgresCall {
        var olds: [Int64?] = []
        var versions: [Int64?] = []
        var keys: [[UInt8]?] = []
        var payloads: [[UInt8]?] = []
        var leases: [Int64?] = []
        var tokens: [Int64?] = []
        var durations: [Int64?] = []
        for change in changes {
            switch change {
            case .delete(_, let version):
                olds.append(version)
                versions.append(nil)
                keys += [[UInt8]?](repeating: nil, count: RingStorageCollection.maximumIndexCount)
                payloads.append(nil)
                leases.append(nil)
                tokens.append(nil)
                durations.append(nil)
            case .put(let record, let old, let lease):
                olds.append(old)
                versions.append(record.version)
                keys += record.encodedKeys
                payloads.append(record.payload)
                leases.append(lease.kind.rawValue)
                if case .take(let token, let duration) = lease {
                    tokens.append(token)
                    durations.append(duration.wholeMicroseconds)
                } else {
                    tokens.append(nil)
                    durations.append(nil)
                }
            }
        }
        return PostgresCall(
            sql: self.sql.commit,
            values: [
                .texts(changes.map(\.id.collection)), .byteStrings(changes.map { Array($0.id.name.utf8) }),
                .integers(olds), .integers(versions), .byteStrings(keys), .byteStrings(payloads), .integers(leases),
                .integers(tokens), .integers(durations), .integer(self.process),
            ])
    }
}

extension PostgresResult {
    /// A row of position, name, version, keys, lease token and payload.
    func record(_ row: Int, in collection: String) -> RingStorageRecord {
        var keys: [RingStorageKey?] = []
        for column in 0..<RingStorageCollection.maximumIndexCount {
            guard let key = self.optionalBytes(row, Int32(column) + 3).flatMap(PostgresKey.decoded) else { continue }
            // Missing positions count as nil.
            while keys.count < column { keys.append(nil) }
            keys.append(key)
        }
        let last = Int32(RingStorageCollection.maximumIndexCount) + 3
        let name = self.text(row, 1)
        return RingStorageRecord(
            id: RingStorageID(RingStorageCollection(name: collection, indexes: []), name),
            version: self.integer(row, 2), keys: keys, payload: self.bytes(row, last + 1),
            leaseToken: self.optionalInteger(row, last))
    }
}

extension RingStorageRecord {
    /// One value for each position.
    fileprivate var encodedKeys: [[UInt8]?] {
        (0..<RingStorageCollection.maximumIndexCount).map { index in
            self.keys.indices.contains(index) ? self.keys[index].map(PostgresKey.encoded) : nil
        }
    }
}

extension RingStorageQuery {
    /// Whether anything can match.
    var canMatch: Bool {
        if let limit, limit <= 0 { return false }
        return self.index.map { (0..<RingStorageCollection.maximumIndexCount).contains($0) } ?? true
    }
}

extension RingLeaseChange {
    fileprivate var kind: PostgresSQL.Lease {
        switch self {
        case .keep: .keep
        case .take: .take
        case .release: .release
        }
    }
}

extension RingStorageChange {
    var takesLease: Bool {
        if case .put(_, _, .take) = self { true } else { false }
    }
}

extension Duration {
    /// Kept within what the number can hold, and not below zero.
    var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = self.components
        if seconds < 0 || attoseconds < 0 { return 0 }
        return min(seconds, 86_400) * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
