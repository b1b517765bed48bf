internal import RingCore

/// Replaces secrets in what the journal shows: tokens, codes, client secrets, signatures, pre-signed queries, and the
/// credentials of SDP.
///
/// It works on text that was cut, so it scans instead of parsing.
enum SecretFilter {
    /// What stands in the place of a secret.
    static let mark = "REDACTED"
    private static let words = [
        "token", "secret", "password", "signature", "verifier", "credential", "authorization", "hmackey", "apikey",
        "icepwd", "iceufrag",
    ]

    /// Names that most requests have, so that they are not looked at more closely.
    private static let plainNames: Set<String> = [
        "include", "component_id", "event_types", "page[key]", "page[cursor]", "grant_type", "client_id", "state",
    ]

    /// Whether a member, a pair or a header field with this name has a secret.
    static func isSecret(_ name: some StringProtocol) -> Bool {
        let plain = name.lowercased().filter { $0 != "_" && $0 != "-" }
        if plain == "tokentype" { return false }
        return plain == "nonce" || plain.contains("\\") || self.words.contains { plain.contains($0) }
    }

    /// A body without secrets; what is not UTF-8 becomes U+FFFD.
    static func text(_ bytes: [UInt8]) -> String {
        let first = bytes.first { $0 > 0x20 && $0 < 0x80 }
        let text: String
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            text = self.json(bytes)
        } else if bytes.starts(with: "v=0".utf8) {
            text = String(decoding: bytes, as: UTF8.self)
        } else {
            text = self.form(String(decoding: bytes, as: UTF8.self))
        }
        return self.issued(self.sdp(text))
    }

    /// Text without the tokens and codes that the simulator issues, wherever they stand: a client may send one anywhere.
    static func issued(_ text: String) -> String {
        guard self.hasLongRun(text) else { return text }
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        var (start, copied) = (0, 0)
        for index in 0...bytes.count {
            if index < bytes.count, bytes[index].isLetterOrDigit { continue }
            if self.isIssued(bytes[start..<index], after: bytes[..<start]) {
                output += bytes[copied..<start] + self.mark.utf8
                copied = index
            }
            start = index + 1
        }
        return copied == 0 ? text : String(decoding: output + bytes[copied...], as: UTF8.self)
    }

    /// The least letters and digits of the random part of a token or of a code.
    private static let issuedCount = 36

    /// Whether so many letters and digits stand in a row, which is quickly said of most texts.
    private static func hasLongRun(_ text: String) -> Bool {
        var count = 0
        for byte in text.utf8 {
            count = byte.isLetterOrDigit ? count + 1 : 0
            if count == self.issuedCount { return true }
        }
        return false
    }

    /// Whether letters and digits are the random part of a token or of a code.
    private static func isIssued(_ run: ArraySlice<UInt8>, after rest: ArraySlice<UInt8>) -> Bool {
        guard run.count >= self.issuedCount else { return false }
        func ends(with mark: String) -> Bool { rest.suffix(mark.utf8.count).elementsEqual(mark.utf8) }
        // A percent sign is that of an encoded colon or equals sign.
        return ["at-", "rt-", "us-east-1:", "us-east-1%", "security_token=", "security_token%"].contains(where: ends)
    }

    /// The path of a request; at the media origin also a query that was written into it.
    static func path(_ path: String, isMedia: Bool) -> String { self.issued(isMedia ? self.form(path) : path) }

    /// The grant type of a request, which may be more than one when the body is no form.
    static func grantType(_ type: String?) -> String? { type.map { self.issued(self.form($0)) } }

    /// A query without the values of secrets; `nil` stays `nil`.
    static func query(_ query: String?) -> String? { query.map { self.issued(self.form($0)) } }

    /// A URL without the user and the password that it may have.
    static func address(_ url: String) -> String {
        guard let start = url.firstRange(of: "://")?.upperBound,
            let end = url[start...].prefix(while: { !"/?#\\".contains($0) }).lastIndex(of: "@")
        else { return url }
        return "\(url[..<start])\(self.mark)\(url[end...])"
    }

    /// A link without a user, and without a query that has a signature or a token.
    static func link(_ text: String) -> String {
        let text = text.utf8.contains(UInt8(ascii: "@")) ? self.address(text) : text
        guard let mark = text.firstIndex(of: "?") else { return text }
        let query = text[text.index(after: mark)...]
        let lowered = query.lowercased()
        if lowered.contains("x-amz-") || lowered.contains("security_token") { return "\(text[..<mark])?\(self.mark)" }
        return "\(text[...mark])\(self.form(String(query)))"
    }

    /// Header fields without credentials; the scheme of an `Authorization` stays.
    static func fields(_ fields: RingHTTPFields) -> [(name: String, value: String)] {
        fields.map { field in
            let name = field.name.rawName
            switch name.lowercased() {
            case "authorization", "proxy-authorization":
                let scheme = field.value.prefix { $0 != " " }
                return (name, scheme.count < field.value.count ? "\(scheme) \(self.mark)" : self.mark)
            case "cookie", "set-cookie": return (name, self.mark)
            case "location", "referer", "link": return (name, self.issued(self.link(field.value)))
            default: return (name, self.isSecret(name) ? self.mark : self.issued(field.value))
            }
        }
    }

    private static func form(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "=")) else { return text }
        return text.split(separator: "&", omittingEmptySubsequences: false).map { pair -> String in
            guard let end = pair.utf8.firstIndex(of: UInt8(ascii: "=")) else { return String(pair) }
            let name = pair[..<end]
            if self.plainNames.contains(String(name)) { return String(pair) }
            let decoded = RingPercentCoding.decode(name.utf8, plusIsSpace: true)
            return self.isSecret(decoded) || decoded.lowercased().hasSuffix("code")
                ? "\(name)=\(self.mark)" : String(pair)
        }.joined(separator: "&")
    }

    private static func sdp(_ text: String) -> String {
        var text = text
        for marker in ["a=ice-pwd:", "a=ice-ufrag:", "a=fingerprint:", "a=crypto:"] where text.contains(marker) {
            let parts = text.components(splitBy: marker)
            text = String(parts[0])
            for part in parts.dropFirst() {
                let rest = part.drop { $0 != "\r" && $0 != "\n" && $0 != "\r\n" && $0 != "\\" && $0 != "\"" }
                text += "\(marker)\(self.mark)\(rest)"
            }
        }
        return text
    }

    private static func json(_ bytes: [UInt8]) -> String {
        var scan = JSONSecretScan(bytes: bytes)
        return scan.run()
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}

extension String {
    fileprivate func components(splitBy separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}

/// Goes through JSON that may be cut or wrong, and replaces the strings and numbers of members that have secrets.
private struct JSONSecretScan {
    let bytes: [UInt8]
    private var index = 0
    private var output: [UInt8] = []
    private var name: String?
    /// For each open container, the name that its elements inherit.
    private var open: [String?] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func run() -> String {
        while self.index < self.bytes.count {
            let byte = self.bytes[self.index]
            switch byte {
            case UInt8(ascii: "\""):
                self.string()
                continue
            case UInt8(ascii: "["): self.open.append(self.name)
            case UInt8(ascii: "{"): self.open.append(nil)
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                _ = self.open.popLast()
                self.name = nil
            case UInt8(ascii: ","): self.name = self.open.last ?? nil
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                self.number()
                continue
            default: break
            }
            self.output.append(byte)
            self.index += 1
        }
        return String(decoding: self.output, as: UTF8.self)
    }

    /// `code` is a secret as a member of the whole, and the name of an error elsewhere.
    private var isSecret: Bool {
        guard let name else { return false }
        return SecretFilter.isSecret(name) || (name.lowercased() == "code" && self.open.count <= 1)
    }

    private mutating func string() {
        var end = self.index + 1
        while end < self.bytes.count, self.bytes[end] != UInt8(ascii: "\"") {
            end += self.bytes[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        end = min(end, self.bytes.count)
        let isClosed = end < self.bytes.count
        let content = self.bytes[(self.index + 1)..<end]
        self.index = isClosed ? end + 1 : end
        var next = self.index
        while next < self.bytes.count, self.bytes[next] <= 0x20 { next += 1 }
        let text = String(decoding: content, as: UTF8.self)
        self.output.append(UInt8(ascii: "\""))
        if next < self.bytes.count, self.bytes[next] == UInt8(ascii: ":") {
            self.name = text
            self.output += content
        } else if self.isSecret {
            self.output += SecretFilter.mark.utf8
        } else {
            let isLink = content.contains { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "@") }
            self.output += isLink ? Array(SecretFilter.link(text).utf8)[...] : content
        }
        if isClosed { self.output.append(UInt8(ascii: "\"")) }
    }

    private mutating func number() {
        var end = self.index
        while end < self.bytes.count, "+-.eE0123456789".utf8.contains(self.bytes[end]) { end += 1 }
        self.output += self.isSecret ? Array("\"\(SecretFilter.mark)\"".utf8)[...] : self.bytes[self.index..<end]
        self.index = end
    }
}
