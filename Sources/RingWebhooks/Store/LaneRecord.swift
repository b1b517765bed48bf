internal import RingCore

/// The record of a lane that has waiting webhooks. Whoever works on a webhook of the lane holds the lease on this record.
/// Its payload has no fields yet.
enum LaneRecord {
    static let collection = RingStorageCollection(name: "lanes", indexes: ["due"])

    static func id(_ lane: String) -> RingStorageID { RingStorageID(Self.collection, lane) }

    /// The record of a lane that had none, due at once.
    static func first(_ lane: String, version: Int64) -> RingStorageRecord {
        RingStorageRecord(
            id: Self.id(lane), version: version, keys: [.integer(0)], payload: RingRecordFields().payload)
    }
}

extension RingStorageRecord {
    /// The moment at which a webhook or a lane is due, in microseconds since 1970.
    var due: Int64 {
        if case .integer(let due)? = self.keys.first ?? nil { due } else { 0 }
    }

    /// The next version of the record with another moment at which it is due. The payload stays as it is, also when this
    /// release cannot read it.
    func due(at moment: Int64) -> RingStorageRecord {
        var record = self
        if record.keys.isEmpty { record.keys = [nil] }
        record.keys[0] = .integer(moment)
        record.version &+= 1
        return record
    }
}
