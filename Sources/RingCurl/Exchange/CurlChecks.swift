internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What must hold before a request goes to libcurl, which would write some of it to the wire as it stands.
enum CurlChecks {
    /// The method, when it is a token.
    static func method(_ request: RingHTTPRequest) throws -> String {
        let method = request.method.rawValue
        guard !method.isEmpty, method.utf8.allSatisfy(Self.isToken) else {
            throw Self.refuse("the method is no HTTP token; use one of RingHTTPMethod", request)
        }
        return method
    }

    /// The URL as text, and its host.
    ///
    /// Two parsers will read it, Foundation's and libcurl's. With nothing but RFC 3986 characters and without user info
    /// they cannot differ about the host.
    static func url(_ request: RingHTTPRequest) throws -> (text: String, host: String) {
        let text = request.url.absoluteString
        if let host = Self.plainHost(text) { return (text, host) }
        guard RingURL.isSecure(request.url) else {
            throw RingError(
                code: .insecureURL,
                message: "only https is allowed, and http to this machine's loopback; check the configured origins and "
                    + "where the link came from", operation: request.operation)
        }
        guard text.utf8.allSatisfy(Self.isURLCharacter), let start = text.firstRange(of: "://")?.upperBound else {
            throw Self.refuse("the URL holds characters that must be percent-encoded", request)
        }
        let rest = text[start...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else {
            throw Self.refuse("the URL holds a user name or password; pass credentials in a header field", request)
        }
        return (text, request.url.host() ?? String(authority))
    }

    /// The host of a URL that is plain enough to be read without Foundation: `https`, or `http` to the usual names of the
    /// loopback, then a name of letters, digits, dots and hyphens, perhaps a port, and only URL characters after it.
    ///
    /// - Returns: `nil` when it is less plain than that, which says nothing against it.
    private static func plainHost(_ text: String) -> String? {
        let isEncrypted = text.hasPrefix("https://")
        guard isEncrypted || text.hasPrefix("http://") else { return nil }
        let rest = text.utf8.dropFirst(isEncrypted ? 8 : 7)
        let name = rest.prefix { Self.isNameCharacter($0) }
        var tail = rest[name.endIndex...]
        if tail.first == UInt8(ascii: ":") {
            tail = tail.dropFirst().drop { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        }
        guard !name.isEmpty, tail.isEmpty || tail.first == UInt8(ascii: "/") || tail.first == UInt8(ascii: "?"),
            tail.allSatisfy(Self.isURLCharacter)
        else { return nil }
        let host = String(text[name.startIndex..<name.endIndex])
        return isEncrypted || host == "127.0.0.1" || host == "localhost" ? host : nil
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return true
        default: return false
        }
    }

    /// The header lines, with those of libcurl's own that nobody asked for taken out.
    ///
    /// - Parameter hasPayload: Whether something is sent after the head, for which libcurl has more fields of its own.
    static func headerLines(_ request: RingHTTPRequest, hasPayload: Bool) throws -> [String] {
        var lines: [String] = []
        lines.reserveCapacity(request.headerFields.count + 3)
        var (namesAccept, namesType) = (false, false)
        for field in request.headerFields {
            let name = field.name.rawName
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isToken) else {
                throw Self.refuse("a header field's name is no HTTP token", request)
            }
            guard !field.value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
                throw Self.refuse("the value of header field \(name) holds a control character", request)
            }
            // The transport frames the message; a second opinion on that is how requests are smuggled.
            if Self.framing.contains(field.name.canonicalName) { continue }
            if field.name == .accept { namesAccept = true }
            if field.name == .contentType { namesType = true }
            lines.append(field.value.isEmpty ? "\(name);" : "\(name): \(field.value)")
        }
        if !namesAccept { lines.append("Accept:") }
        if hasPayload {
            lines.append("Expect:")
            if !namesType { lines.append("Content-Type:") }
        }
        return lines
    }

    private static let framing: Set<String> = [
        "content-length", "transfer-encoding", "connection", "expect", "upgrade", "host", "te", "trailer", "keep-alive",
        "proxy-connection",
    ]

    private static func refuse(_ message: String, _ request: RingHTTPRequest) -> RingError {
        RingError(code: .invalidArgument, message: message, operation: request.operation)
    }

    /// RFC 9110 section 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            return true
        default: return "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// RFC 3986 section 2, and the percent sign.
    private static func isURLCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            return true
        default: return "-._~:/?#[]@!$&'()*+,;=%".utf8.contains(byte)
        }
    }
}
