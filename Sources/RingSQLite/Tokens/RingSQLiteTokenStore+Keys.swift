internal import RingCore
internal import RingCrypto
internal import RingOAuth

extension RingSQLiteTokenStore {
    private static let probe = Array("ring sealing key probe".utf8)
    private static func probeData(_ id: String) -> [UInt8] { Array("ring key:\(id)".utf8) }

    /// Refuses keys that cannot open what is stored, and leaves a probe for the active key.
    func checkKeys() async throws {
        let (used, probes) = try await self.read { connection in
            (
                try connection.query("SELECT DISTINCT key_id FROM token_account WHERE key_id IS NOT NULL") {
                    $0.text(0)
                },
                try connection.query("SELECT id, probe FROM token_key") { ($0.text(0), $0.blob(1)) }
            )
        }
        let missing = used.filter { !self.has($0) }
        guard missing.isEmpty else {
            throw RingError(
                code: .misconfigured,
                message: """
                    \(self.database.location) holds tokens sealed with \(missing.joined(separator: ", ")), and \
                    RING_SEALING_KEYS has no such key; add it behind the active one. Nothing was changed.
                    """)
        }
        for (id, probe) in probes where self.has(id) {
            // Another key under the same id opens nothing.
            guard let opened = try? self.sealer.keys?.open(probe, associatedData: Self.probeData(id)),
                opened == Self.probe
            else {
                throw RingError(
                    code: .misconfigured,
                    message: """
                        The sealing key \(id) is not the key that sealed the tokens in \(self.database.location) under \
                        this name; give the right one. Nothing was changed.
                        """)
            }
        }
        guard let keys = self.sealer.keys, !probes.contains(where: { $0.0 == keys.active.id }) else { return }
        let id = keys.active.id
        let sealed = try keys.seal(Self.probe, associatedData: Self.probeData(id))
        _ = try await self.write {
            try $0.execute("INSERT OR IGNORE INTO token_key (id, probe) VALUES (?1, ?2)", [.text(id), .blob(sealed)])
        }
    }

    private func has(_ id: String) -> Bool {
        guard let keys = self.sealer.keys else { return false }
        return keys.active.id == id || keys.retired.contains { $0.id == id }
    }

    /// Seals anew what an older key sealed, or nothing did. Without it this happens whenever a record is written, which for
    /// a living account is within a day.
    ///
    /// - Parameter limit: The most records to look at in one go.
    /// - Returns: How many were sealed; below `limit`, nothing old is left.
    /// - Throws: `RingError` with code `storageFailed`.
    public func reseal(limit: Int = 1_000) async throws -> Int {
        guard let active = self.sealer.keys?.active.id else { return 0 }
        let accounts = try await self.read { connection in
            try connection.query(
                "SELECT account FROM token_account WHERE key_id IS NOT ?1 AND secrets IS NOT NULL LIMIT ?2",
                [.text(active), .integer(Int64(limit))]
            ) { RingAccountID(rawValue: $0.text(0)) }
        }
        var count = 0
        for account in accounts {
            guard var record = try await self.record(for: account) else { continue }
            let version = record.version
            record.version += 1
            if try await self.commit([.put(record, replacing: version)]) { count += 1 }
        }
        return count
    }
}
