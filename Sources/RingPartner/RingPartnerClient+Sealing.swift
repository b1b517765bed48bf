internal import RingCore

extension RingPartnerClient {
    /// How many stored records are encrypted with each sealing key that was ever active here: tokens, webhooks and live
    /// sessions. A key that is not in the result, or has 0, may be dropped from `RING_SEALING_KEYS`. An account that was
    /// encrypted partly with one key and partly with another counts for both.
    ///
    /// It counts all records of the storage, so call it for an operator, not for each request.
    ///
    /// - Returns: The counts by the keys' names.
    /// - Throws: `RingError` with code `storageFailed`.
    public func sealingKeysInUse() async throws -> [String: Int] {
        let storage = self.configuration.storage
        var counts: [String: Int] = [:]
        for probe in try await storage.records(matching: RingStorageQuery(.sealingKeys)) {
            let key = RingStorageKey.text(probe.id.name)
            var count = try await self.tokens.store.count(ofKey: probe.id.name)
            for collection in [RingStoredWebhook.collection, .live] as [RingStorageCollection] {
                guard let index = collection.indexes.firstIndex(of: "sealing_key") else { continue }
                count += try await storage.count(
                    matching: RingStorageQuery(collection, index: index, from: key, through: key))
            }
            counts[probe.id.name] = count
        }
        return counts
    }
}
