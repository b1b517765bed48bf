#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What must hold before a transport sends a request. The libraries below write some of it to the wire unchecked.
package enum RingTransportChecks {
    /// The method, when it is a token.
    package static func method(_ request: RingHTTPRequest, _ operation: RingOperation) throws -> String {
        let method = request.method.rawValue
        guard !method.isEmpty, method.utf8.allSatisfy(Self.isToken) else {
            throw Self.refusal("the method is not an HTTP token; use one of RingHTTPMethod", operation)
        }
        return method
    }

    /// The URL as text.
    ///
    /// Two parsers read it, Foundation's and that of the library that connects. With nothing but RFC 3986 characters and
    /// without user info they cannot differ about the host.
    package static func url(_ request: RingHTTPRequest, _ operation: RingOperation) throws -> String {
        let text = request.url.absoluteString
        if Self.isPlain(text) { return text }
        guard RingURL.isSecure(request.url) else {
            throw RingError(
                code: .insecureURL,
                message: "only https is allowed, and http to this machine's loopback; check the configured origins and "
                    + "where the link came from", operation: operation)
        }
        guard text.utf8.allSatisfy(Self.isURLCharacter), let start = text.firstRange(of: "://")?.upperBound else {
            throw Self.refusal("the URL has characters that must be percent-encoded", operation)
        }
        guard !text[start...].prefix(while: { $0 != "/" && $0 != "?" && $0 != "#" }).contains("@") else {
            throw Self.refusal("the URL has a user name or password; pass credentials in a header field", operation)
        }
        return text
    }

    /// Whether a header field of a request is sent. Those that frame a message are not: the transport writes them, and a
    /// second set of them is how requests are smuggled.
    ///
    /// - Throws: `RingError` when its name is not a token, or its value would end the header line.
    package static func isSent(_ field: RingHTTPField, _ operation: RingOperation) throws -> Bool {
        let name = field.name.rawName
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isToken) else {
            throw Self.refusal("the name of a header field is not an HTTP token", operation)
        }
        guard !field.value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
            throw Self.refusal(
                field.name == .authorization
                    ? "the access token has a control character, such as a line break at its end; pass it as it was issued"
                    : "the value of header field \(name) has a control character, such as a line break; remove it",
                operation)
        }
        return !Self.framing.contains(field.name.canonicalName)
    }

    /// The limits of an exchange that starts now.
    ///
    /// - Parameter standard: The transport's own, for a request without timeouts.
    /// - Throws: `RingError` with ``RingError/Code/deadlineExceeded`` when the deadline has passed.
    package static func limits(
        _ context: RingRequestContext, standard: RingHTTPExchangeProgress.Limits, clock: any RingClock
    ) throws -> RingHTTPExchangeProgress.Limits {
        var limits = context.timeouts.map { RingHTTPExchangeProgress.Limits($0) } ?? standard
        limits.deadline = context.deadline?.remaining(clock).clampedNanoseconds
        guard limits.deadline ?? 1 > 0 else { throw RingError.deadlineExceeded(context.operation, delivery: .notSent) }
        return limits
    }

    private static let framing: Set<String> = [
        "content-length", "transfer-encoding", "connection", "expect", "upgrade", "host", "te", "trailer", "keep-alive",
        "proxy-connection",
    ]

    private static func refusal(_ message: String, _ operation: RingOperation) -> RingError {
        RingError(code: .invalidArgument, message: message, operation: operation)
    }

    /// Whether a URL is plain enough to be judged without Foundation: `https`, or `http` to the usual names of the loopback,
    /// then a name of letters, digits, dots and hyphens, perhaps a port, and only URL characters after it. A URL that is less
    /// plain than that is not refused, but parsed.
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
