package import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// One webhook, its attempts and its outcome.
public struct RingSimulatorDelivery: Hashable, Sendable {
    /// The state of a delivery.
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        /// Waits for the integration to be completed.
        case withheld
        /// Waits for its first or next attempt.
        case pending
        /// The receiver responded with 2xx.
        case delivered
        /// The receiver responded with 4xx, which is final.
        case refused
        /// Not sent, since the receiver refused too many in a row; setting the URL again ends that.
        case switchedOff = "switched_off"
        /// All seven attempts failed.
        case deadLetter = "dead_letter"
    }

    /// One attempt to deliver.
    package struct Attempt: Hashable, Sendable {
        /// The simulated time of its beginning.
        package var time: Date
        /// The real time that it took.
        package var duration: Duration
        /// The URL, without its query.
        package var url: String
        /// The status; 0 for none in time.
        package var status: Int
        /// The beginning of the receiver's response.
        package var response: KeptBody
        /// Why there was no response; `nil` when there was one.
        package var failure: String?

        /// The most attempts that are kept of one delivery.
        static let maximumCount = 30
        /// The most bytes that are kept of a response.
        static let maximumResponseBytes = 2048
    }

    /// The running number.
    package internal(set) var number = 0
    /// The webhook's `meta.request_id`.
    public var requestID: String
    /// The webhook's `data.type`.
    public var type: String
    /// The body as it was signed.
    public var body: [UInt8]
    /// The `X-Signature` header.
    public var signature: String
    /// The status of each attempt; 0 for none in time.
    public var statuses: [Int] { self.attempts.map(\.status) }
    /// The state of the delivery.
    public var outcome: Outcome
    /// The device of the event.
    package internal(set) var device: RingDeviceID?
    /// The attempts, oldest first; the last ones when there were many.
    package internal(set) var attempts: [Attempt] = []
    /// The simulated time of the event.
    package internal(set) var time = Date(timeIntervalSince1970: 0)
    /// The simulated time of the next attempt; `nil` when there is none.
    package internal(set) var nextAttempt: Date?

    var account: RingAccountID
    /// Rises with each "send again": attempts that were planned before are not made.
    var series = 0
    /// How many attempts of this series were begun.
    var attemptsOfSeries = 0

    init(
        requestID: String, type: String, body: [UInt8], signature: String, outcome: Outcome, account: RingAccountID,
        device: RingDeviceID?
    ) {
        self.requestID = requestID
        self.type = type
        self.body = body
        self.signature = signature
        self.outcome = outcome
        self.account = account
        self.device = device
    }

    /// The approximate memory that it takes.
    var bytes: Int {
        700 + self.body.count + self.attempts.reduce(0) { $0 + 250 + $1.response.keptBytes }
    }
}

extension RingSimulatorDelivery {
    /// The delivery as JSON.
    var literal: JSONAPILiteral {
        [
            "number": .int(Int64(self.number)), "request_id": .string(self.requestID), "type": .string(self.type),
            "account": .string(self.account.rawValue), "device": self.device.map { .string($0.rawValue) } ?? nil,
            "time": .int(self.time.epochMilliseconds), "outcome": .string(self.outcome.rawValue),
            "next_attempt": self.nextAttempt.map { .int($0.epochMilliseconds) } ?? nil,
            "statuses": .array(self.statuses.map { .int(Int64($0)) }),
            "attempts": .array(self.attempts.map(\.literal)),
            "body": .string(String(decoding: self.body, as: UTF8.self)), "signature": .string(self.signature),
        ]
    }
}

extension RingSimulatorDelivery.Attempt {
    fileprivate var literal: JSONAPILiteral {
        [
            "time": .int(self.time.epochMilliseconds), "duration_ms": .double(self.duration.fractionalMilliseconds),
            "url": .string(self.url), "status": .int(Int64(self.status)),
            "failure": self.failure.map { .string($0) } ?? nil, "response_body": self.response.literal,
        ]
    }
}
