#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Builds and checks URLs.
public enum RingURL: Sendable {
    /// Joins an origin, path segments and query items, each percent-encoded beyond RFC 3986 unreserved characters.
    ///
    /// - Throws: ``RingHTTPError`` with ``RingHTTPError/Code/invalidPathSegment`` when a segment is empty, `.` or `..`;
    ///   ``RingHTTPError/Code/invalidURL`` when the origin cannot carry a path.
    package static func make(
        _ origin: URL, path: [String], query: [(name: String, value: String?)] = []
    ) throws(RingHTTPError) -> URL {
        var text: [UInt8] = []
        text.reserveCapacity(256)
        text.append(contentsOf: origin.absoluteString.utf8)
        while text.last == UInt8(ascii: "/") { text.removeLast() }
        for segment in path {
            guard !segment.isEmpty, segment != ".", segment != ".." else {
                throw RingHTTPError(
                    code: .invalidPathSegment,
                    message: "“\(segment)” cannot be a path segment; pass the identifier as it was received")
            }
            text.append(UInt8(ascii: "/"))
            RingPercentCoding.encode(segment, into: &text)
        }
        var separator = UInt8(ascii: "?")
        for item in query {
            guard let value = item.value else { continue }
            text.append(separator)
            RingPercentCoding.encode(item.name, into: &text)
            text.append(UInt8(ascii: "="))
            RingPercentCoding.encode(value, into: &text)
            separator = UInt8(ascii: "&")
        }
        guard let url = URL(string: String(decoding: text, as: UTF8.self), encodingInvalidCharacters: false) else {
            throw RingHTTPError(
                code: .invalidURL, message: "the origin is no usable URL; give scheme and host alone")
        }
        return url
    }

    /// Resolves a link of a response against an origin, as it was sent: nothing is encoded a second time.
    ///
    /// - Throws: ``RingHTTPError`` with ``RingHTTPError/Code/foreignOrigin`` when it is no URL or leaves the origin.
    package static func resolve(_ link: String, against base: URL) throws(RingHTTPError) -> URL {
        guard let url = Self.reference(link, relativeTo: base), Self.isSameOrigin(url, base), url.user() == nil,
            url.password() == nil
        else {
            throw RingHTTPError(
                code: .foreignOrigin, message: "a link of the response leaves the API's origin; it was not followed")
        }
        return url
    }

    /// The URL of a reference that a server sent: a link, or the value of `Location`.
    ///
    /// The bytes reach the server as they were given. Only what RFC 3986 does not allow where it stands is percent-encoded,
    /// once. Foundation would encode the percent signs of the whole text as soon as one character is not allowed.
    ///
    /// - Returns: `nil` when the text is no reference.
    package static func reference(_ text: String, relativeTo base: URL? = nil) -> URL? {
        let valid = RingPercentCoding.encodeForbidden(text)
        // The first initialiser refuses what this function has overlooked; the second would encode it.
        guard URL(string: valid, encodingInvalidCharacters: false) != nil else { return nil }
        return URL(string: valid, relativeTo: base)?.absoluteURL
    }

    /// Whether scheme, host and port are the same, default ports filled in.
    package static func isSameOrigin(_ left: URL, _ right: URL) -> Bool {
        if Self.haveOneOrigin(left.absoluteString, right.absoluteString) { return true }
        return left.scheme?.lowercased() == right.scheme?.lowercased()
            && left.host()?.lowercased() == right.host()?.lowercased() && Self.port(of: left) == Self.port(of: right)
    }

    /// Whether everything before the path is written the same in both. When it is not, the origin may still be one.
    private static func haveOneOrigin(_ left: String, _ right: String) -> Bool {
        let (left, right) = (left.utf8.span, right.utf8.span)
        func isEnd(_ bytes: Span<UInt8>, _ index: Int) -> Bool {
            guard index < bytes.count else { return true }
            let byte = bytes[index]
            return byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
        }
        guard var index = left.indices.first(where: { left[$0] == UInt8(ascii: ":") }), index + 3 < left.count,
            left[index + 1] == UInt8(ascii: "/"), left[index + 2] == UInt8(ascii: "/")
        else { return false }
        index += 3
        let start = index
        while !isEnd(left, index) { index += 1 }
        guard index > start, index <= right.count, isEnd(right, index) else { return false }
        return (0..<index).allSatisfy { left[$0] == right[$0] }
    }

    /// Whether the host is this machine's loopback: `localhost`, `127.0.0.0/8`, `::1`.
    package static func isLoopback(_ url: URL) -> Bool {
        guard let host = url.host()?.lowercased() else { return false }
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Whether a request may go there: `https`, or `http` to loopback.
    package static func isSecure(_ url: URL) -> Bool {
        switch url.scheme?.lowercased() {
        case "https": return url.host()?.isEmpty == false
        case "http": return Self.isLoopback(url)
        default: return false
        }
    }

    private static func port(of url: URL) -> Int? {
        url.port ?? (url.scheme?.lowercased() == "https" ? 443 : url.scheme?.lowercased() == "http" ? 80 : nil)
    }
}
