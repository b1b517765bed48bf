public import RingWebhooks

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What every engine of webhooks has to do, as rules a test can run one by one.
///
/// ```swift
/// @Test(arguments: WebhookStoreConformance.rules)
/// func conforms(rule: WebhookStoreConformance.Rule) async throws {
///     try await rule.check(MyStore(inNewFolder: …))
/// }
/// ```
public enum WebhookStoreConformance: Sendable {
    /// One rule.
    public struct Rule: Sendable, CustomStringConvertible {
        /// The rule in words.
        public let name: String
        /// The rule in words, for a list of test arguments.
        public var description: String { self.name }
        private let body: @Sendable (any RingWebhookStore) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (any RingWebhookStore) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// Runs the rule on a store that holds nothing.
        ///
        /// - Parameter store: A new store.
        /// - Throws: ``Violation`` when the store breaks the rule, and what the store throws.
        public func check(_ store: any RingWebhookStore) async throws { try await self.body(store) }
    }

    /// A store broke a rule.
    public struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
        /// What was expected.
        public var description: String
    }

    /// Every rule.
    public static let rules: [Rule] = Self.saving + Self.claiming + Self.lanes + Self.settling + Self.keeping
}
