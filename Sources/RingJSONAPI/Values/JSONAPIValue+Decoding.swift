#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension JSONAPIValue {
    /// Reads this value as a type of your own.
    ///
    /// For attributes that this package has no model for; it takes about ten times as long as reading them by name. In a
    /// string that cannot be decoded, U+FFFD stands for what is wrong.
    ///
    /// - Parameters:
    ///   - type: The type to read.
    ///   - decoder: Decodes the source bytes of this value. `nil` is a `JSONDecoder` that reads dates by ``JSONAPITime``, with
    ///     0 to 9 fractional digits.
    /// - Throws: What the decoder throws, as a rule `DecodingError`.
    public func decode<T: Decodable>(
        _ type: T.Type = T.self, using decoder: JSONDecoder? = nil
    ) throws -> T {
        try (decoder ?? Self.standardDecoder()).decode(
            type, from: Data(self.source.decodableBytes(of: self.index)))
    }

    private static func standardDecoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            guard let date = JSONAPITime.parse(try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no RFC 3339 time")
            }
            return date
        }
        return decoder
    }
}
