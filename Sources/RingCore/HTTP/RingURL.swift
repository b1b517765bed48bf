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
        var text = origin.absoluteString
        while text.hasSuffix("/") { text.removeLast() }
        for segment in path {
            guard !segment.isEmpty, segment != ".", segment != ".." else {
                throw RingError.invalidArgument(
                    "“\(segment)” cannot be a path segment; pass the identifier as Ring sent it")
            }
            text += "/" + Self.encode(segment)
        }
        var separator = "?"
        for item in query {
            guard let value = item.value else { continue }
            text += separator + Self.encode(item.name) + "=" + Self.encode(value)
            separator = "&"
        }
        guard let url = URL(string: text, encodingInvalidCharacters: false) else {
            throw RingError(code: .misconfigured, message: "the origin is no usable URL; give scheme and host alone")
        }
        return url
    }

    /// Percent-encodes everything but RFC 3986 unreserved characters.
    public static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
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
        left.scheme?.lowercased() == right.scheme?.lowercased()
            && left.host()?.lowercased() == right.host()?.lowercased() && Self.port(of: left) == Self.port(of: right)
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
