#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension JSONAPIValue {
    /// Reads this value as a type of your own.
    ///
    /// The convenience for attributes this package has no model for; it costs about ten times a hand-written reading.
    ///
    /// - Parameters:
    ///   - type: The type to read.
    ///   - decoder: Decodes the source bytes of this value. The standard one reads dates by ``JSONAPITime``.
    /// - Throws: What the decoder throws, as a rule `DecodingError`.
    public func decode<T: Decodable>(
        _ type: T.Type = T.self, using decoder: JSONDecoder = JSONAPIValue.standardDecoder()
    ) throws -> T {
        try decoder.decode(type, from: Data(self.source.bytes[self.source.range(of: self.index)]))
    }

    /// A `JSONDecoder` whose dates are read by ``JSONAPITime``, with 0 to 9 fractional digits.
    public static func standardDecoder() -> JSONDecoder {
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
