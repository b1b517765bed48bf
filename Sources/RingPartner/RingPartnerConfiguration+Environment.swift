#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension RingPartnerConfiguration {
    /// Reads the app's settings from environment variables, and takes the defaults for everything else.
    ///
    /// | Variable | Value |
    /// | --- | --- |
    /// | `RING_CLIENT_ID`, `RING_CLIENT_SECRET` | the app's credentials from the developer portal |
    /// | `RING_HMAC_KEY` | the HMAC key, exactly as the portal shows it |
    /// | `RING_HMAC_KEYS` | during a key change in its place: both keys, separated by a comma, the present one first |
    /// | `RING_SEALING_KEYS` | the keys that encrypt the storage, separated by commas, the active one first |
    /// | `RING_API_URL`, `RING_OAUTH_URL` | optional: other origins, such as those of the simulator |
    /// | `RING_LOG` | optional: what is written to standard error: `warning` and above by default, `error`, `info`, `debug`, or `off` |
    ///
    /// An empty variable counts as missing. One line break at the end of a value is ignored, because secrets are often read from
    /// files; other white space around a value is an error. So is setting both `RING_HMAC_KEY` and `RING_HMAC_KEYS`.
    ///
    /// - Parameters:
    ///   - variables: The variables; `nil` stands for those of the process.
    ///   - storage: The one database of the app's state.
    /// - Returns: The configuration. What it does not read from a variable may be changed before a client is created. An observer of
    ///   the application takes the place of the `RingStandardErrorLog` that `RING_LOG` configures.
    /// - Throws: ``RingConfigurationError``, which names every variable that is missing or unreadable.
    public static func fromEnvironment(
        _ variables: [String: String]? = nil, storage: any RingStorage
    ) throws -> Self {
        var reader = VariableReader(variables: variables ?? ProcessInfo.processInfo.environment)
        let clientID = reader.value("RING_CLIENT_ID") { $0 }
        let secret = reader.value("RING_CLIENT_SECRET") { OAuthClientSecret($0) }
        let hmacKeys =
            reader.isSet("RING_HMAC_KEYS")
            ? reader.value("RING_HMAC_KEYS") { try Self.hmacKeys($0) }
            : reader.value("RING_HMAC_KEY") { [try RingHMACKey($0)] }
        if reader.isSet("RING_HMAC_KEYS"), reader.isSet("RING_HMAC_KEY") {
            reader.refuse("RING_HMAC_KEYS", "RING_HMAC_KEY is set, too; set only one of them")
        }
        let sealing = reader.value("RING_SEALING_KEYS") { try RingSealingKeyRing(text: $0) }
        let apiURL = reader.value("RING_API_URL", default: RingURL.api) { try Self.origin($0, "the value") }
        let oauthURL = reader.value("RING_OAUTH_URL", default: RingURL.oauth) { try Self.origin($0, "the value") }
        let level = reader.value("RING_LOG", default: "warning") { try Self.logLevel($0) }
        guard let clientID, let secret, let hmacKeys, let sealing, let apiURL, let oauthURL, let level,
            reader.error.unreadable.isEmpty
        else { throw reader.error }
        var configuration = try Self(
            credentials: OAuthCredentials(clientID: clientID, clientSecret: secret), hmacKeys: hmacKeys,
            storage: storage, sealing: sealing)
        configuration.apiURL = apiURL
        configuration.oauthURL = oauthURL
        if case .from(let level) = level {
            configuration.environment.observer = RingStandardErrorLog(minimumLevel: level)
        }
        return configuration
    }

    private enum LogLevel { case off, from(RingObservationLevel) }

    private static func logLevel(_ text: String) throws -> LogLevel {
        switch text {
        case "off": .off
        case "error": .from(.error)
        case "warning": .from(.warning)
        case "info": .from(.info)
        case "debug": .from(.debug)
        default:
            throw RingError(code: .misconfigured, message: "it is none of debug, info, warning, error and off")
        }
    }

    /// Keys separated by commas or white space. Their alphabet is that of Base64, so neither is part of a key.
    private static func hmacKeys(_ text: String) throws -> [RingHMACKey] {
        let keys = try text.split { $0 == "," || $0.isWhitespace }.map { try RingHMACKey(String($0)) }
        guard !keys.isEmpty else { throw RingCryptoError(code: .emptyKey, message: "it holds no key") }
        return keys
    }
}

/// Environment variables from which no configuration can be read. Its texts hold names and reasons, but no values.
public struct RingConfigurationError: Error, Hashable, Sendable, CustomStringConvertible, LocalizedError {
    /// The names of variables that are not set, or empty.
    public fileprivate(set) var missing: [String] = []
    /// The names of variables that cannot be used, each with the reason.
    public fileprivate(set) var unreadable: [String: String] = [:]

    /// One line for a log: every variable with what is wrong with it.
    public var description: String {
        let problems =
            self.missing.map { "\($0) is not set" }
            + self.unreadable.sorted { $0.key < $1.key }.map { "\($0.key) is unreadable: \($0.value)" }
        return "environment variables: \(problems.joined(separator: "; "))"
    }

    /// The description.
    public var errorDescription: String? { self.description }
}

/// Reads variables one after the other and collects what is wrong with them.
private struct VariableReader {
    let variables: [String: String]
    private(set) var error = RingConfigurationError()

    func isSet(_ name: String) -> Bool { !self.text(name).isEmpty }

    mutating func refuse(_ name: String, _ reason: String) { self.error.unreadable[name] = reason }

    /// The value without one line break at its end; empty when the variable is not set.
    private func text(_ name: String) -> String {
        var text = self.variables[name] ?? ""
        // A carriage return with a line feed is one character.
        if text.last == "\n" || text.last == "\r\n" { text.removeLast() }
        return text
    }

    /// Reads a variable; `nil` when it is missing without a default, or unreadable.
    mutating func value<Value>(
        _ name: String, default fallback: String? = nil, _ read: (String) throws -> Value
    ) -> Value? {
        guard let text = self.isSet(name) ? self.text(name) : fallback else {
            self.error.missing.append(name)
            return nil
        }
        if text.first?.isWhitespace == true || text.last?.isWhitespace == true {
            self.refuse(name, "white space surrounds the value; remove it")
            return nil
        }
        do {
            return try read(text)
        } catch {
            // The messages of these errors hold no value.
            let reason = (error as? RingCryptoError)?.message ?? (error as? RingError)?.message
            self.refuse(name, reason ?? "the value cannot be used")
            return nil
        }
    }
}
