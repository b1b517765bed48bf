package import RingCore
internal import RingCrypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One webhook as it is stored.
package struct RingStoredWebhook: Hashable, Sendable {
    /// How far the work on it has come. A released spelling never changes.
    package enum State: String, Hashable, Sendable {
        case waiting, done, quarantined
    }

    /// What names it; a storage keeps no two with one key.
    package var key: RingWebhookKey
    /// Webhooks of one lane are worked on one after the other, in the order of ``position``; `nil` for no order.
    package var lane: String?
    /// Its place in its lane: the event's time in milliseconds since 1970.
    package var position: Int64
    /// When it arrived, by the wall clock of that time.
    package var receivedAt: Date
    /// How often work on it has begun; counted before each beginning, so that a crash counts too.
    package var attempts: Int
    /// Why it is quarantined, or why the last attempt failed: a code and a sentence without secrets.
    package var reason: String?
    /// The body as `RingSealer` stores it; empty when the work is done. What ``RingWebhookStore/save(_:)`` is given is
    /// the raw body.
    package var body: [UInt8]
    package var state: State
    /// When the next attempt is due, in microseconds since 1970; 0 is at once.
    package var dueAt: Int64 = 0
    /// When it may be deleted, in microseconds since 1970.
    package var expiresAt: Int64?
    /// The inbox that received it and the reading of its monotonic clock then, when its age is to be checked again.
    package var receipt: Receipt?
    package var version: Int64 = 0
    private var newerFields: [UInt8] = []

    /// A reading of the monotonic clock of one running inbox.
    package struct Receipt: Hashable, Sendable {
        package var inbox: Int64
        package var uptime: Int64
    }

    package init(
        key: RingWebhookKey, lane: String? = nil, position: Int64, receivedAt: Date, attempts: Int = 0,
        reason: String? = nil, body: [UInt8], state: State = .waiting
    ) {
        self.key = key
        self.lane = lane
        self.position = position
        self.receivedAt = receivedAt
        self.attempts = attempts
        self.reason = reason
        self.body = body
        self.state = state
    }

    /// Reads a record.
    ///
    /// - Throws: `RingError` with code `storageFailed` when it is damaged or of a newer release.
    package init(_ record: RingStorageRecord) throws {
        let fields = try RingRecordFields(record.payload, of: record.id)
        guard let state = fields.text(Field.state).flatMap(State.init(rawValue:)),
            let request = fields.text(Field.request),
            let event = fields.text(Field.event)
        else {
            throw RingError(
                code: .storageFailed,
                message: "stored webhook \(record.id): a field is missing or newer than this release; run the newer one"
            )
        }
        self.init(
            key: RingWebhookKey(requestID: RingRequestID(rawValue: request), eventID: RingEventID(rawValue: event)),
            lane: fields.text(Field.lane), position: fields.integer(Field.position) ?? 0,
            receivedAt: fields.date(Field.receivedAt) ?? Date(timeIntervalSince1970: 0),
            attempts: Int(clamping: fields.integer(Field.attempts) ?? 0), reason: fields.text(Field.reason),
            body: fields.bytes(Field.body).map { Array($0) } ?? [], state: state)
        self.dueAt = fields.integer(Field.dueAt) ?? 0
        if case .integer(let moment)? = record.keys.count > Index.expires ? record.keys[Index.expires] : nil {
            self.expiresAt = moment
        }
        if let inbox = fields.integer(Field.receiptInbox), let uptime = fields.integer(Field.receiptUptime) {
            self.receipt = Receipt(inbox: inbox, uptime: uptime)
        }
        self.newerFields = fields.newerFields(above: Field.highest)
        self.version = record.version
    }

    /// The record to store.
    package var record: RingStorageRecord {
        var fields = RingRecordFields()
        fields.put(Field.request, self.key.requestID.rawValue)
        fields.put(Field.event, self.key.eventID.rawValue)
        fields.put(Field.lane, self.lane)
        fields.put(Field.position, self.position)
        fields.put(Field.receivedAt, self.receivedAt)
        fields.put(Field.attempts, Int64(self.attempts))
        fields.put(Field.reason, self.reason)
        if !self.body.isEmpty { fields.put(Field.body, self.body) }
        fields.put(Field.state, self.state.rawValue)
        if self.dueAt != 0 { fields.put(Field.dueAt, self.dueAt) }
        fields.put(Field.receiptInbox, self.receipt?.inbox)
        fields.put(Field.receiptUptime, self.receipt?.uptime)
        fields.append(newerFields: self.newerFields)
        return RingStorageRecord(
            id: self.key.storageID, version: self.version, keys: self.keys, payload: fields.payload)
    }

    private var keys: [RingStorageKey?] {
        let isWaiting = self.state == .waiting
        return [
            isWaiting && self.lane == nil ? .integer(self.dueAt) : nil,
            isWaiting ? self.lane.map { .text(Self.laneKey($0, self.position, self.receivedAt)) } : nil,
            self.state == .quarantined ? .date(self.receivedAt) : nil, self.expiresAt.map { .integer($0) },
            self.body.isEmpty ? nil : RingSealer.keyID(of: self.body).map { .text($0) },
            isWaiting ? .date(self.receivedAt) : nil,
        ]
    }

    /// What every key of a lane begins with; no key of another lane does.
    static func lanePrefix(_ lane: String) -> String { "\(lane.utf8.count):\(lane)" }

    private static func laneKey(_ lane: String, _ position: Int64, _ receivedAt: Date) -> String {
        self.lanePrefix(lane) + self.digits(position) + self.digits(receivedAt.storageMicroseconds)
    }

    /// Twenty digits whose order as text is that of the numbers.
    private static func digits(_ value: Int64) -> String {
        let text = String(UInt64(bitPattern: value) ^ 1 << 63)
        return String(repeating: "0", count: 20 - text.utf8.count) + text
    }

    /// The collection, and the positions of its index keys.
    enum Index {
        static let due = 0
        static let lane = 1
        static let quarantined = 2
        static let expires = 3
        static let sealingKey = 4
        /// When those arrived that are not settled yet.
        static let received = 5
    }

    package static let collection = RingStorageCollection(
        name: "inbox", indexes: ["due", "lane", "quarantined", "expires", "sealing_key", "received"])

    private enum Field {
        static let request: UInt8 = 1
        static let event: UInt8 = 2
        static let lane: UInt8 = 3
        static let position: UInt8 = 4
        static let receivedAt: UInt8 = 5
        static let attempts: UInt8 = 6
        static let reason: UInt8 = 7
        static let body: UInt8 = 8
        static let state: UInt8 = 9
        static let dueAt: UInt8 = 10
        static let receiptInbox: UInt8 = 11
        static let receiptUptime: UInt8 = 12
        static let highest: UInt8 = 12
    }
}

extension RingWebhookKey {
    /// The record of the webhook.
    package var storageID: RingStorageID {
        RingStorageID(
            RingStoredWebhook.collection,
            "\(self.requestID.rawValue.utf8.count):\(self.requestID.rawValue)\(self.eventID.rawValue)")
    }
}

/// How the work on a webhook ended; the list is closed.
public enum RingWebhookSettlement: Hashable, Sendable {
    /// It is done; its key is kept so that a repetition is recognised, its body is not.
    case done
    /// The next attempt is due at a moment, because of a reason.
    case retry(at: Date, reason: String)
    /// The handler wants it again at a moment; the attempt does not count.
    case postponed(to: Date)
    /// It was not worked on: it waits as before, and the attempt does not count.
    case givenBack
    /// It is not retried by itself, because of a reason.
    case quarantined(reason: String)
}
