#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingSealingKeyRing {
    /// The environment variable read by default.
    package static let defaultVariable = "RING_SEALING_KEYS"

    /// Reads a ring from text: keys separated by commas, spaces or line ends, the active one first.
    ///
    /// Each is 32 bytes in Base64 or hexadecimal, alone or with a name before it (`2026-11:…`). Lines that begin with `#`
    /// do not count.
    ///
    /// - Parameter text: The keys.
    /// - Throws: `RingCryptoError` with code `emptyKey` when there is none, `malformedKey` or `duplicateKey`.
    public init(text: String) throws(RingCryptoError) {
        var keys = [RingSealingKey]()
        for line in text.split(whereSeparator: \.isNewline) where line.first(where: { $0 != " " }) != "#" {
            for entry in line.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
                let parts = entry.split(separator: ":", maxSplits: 1)
                let id = parts.count == 2 ? String(parts[0]) : nil
                try keys.append(RingSealingKey(text: String(parts.last ?? ""), id: id))
            }
        }
        guard let active = keys.first else {
            throw RingCryptoError(
                code: .emptyKey, message: "no sealing key given; make one with: openssl rand -base64 32")
        }
        try self.init(active: active, retired: Array(keys.dropFirst()))
    }

    /// Reads a ring from an environment variable.
    ///
    /// - Parameters:
    ///   - name: The variable's name.
    ///   - environment: The environment; `nil` stands for the process's.
    /// - Returns: The ring.
    /// - Throws: `RingCryptoError` with code `unreadableKey` when the variable is missing, and what ``init(text:)`` throws.
    public static func fromEnvironment(
        _ name: String = "RING_SEALING_KEYS",
        environment: [String: String]? = nil
    ) throws(RingCryptoError) -> Self {
        guard let text = (environment ?? ProcessInfo.processInfo.environment)[name] else {
            throw RingCryptoError(code: .unreadableKey, message: "the environment variable \(name) is not set")
        }
        return try Self(text: text)
    }

    /// Reads a ring from a file that only the service should be able to read.
    ///
    /// - Parameter path: The file, of at most 64 KiB.
    /// - Returns: The ring.
    /// - Throws: `RingCryptoError` with code `unreadableKey` when the file cannot be read, and what ``init(text:)`` throws.
    public static func fromFile(_ path: String) throws(RingCryptoError) -> Self {
        guard let data = FileManager.default.contents(atPath: path), data.count <= 65_536 else {
            throw RingCryptoError(code: .unreadableKey, message: "the sealing key file \(path) cannot be read")
        }
        return try Self(text: String(decoding: data, as: UTF8.self))
    }
}
