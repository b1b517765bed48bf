#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Builds and checks URLs the way this API needs them.
public enum RingURL: Sendable {
    /// The API's production origin.
    public static let api = "https://api.amazonvision.com"
    /// The token endpoint's production origin.
    public static let oauth = "https://oauth.ring.com"

    /// Joins an origin, path segments and query items, each percent-encoded beyond RFC 3986 unreserved characters.
    ///
    /// - Throws: `RingError` with ``RingError/Code/invalidArgument`` when a segment is empty, `.` or `..`;
    ///   ``RingError/Code/misconfigured`` when the origin cannot carry a path.
    public static func make(
        _ origin: URL, path: [String], query: [(name: String, value: String?)] = []
    ) throws -> URL {
        var text: [UInt8] = []
        text.reserveCapacity(256)
        text.append(contentsOf: origin.absoluteString.utf8)
        while text.last == UInt8(ascii: "/") { text.removeLast() }
        for segment in path {
            guard !segment.isEmpty, segment != ".", segment != ".." else {
                throw RingError.invalidArgument(
                    "“\(segment)” cannot be a path segment; pass the identifier as Ring sent it")
            }
            text.append(UInt8(ascii: "/"))
            Self.encode(segment, into: &text)
        }
        var separator = UInt8(ascii: "?")
        for item in query {
            guard let value = item.value else { continue }
            text.append(separator)
            Self.encode(item.name, into: &text)
            text.append(UInt8(ascii: "="))
            Self.encode(value, into: &text)
            separator = UInt8(ascii: "&")
        }
        guard let url = URL(string: String(decoding: text, as: UTF8.self), encodingInvalidCharacters: false) else {
            throw RingError(code: .misconfigured, message: "the origin is no usable URL; give scheme and host alone")
        }
        return url
    }

    /// Percent-encodes everything but RFC 3986 unreserved characters.
    public static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        Self.encode(text, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func encode(_ text: String, into bytes: inout [UInt8]) {
        if text.utf8.allSatisfy(Self.isUnreserved) { return bytes.append(contentsOf: text.utf8) }
        for byte in text.utf8 {
            if Self.isUnreserved(byte) {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(Self.hexDigit(byte >> 4))
                bytes.append(Self.hexDigit(byte & 15))
            }
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            return true
        default: return false
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    /// Resolves a link of an answer against the API's origin, as it was sent: nothing is encoded a second time.
    ///
    /// - Throws: `RingError` with ``RingError/Code/redirectRefused`` when it is no URL or leaves the origin.
    public static func resolve(_ link: String, against base: URL, operation: RingOperation? = nil) throws -> URL {
        // Brackets stand unencoded in some links (`page[key]`); RFC 3986 wants them encoded, and Foundation refuses them.
        let text = link.replacing("[", with: "%5B").replacing("]", with: "%5D").replacing(" ", with: "%20")
        guard let url = URL(string: text, relativeTo: base)?.absoluteURL, Self.isSameOrigin(url, base),
            url.user() == nil, url.password() == nil
        else {
            throw RingError(
                code: .redirectRefused, message: "a link of the answer leaves the API's origin; it was not followed",
                operation: operation, delivery: .answered)
        }
        return url
    }

    /// Whether scheme, host and port are the same, default ports filled in.
    public static func isSameOrigin(_ left: URL, _ right: URL) -> Bool {
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
    public static func isLoopback(_ url: URL) -> Bool {
        guard let host = url.host()?.lowercased() else { return false }
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Whether a request may go there: `https`, or `http` to loopback.
    public static func isSecure(_ url: URL) -> Bool {
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
