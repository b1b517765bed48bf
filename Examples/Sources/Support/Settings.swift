import Foundation
import RingPartner
import RingSQLite

/// What the examples read from the environment besides the variables of `RingPartnerConfiguration.fromEnvironment`.
public struct Settings: Sendable {
    private let environment = ProcessInfo.processInfo.environment

    /// Takes the environment of this process.
    public init() {}

    /// A variable that must be set.
    public func required(_ name: String) -> String {
        guard let value = self.environment[name], !value.isEmpty else {
            FileHandle.standardError.write(Data("Set \(name) in the environment and run again.\n".utf8))
            exit(2)
        }
        return value
    }

    /// A variable that may be missing.
    public func optional(_ name: String) -> String? {
        self.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The database of tokens, webhooks and live sessions.
    public func storage() async throws -> any RingStorage {
        try await RingSQLiteDatabase.open(.file(self.optional("RING_STORE") ?? "ring.sqlite"))
    }

    /// The account to work for: `RING_ACCESS_TOKEN` as it is, else `RING_ACCOUNT`, else the only one in the store.
    public func account(_ client: RingPartnerClient) async throws -> RingPartnerAccount {
        if let token = self.optional("RING_ACCESS_TOKEN") { return client.account(token: RingAccessToken(token)) }
        if let id = self.optional("RING_ACCOUNT") { return client.account(RingAccountID(rawValue: id)) }
        guard let only = try await client.tokens.statuses(limit: 1).first else {
            throw RingError(code: .unauthorized, message: "no account is linked yet: run LinkAccounts first")
        }
        return client.account(only.accountID)
    }
}
