#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Why a webhook was not taken for an event.
///
/// Switch on ``code``. Neither it nor ``message`` holds a key, a signature or anything of the body but a place in it.
public struct RingWebhookError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public var code: Code
    /// What was wrong, where, and what to do, for a developer's log.
    public var message: String
    /// How long the handler wants to wait; `nil` for every other kind.
    package var postponement: Duration?

    /// Creates an error.
    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message; no secret.
    public var description: String { "\(self.code): \(self.message)" }

    /// A kind of failure: a stable snake_case word. A minor release may add kinds, so a `switch` needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The stable word, for logs, metrics and programs.
        package let rawValue: String
        private init(_ rawValue: String) { self.rawValue = rawValue }
        /// The stable word.
        public var description: String { self.rawValue }

        /// There is no key to verify with, or it is empty: no forgery could be detected.
        public static let missingKey = Self("missing_key")
        /// The request has no signature.
        public static let missingSignature = Self("missing_signature")
        /// The signature is not 64 hexadecimal digits, with or without `sha256=` before them.
        public static let malformedSignature = Self("malformed_signature")
        /// No key made this signature for this body.
        public static let wrongSignature = Self("wrong_signature")
        /// The body is not JSON, or exceeds a limit of the reader.
        public static let malformedBody = Self("malformed_body")
        /// The body is JSON, but not an event.
        public static let notAnEvent = Self("not_an_event")
        /// The event was sent longer ago than the replay window allows.
        public static let stale = Self("stale")
        /// The event does not say when it was sent.
        public static let undated = Self("undated")
        /// The handler failed as often as it may.
        public static let handlerGaveUp = Self("handler_gave_up")
        /// The handler refused the event for good.
        public static let handlerRefused = Self("handler_refused")
        /// The handler wants the event later.
        public static let handlerPostponed = Self("handler_postponed")
        /// The stored body cannot be opened although its sealing key is configured: it is damaged.
        public static let unreadableBody = Self("unreadable_body")
        /// No such webhook in the storage, or not in the required state.
        public static let notFound = Self("not_found")
    }
}

extension RingWebhookError: LocalizedError {
    /// The same as ``description``, for `localizedDescription`.
    public var errorDescription: String? { self.description }
}
