internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What came into being while the simulator ran: tokens, history, deliveries.
struct StateRecords: Codable, Sendable {
    struct Keyed<Value: Codable & Sendable>: Codable, Sendable {
        var key: String
        var value: Value
    }

    private struct DeviceRecord: Codable, Sendable {
        var id: String
        var isRemoved: Bool
        var sensors: Sensors
        var sharedAt: Int64
    }

    private struct Redirect: Codable, Sendable {
        var account: String
        var nonce: String
        var time: Int64
    }

    fileprivate struct DeliveryRecord: Codable, Sendable {
        var requestID: String
        var type: String
        var body: Data
        var signature: String
        var outcome: String
        var device: String?
        var account: String
        var time: Int64
        var nextAttempt: Int64?
        var attemptsOfSeries: Int
        var attempts: [AttemptRecord]
    }

    fileprivate struct AttemptRecord: Codable, Sendable {
        var time: Int64
        var microseconds: Int64
        var url: String
        var status: Int
        /// Without secrets, so that the file has none of the partner.
        var response: String?
        var responseBytes: Int
        var mediaType: String?
        var failure: String?
    }

    /// The members that may have any number.
    static let randomMembers = ["random", "requestNumbers"]

    private var random: UInt64
    private var requestNumbers: UInt64
    private var consents: [Keyed<Int64>]
    private var pkceAccounts: [String]
    private var devices: [DeviceRecord]
    private var codes: [Keyed<ServiceState.Code>]
    private var accessTokens: [Keyed<ServiceState.Token>]
    private var refreshTokens: [Keyed<ServiceState.Token>]
    private var redirects: [Redirect]
    private var usedNonces: [String]
    private var history: [Keyed<[ServiceState.Event]>]
    private var sessions: [Keyed<ServiceState.Session>]
    private var subscriptions: [Keyed<[ServiceState.Subscription]>]
    private var lastCalls: [Keyed<Int64>]
    private var refusals: WebhookRefusals
    private var deliveries: [DeliveryRecord]

    init(_ state: ServiceState) {
        func entries<Value>(_ table: BoundedTable<Value>) -> [Keyed<Value>] {
            table.ordered.map { Keyed(key: $0.key, value: $0.value) }
        }
        self.random = state.random.state
        self.requestNumbers = state.requestNumbers.state
        self.consents = state.consents.map { Keyed(key: $0.key.rawValue, value: $0.value) }.sorted { $0.key < $1.key }
        self.pkceAccounts = state.pkceAccounts.map(\.rawValue).sorted()
        self.devices = state.devices.map {
            DeviceRecord(id: $0.id.rawValue, isRemoved: $0.isRemoved, sensors: $0.sensors, sharedAt: $0.sharedAt)
        }
        self.codes = entries(state.codes)
        self.accessTokens = entries(state.accessTokens)
        self.refreshTokens = entries(state.refreshTokens)
        self.redirects = state.redirects.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { account, redirects in
            redirects.map { Redirect(account: account.rawValue, nonce: $0.nonce, time: $0.time) }
        }
        self.usedNonces = state.usedNonces.sorted()
        self.history = state.history.map { Keyed(key: $0.key.rawValue, value: $0.value) }.sorted { $0.key < $1.key }
        self.sessions = entries(state.sessions)
        self.subscriptions = state.subscriptions.map { Keyed(key: $0.key.rawValue, value: $0.value) }
            .sorted { $0.key < $1.key }
        self.lastCalls = state.lastCalls.map { Keyed(key: $0.key.rawValue, value: $0.value) }.sorted { $0.key < $1.key }
        self.refusals = state.refusals
        self.deliveries = state.deliveries.ascending().map { DeliveryRecord($0.element) }
    }

    /// Fills a new state that has the same accounts and devices.
    func fill(_ state: inout ServiceState) {
        state.random = SeededRandom(state: self.random)
        state.requestNumbers = SeededRandom(state: self.requestNumbers)
        for entry in self.consents { state.consents[RingAccountID(rawValue: entry.key)] = entry.value }
        state.pkceAccounts = Set(self.pkceAccounts.map { RingAccountID(rawValue: $0) })
        for record in self.devices {
            guard let index = state.places.devices[RingDeviceID(rawValue: record.id)] else { continue }
            state.devices[index].isRemoved = record.isRemoved
            state.devices[index].sensors = record.sensors
            state.devices[index].sharedAt = record.sharedAt
        }
        for entry in self.codes { state.codes[entry.key] = entry.value }
        for entry in self.accessTokens { state.accessTokens[entry.key] = entry.value }
        for entry in self.refreshTokens { state.refreshTokens[entry.key] = entry.value }
        for redirect in self.redirects {
            state.redirects[RingAccountID(rawValue: redirect.account), default: []]
                .append((redirect.nonce, redirect.time))
        }
        state.usedNonces = Set(self.usedNonces)
        for entry in self.history { state.history[RingDeviceID(rawValue: entry.key)] = entry.value }
        for entry in self.sessions { state.sessions[entry.key] = entry.value }
        for entry in self.subscriptions { state.subscriptions[RingAccountID(rawValue: entry.key)] = entry.value }
        for entry in self.lastCalls { state.lastCalls[RingAccountID(rawValue: entry.key)] = entry.value }
        state.refusals = self.refusals
        for record in self.deliveries { state.restore(record.delivery) }
    }
}

extension StateRecords.DeliveryRecord {
    fileprivate init(_ delivery: RingSimulatorDelivery) {
        self.init(
            requestID: delivery.requestID, type: delivery.type, body: Data(delivery.body),
            signature: delivery.signature, outcome: delivery.outcome.rawValue, device: delivery.device?.rawValue,
            account: delivery.account.rawValue, time: delivery.time.epochMilliseconds,
            nextAttempt: delivery.nextAttempt?.epochMilliseconds, attemptsOfSeries: delivery.attemptsOfSeries,
            attempts: delivery.attempts.map { attempt in
                let (seconds, attoseconds) = attempt.duration.components
                return StateRecords.AttemptRecord(
                    time: attempt.time.epochMilliseconds,
                    microseconds: seconds * 1_000_000 + attoseconds / 1_000_000_000_000, url: attempt.url,
                    status: attempt.status, response: attempt.response.text,
                    responseBytes: attempt.response.totalBytes, mediaType: attempt.response.mediaType,
                    failure: attempt.failure)
            })
    }

    fileprivate var delivery: RingSimulatorDelivery {
        var delivery = RingSimulatorDelivery(
            requestID: self.requestID, type: self.type, body: Array(self.body), signature: self.signature,
            outcome: RingSimulatorDelivery.Outcome(rawValue: self.outcome) ?? .deadLetter,
            account: RingAccountID(rawValue: self.account), device: self.device.map { RingDeviceID(rawValue: $0) })
        delivery.time = Date(epochMilliseconds: self.time)
        delivery.nextAttempt = self.nextAttempt.map { Date(epochMilliseconds: $0) }
        delivery.attemptsOfSeries = max(0, min(self.attemptsOfSeries, ServiceState.schedule.count - 1))
        delivery.attempts = self.attempts.suffix(RingSimulatorDelivery.Attempt.maximumCount).map { attempt in
            RingSimulatorDelivery.Attempt(
                time: Date(epochMilliseconds: attempt.time), duration: .microseconds(attempt.microseconds),
                url: attempt.url, status: attempt.status,
                response: KeptBody(
                    Array((attempt.response ?? "").utf8), totalBytes: attempt.responseBytes,
                    mediaType: attempt.mediaType, limit: RingSimulatorDelivery.Attempt.maximumResponseBytes),
                failure: attempt.failure)
        }
        return delivery
    }
}
