internal import Foundation
internal import RingCore

#if canImport(FoundationNetworking)
internal import FoundationNetworking
#endif

/// Reads status and header fields of an answer.
enum SessionHead {
    static func make(_ response: HTTPURLResponse, isHead: Bool) -> SessionExchange.Head {
        var fields = RingHTTPFields()
        let pairs = response.allHeaderFields.compactMap { pair -> (name: String, value: String)? in
            guard let name = pair.key as? String, let value = pair.value as? String else { return nil }
            return (name, value)
        }
        for (name, value) in pairs.sorted(by: { $0.name < $1.name }) {
            fields.append(RingHTTPField(name: RingHTTPField.Name(name), value: value))
        }
        let isInflated = fields["Content-Encoding"].map { $0.lowercased() != "identity" } ?? false
        if isInflated {
            // They describe what nobody sees: URLSession inflates the body.
            fields["Content-Encoding"] = nil
            fields[.contentLength] = nil
        }
        let isEmpty = isHead || response.statusCode == 204 || response.statusCode == 304
        let isCounted = !isInflated && fields["Transfer-Encoding"] == nil
        let length = isEmpty ? 0 : isCounted ? fields[.contentLength].flatMap { Int64($0) } : nil
        return SessionExchange.Head(status: response.statusCode, fields: fields, length: length)
    }
}
