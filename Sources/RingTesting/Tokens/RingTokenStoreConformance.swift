internal import RingCore
public import RingOAuth

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What every token store must keep, as checks that a test runs one by one:
///
///     @Test(arguments: RingTokenStoreConformance.checks)
///     func keepsTheContract(check: RingTokenStoreConformance.Check) async throws {
///         try await check.run(MyStore())
///     }
public enum RingTokenStoreConformance: Sendable {
    /// One check, to be run on an empty store.
    public struct Check: Sendable, CustomStringConvertible {
        /// What is promised.
        public let name: String
        /// The name.
        public var description: String { self.name }
        private let body: @Sendable (any RingTokenStore) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (any RingTokenStore) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// Runs the check.
        ///
        /// - Throws: ``Violation`` when the promise is broken; what the store throws.
        public func run(_ store: any RingTokenStore) async throws { try await self.body(store) }
    }

    /// A broken promise.
    public struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
        /// What was promised and what happened.
        public var description: String
    }

    /// Every check.
    public static let checks: [Check] = RingTokenStoreChecks.records + RingTokenStoreChecks.queries
}
