/// An identifier that Ring made and only Ring understands.
///
/// Opaque: about 110 characters live, a few in documentation, sometimes a UUID. Never taken apart; in a path it becomes
/// exactly one percent-encoded segment.
public protocol RingIdentifier: RawRepresentable<String>, Codable, Hashable, Sendable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    /// Wraps an identifier as Ring sent it.
    init(rawValue: String)
}

extension RingIdentifier {
    /// The identifier as Ring sent it.
    public var description: String { self.rawValue }

    /// Wraps a literal, for tests and scripts.
    public init(stringLiteral value: String) { self.init(rawValue: value) }
}

/// Names one device. Wire: `data.id` of a `devices` resource, `attributes.source` of its webhooks.
public struct RingDeviceID: RingIdentifier {
    /// The identifier as Ring spells it.
    public let rawValue: String
    /// Wraps an identifier as Ring spells it.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names one Ring user's account. Wire: `data.id` of `users/me`, `meta.account_id` of webhooks; input of the link nonce.
public struct RingAccountID: RingIdentifier {
    /// The identifier as Ring spells it.
    public let rawValue: String
    /// Wraps an identifier as Ring spells it.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names one location. Wire: `data.id` of a `locations` resource; often a plain UUID.
public struct RingLocationID: RingIdentifier {
    /// The identifier as Ring spells it.
    public let rawValue: String
    /// Wraps an identifier as Ring spells it.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names one lens of a multi-camera device. Wire: `component_id`, a string, though numbers have been seen.
public struct RingComponentID: RingIdentifier {
    /// The identifier as Ring spells it.
    public let rawValue: String
    /// Wraps an identifier as Ring spells it.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names one paid plan or trial of the app. Wire: `data.id` of a `subscriptions` resource.
public struct RingSubscriptionID: RingIdentifier {
    /// The identifier as Ring spells it.
    public let rawValue: String
    /// Wraps an identifier as Ring spells it.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names one response of Ring for its support. Wire: the header `x-request-id`, or `meta.request_id` of a webhook.
public struct RingRequestID: RingIdentifier {
    /// The identifier as Ring spells it.
    public let rawValue: String
    /// Wraps an identifier as Ring spells it.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names one event. Opaque: its documented patterns do not hold live.
///
/// Wire: `data.id` of a webhook or of a `history-events` resource; the two do not name the same event alike, see
/// ``RingEventKey``.
public struct RingEventID: RingIdentifier {
    /// The identifier as Ring spells it.
    public let rawValue: String
    /// Wraps an identifier as Ring spells it.
    public init(rawValue: String) { self.rawValue = rawValue }
}
