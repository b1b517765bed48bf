internal import RingCore

extension RingSQLiteConnection {
    /// Reads one record.
    func record(_ id: RingStorageID, for holder: RingSQLiteLeaseHolder) throws -> RingStorageRecord? {
        let statement = try self.statement(.record)
        defer { statement.rest() }
        try statement.bind(1, id.collection)
        try statement.bind(2, id.name)
        guard try statement.step() else { return nil }
        return try self.record(statement.row, id, hasPayload: true, for: holder)
    }

    /// Reads the records that a query matches.
    func records(
        matching query: RingStorageQuery, for holder: RingSQLiteLeaseHolder
    ) throws -> [RingStorageRecord] {
        let limit = query.limit ?? .max
        guard limit > 0,
            let statement = try self.bound(query, query.includesPayload ? .wholeRecord : .withoutPayload)
        else { return [] }
        defer { statement.rest() }
        var found: [RingStorageRecord] = []
        while found.count < limit, try statement.step() {
            let row = statement.row
            if query.isFree, try self.leaseToken(row, for: holder) != nil { continue }
            let id = RingStorageID(query.collection, row.text(0))
            found.append(try self.record(row, id, hasPayload: query.includesPayload, for: holder))
        }
        return found
    }

    /// Reads the names of the records that a query matches.
    func names(matching query: RingStorageQuery, for holder: RingSQLiteLeaseHolder) throws -> [String] {
        let limit = query.limit ?? .max
        guard limit > 0, let statement = try self.bound(query, query.isFree ? .withoutPayload : .nameOnly) else {
            return []
        }
        defer { statement.rest() }
        var names: [String] = []
        while names.count < limit, try statement.step() {
            if query.isFree, try self.leaseToken(statement.row, for: holder) != nil { continue }
            names.append(statement.row.text(0))
        }
        return names
    }

    /// Counts the records that a query matches.
    func count(matching query: RingStorageQuery, for holder: RingSQLiteLeaseHolder) throws -> Int {
        let limit = query.limit ?? .max
        guard limit > 0, let statement = try self.bound(query, query.isFree ? .withoutPayload : .countOnly) else {
            return 0
        }
        defer { statement.rest() }
        guard query.isFree else {
            try statement.bind(5, Int64(limit))
            return try statement.step() ? Int(statement.row.integer(0)) : 0
        }
        var count = 0
        while count < limit, try statement.step() {
            if try self.leaseToken(statement.row, for: holder) == nil { count += 1 }
        }
        return count
    }

    /// The statement of a query with its values; `nil` when nothing can match.
    private func bound(
        _ query: RingStorageQuery, _ content: RingSQLiteStatementID.Shape.Content
    ) throws -> RingSQLiteStatement? {
        if let index = query.index, !(0..<RingStorageCollection.maximumIndexCount).contains(index) { return nil }
        let hasIndex = query.index != nil
        let statement = try self.statement(
            .query(
                RingSQLiteStatementID.Shape(
                    index: query.index, hasFrom: hasIndex && query.from != nil,
                    hasThrough: hasIndex && query.through != nil, hasAfter: query.afterName != nil, content: content)))
        do {
            try statement.bind(1, query.collection.name)
            if hasIndex, let from = query.from { try statement.bind(2, from) }
            if hasIndex, let through = query.through { try statement.bind(3, through) }
            if let name = query.afterName { try statement.bind(4, name) }
            return statement
        } catch {
            statement.rest()
            throw error
        }
    }

    private func record(
        _ row: RingSQLiteRow, _ id: RingStorageID, hasPayload: Bool, for holder: RingSQLiteLeaseHolder
    ) throws -> RingStorageRecord {
        var keys: [RingStorageKey?] = []
        for column in (2..<10) as Range<Int32> {
            guard let key = row.key(column) else { continue }
            // Missing positions count as nil.
            while keys.count < Int(column) - 2 { keys.append(nil) }
            keys.append(key)
        }
        return RingStorageRecord(
            id: id, version: row.integer(1), keys: keys, payload: hasPayload ? row.blob(13) : [],
            leaseToken: try self.leaseToken(row, for: holder))
    }

    /// The token of the lease that a row is held by.
    private func leaseToken(_ row: RingSQLiteRow, for holder: RingSQLiteLeaseHolder) throws -> Int64? {
        guard let token = row.optionalInteger(10) else { return nil }
        return try self.isHeld(process: row.integer(11), until: row.integer(12), for: holder) ? token : nil
    }
}

extension RingSQLiteConnection {
    /// What stands in the way of a change, or what it has to touch.
    private struct Place {
        var row: Int64
        var version: Int64
        /// A bit for each key that the change changes.
        var keys: UInt8
    }

    /// Makes all of the changes, or none. Whatever is checked is checked before anything is written.
    func commit(_ changes: [RingStorageChange], for holder: RingSQLiteLeaseHolder) throws -> Bool {
        if changes.count == 1, let change = changes.first {
            switch change {
            case .put(let record, nil, let lease): return try self.insert(record, lease, for: holder)
            case .delete(let id, let version): return try self.delete(id, version)
            case .put: break
            }
        }
        var places: [Place?] = []
        for change in changes {
            let place = try self.place(of: change)
            switch change {
            case .put(_, let version, _): guard place?.version == version else { return false }
            case .delete(_, let version): guard place?.version == version else { return false }
            }
            places.append(place)
        }
        for (number, change) in changes.enumerated() {
            // What was read holds unless the batch itself changed the record.
            let isRepeated = changes[..<number].contains { $0.id == change.id }
            let place = isRepeated ? try self.place(of: change) : places[number]
            switch (change, place) {
            case (.put(let record, _, let lease), let place?):
                try self.update(record, at: place, lease, for: holder)
            case (.put(let record, _, let lease), nil): _ = try self.insert(record, lease, for: holder)
            case (.delete, let place?):
                let statement = try self.statement(.delete)
                defer { statement.rest() }
                try statement.bind(1, place.row)
                _ = try statement.step()
            case (.delete, nil): break
            }
        }
        return true
    }

    private func place(of change: RingStorageChange) throws -> Place? {
        let statement = try self.statement(.stored)
        defer { statement.rest() }
        let id = change.id
        try statement.bind(1, id.collection)
        try statement.bind(2, id.name)
        guard try statement.step() else { return nil }
        let row = statement.row
        var place = Place(row: row.integer(0), version: row.integer(1), keys: 0)
        guard case .put(let record, _, _) = change else { return place }
        for index in 0..<8 {
            let key = index < record.keys.count ? record.keys[index] : nil
            if !row.equals(Int32(index) + 2, key) { place.keys |= 1 << index }
        }
        return place
    }

    /// Writes a record that there is not yet, without a lease.
    func putNew(_ record: RingStorageRecord) throws { _ = try self.insert(record, .keep, for: nil) }

    private func insert(
        _ record: RingStorageRecord, _ lease: RingLeaseChange, for holder: RingSQLiteLeaseHolder?
    ) throws -> Bool {
        let statement = try self.statement(.insert)
        defer { statement.rest() }
        try statement.bind(1, record.id.collection)
        try statement.bind(2, record.id.name)
        try statement.bind(3, record.version)
        try statement.bind(4, record.payload)
        if let holder, case .take(let token, let duration) = lease {
            try self.bind(statement, token: token, until: self.register(holder, for: duration), holder)
        }
        for (index, key) in record.keys.prefix(8).enumerated() {
            if let key { try statement.bind(Int32(10 + index), key) }
        }
        _ = try statement.step()
        return self.changedRows == 1
    }

    private func update(
        _ record: RingStorageRecord, at place: Place, _ lease: RingLeaseChange, for holder: RingSQLiteLeaseHolder
    ) throws {
        let statement = try self.statement(.update(keys: place.keys, setsLease: lease != .keep))
        defer { statement.rest() }
        try statement.bind(1, record.version)
        try statement.bind(2, record.payload)
        try statement.bind(3, place.row)
        if case .take(let token, let duration) = lease {
            try self.bind(statement, token: token, until: self.register(holder, for: duration), holder)
        }
        for index in 0..<min(record.keys.count, 8) where place.keys & 1 << index != 0 {
            if let key = record.keys[index] { try statement.bind(Int32(10 + index), key) }
        }
        _ = try statement.step()
    }

    private func bind(
        _ statement: RingSQLiteStatement, token: Int64, until: Int64, _ holder: RingSQLiteLeaseHolder
    ) throws {
        try statement.bind(5, token)
        try statement.bind(6, holder.id)
        try statement.bind(7, until)
    }

    private func delete(_ id: RingStorageID, _ version: Int64) throws -> Bool {
        let statement = try self.statement(.deleteVersion)
        defer { statement.rest() }
        try statement.bind(1, id.collection)
        try statement.bind(2, id.name)
        try statement.bind(3, version)
        _ = try statement.step()
        return self.changedRows == 1
    }
}

extension RingSQLiteStatement {
    func bind(_ position: Int32, _ key: RingStorageKey) throws {
        switch key {
        case .integer(let number): try self.bind(position, number)
        case .text(let text): try self.bind(position, text)
        }
    }
}
