package import RingCore
internal import RingCrypto

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingStorageCollection {
    /// The sessions that may be open.
    package static let live = Self(name: "live", indexes: ["account", "device", "expires", "sealing_key"])
}

/// How a session is stored. Field numbers and index positions are frozen.
extension WHEPSessionRecord {
    private enum Field {
        static let account: UInt8 = 1
        static let device: UInt8 = 2
        static let startedAt: UInt8 = 3
        static let mayRunUntil: UInt8 = 4
        static let maximumRun: UInt8 = 5
        static let sessionURL: UInt8 = 6
        static let ringTime: UInt8 = 7
    }

    enum Index {
        static let account = 0
        static let device = 1
        static let expires = 2
    }

    /// The record to store.
    ///
    /// - Throws: `RingError` with `storageFailed` when the URL cannot be sealed.
    func stored(version: Int64, sealer: RingSealer) throws -> RingStorageRecord {
        var fields = RingRecordFields()
        fields.put(Field.account, self.account?.rawValue)
        fields.put(Field.device, self.device.rawValue)
        fields.put(Field.startedAt, self.startedAt)
        fields.put(Field.mayRunUntil, self.mayRunUntil)
        fields.put(Field.maximumRun, self.maximumRun.milliseconds)
        fields.put(Field.ringTime, self.ringTime)
        var key: String?
        if let url = self.sessionURL {
            let sealed: [UInt8]
            do {
                sealed = try sealer.seal(Array(url.absoluteString.utf8), for: Self.owner(self.id))
            } catch {
                throw RingError(
                    code: .storageFailed, message: "live session: its URL cannot be sealed; check the sealing keys",
                    cause: error)
            }
            fields.put(Field.sessionURL, sealed)
            key = RingSealer.keyID(of: sealed)
        }
        return RingStorageRecord(
            id: RingStorageID(.live, self.id), version: version,
            keys: [
                self.account.map { .text($0.rawValue) }, .text(self.device.rawValue), .date(self.mayRunUntil),
                key.map { .text($0) },
            ], payload: fields.payload)
    }

    /// Reads a stored record. Unreadable parts are `nil`, and a damaged record does not prevent reading the others.
    ///
    /// - Parameter maximumRun: The value for records without one.
    init(_ stored: RingStorageRecord, sealer: RingSealer, maximumRun: Duration) {
        let fields = try? RingRecordFields(stored.payload, of: stored.id)
        self.init(
            id: stored.id.name,
            account: (fields?.text(Field.account) ?? stored.text(Index.account)).map(RingAccountID.init(rawValue:)),
            device: RingDeviceID(rawValue: fields?.text(Field.device) ?? stored.text(Index.device) ?? ""),
            startedAt: fields?.date(Field.startedAt) ?? Date(timeIntervalSince1970: 0),
            ringTime: fields?.date(Field.ringTime),
            mayRunUntil: fields?.date(Field.mayRunUntil) ?? stored.date(Index.expires)
                ?? Date(timeIntervalSince1970: 0),
            maximumRun: fields?.integer(Field.maximumRun).map { .milliseconds(max($0, 0)) } ?? maximumRun,
            isUnreadable: fields == nil, isHeld: stored.isLeased)
        guard let sealed = fields?.bytes(Field.sessionURL) else { return }
        if let bytes = try? sealer.open(sealed, for: Self.owner(self.id)),
            let url = URL(string: String(decoding: bytes, as: UTF8.self))
        {
            self.sessionURL = url
        } else {
            self.isUnreadable = true
        }
    }

    /// The name that the sealed URL is bound to.
    private static func owner(_ id: String) -> String { "ring live:\(id)" }
}

extension RingStorageRecord {
    fileprivate func text(_ index: Int) -> String? {
        guard self.keys.indices.contains(index), case .text(let text) = self.keys[index] else { return nil }
        return text
    }

    fileprivate func date(_ index: Int) -> Date? {
        guard self.keys.indices.contains(index), case .integer(let value) = self.keys[index] else { return nil }
        return Date(storageMicroseconds: value)
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        return overflow ? (seconds < 0 ? .min : .max) : product + attoseconds / 1_000_000_000_000_000
    }
}
