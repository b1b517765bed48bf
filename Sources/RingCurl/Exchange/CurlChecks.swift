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
            throw Self.refuse("the method is no HTTP token; use one of RingHTTPMethod")
        }
        return method
    }

    /// The URL as text.
    ///
    /// Two parsers will read it, Foundation's and libcurl's. With nothing but RFC 3986 characters and without user info
    /// they cannot differ about the host.
    static func url(_ request: RingHTTPRequest) throws -> String {
        let text = request.url.absoluteString
        if Self.isPlain(text) { return text }
        guard RingURL.isSecure(request.url) else {
            throw RingError(
                code: .insecureURL,
                message: "only https is allowed, and http to this machine's loopback; check the configured origins and "
                    + "where the link came from")
        }
        guard text.utf8.allSatisfy(Self.isURLCharacter), let start = text.firstRange(of: "://")?.upperBound else {
            throw Self.refuse("the URL holds characters that must be percent-encoded")
        }
        guard !text[start...].prefix(while: { $0 != "/" && $0 != "?" && $0 != "#" }).contains("@") else {
            throw Self.refuse("the URL holds a user name or password; pass credentials in a header field")
        }
        return text
    }

    /// Whether a URL is plain enough to be judged without Foundation: `https`, or `http` to the usual names of the loopback,
    /// then a name of letters, digits, dots and hyphens, perhaps a port, and only URL characters after it. When it is less
    /// plain than that, this says nothing against it.
    private static func isPlain(_ text: String) -> Bool {
        let isEncrypted = text.hasPrefix("https://")
        guard isEncrypted || text.hasPrefix("http://127.0.0.1") || text.hasPrefix("http://localhost") else {
            return false
        }
        let bytes = text.utf8.span
        func end(of part: (UInt8) -> Bool, from start: Int) -> Int {
            var index = start
            while index < bytes.count, part(bytes[index]) { index += 1 }
            return index
        }
        let start = isEncrypted ? 8 : 7
        var next = end(of: Self.isNameCharacter, from: start)
        guard next > start, isEncrypted || next == start + 9 else { return false }
        if next < bytes.count, bytes[next] == UInt8(ascii: ":") {
            next = end(of: { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }, from: next + 1)
        }
        guard next == bytes.count || bytes[next] == UInt8(ascii: "/") || bytes[next] == UInt8(ascii: "?") else {
            return false
        }
        return end(of: Self.isURLCharacter, from: next) == bytes.count
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
                throw Self.refuse("a header field's name is no HTTP token")
            }
            guard !field.value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
                throw Self.refuse("the value of header field \(name) holds a control character")
            }
            // The transport frames the message; a second opinion on that is how requests are smuggled.
            if Self.framing.contains(field.name.canonicalName) { continue }
            if field.name == .accept { namesAccept = true }
            if field.name == .contentType { namesType = true }
            lines.append(field.value.isEmpty ? name + ";" : name + ": " + field.value)
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

    private static func refuse(_ message: String) -> RingError {
        RingError(code: .invalidArgument, message: message)
    }

    /// RFC 9110 section 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: "/"),
            UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "<"), UInt8(ascii: "="), UInt8(ascii: ">"),
            UInt8(ascii: "?"), UInt8(ascii: "@"), UInt8(ascii: "["), UInt8(ascii: "\\"), UInt8(ascii: "]"),
            UInt8(ascii: "{"), UInt8(ascii: "}"):
            return false
        default: return byte > 0x20 && byte < 0x7F
        }
    }

    /// RFC 3986 section 2, and the percent sign.
    private static func isURLCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "^"),
            UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            return false
        default: return byte > 0x20 && byte < 0x7F
        }
    }
}
