internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingMediaOptions {
    /// The target of a redirect, when it is allowed.
    ///
    /// - Parameters:
    ///   - response: The redirect.
    ///   - url: The URL that redirected.
    ///   - isLocal: Whether the API itself is on loopback, so that media may be on loopback too.
    func redirectTarget(of response: RingHTTPResponse, from url: URL, isLocal: Bool, operation: RingOperation)
        throws(RingError) -> URL
    {
        func refuse(_ why: String) -> RingError {
            RingError(
                code: .redirectRefused, message: "the redirect to the media was not followed: \(why)",
                operation: operation, status: response.status, requestID: response.requestID, delivery: .responded)
        }
        let locations = response.headerFields[values: .location]
        guard let text = locations.first?.trimmed, !text.isEmpty else { throw refuse("it has no Location") }
        guard locations.allSatisfy({ $0.trimmed == text }) else { throw refuse("it has several Locations") }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }),
            let target = RingURL.reference(text, relativeTo: url)
        else { throw refuse("its Location is not a URL") }
        guard let authority = Authority(target.absoluteString) else { throw refuse("its Location has no plain host") }
        guard !authority.hasUser else { throw refuse("its Location contains a user name or a password") }
        let isLoopback = isLocal && RingURL.isLoopback(target)
        guard authority.scheme == "https" || (authority.scheme == "http" && isLoopback) else {
            throw refuse("its Location is not https (host \(authority.host))")
        }
        if isLoopback { return target }
        guard authority.port == nil || authority.port == "443" else {
            throw refuse("port \(authority.port ?? "") of \(authority.host) is not that of https")
        }
        guard !authority.isAddress else { throw refuse("its host is an IP address") }
        guard !RingURL.isLoopback(target), !authority.host.hasSuffix(".localhost") else {
            throw refuse("its host is this machine, and the API is not on it")
        }
        guard self.allows(authority.host) else {
            throw refuse("the host \(authority.host) is not among those allowed; add it if Ring moved its media")
        }
        return target
    }

    private func allows(_ host: String) -> Bool {
        guard let redirectHostSuffixes else { return true }
        let host = host.hasSuffix(".") ? host.dropLast() : host[...]
        return redirectHostSuffixes.contains { suffix in
            let name = suffix.lowercased().drop { $0 == "." || $0 == "*" }
            return !name.isEmpty && (host == name || host.hasSuffix("." + name))
        }
    }
}

/// The authority of a URL, read strictly, so that no two readers of the URL can disagree about its host.
private struct Authority {
    var scheme: String
    var host: String
    var port: String?
    var hasUser: Bool

    init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return nil }
        self.scheme = text[..<colon].lowercased()
        let rest = text[text.index(colon, offsetBy: 3)...]
        var authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        self.hasUser = authority.contains("@")
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            self.host = authority[...end].lowercased()
            authority = authority[authority.index(after: end)...]
        } else {
            let name = authority.prefix { $0 != ":" }
            self.host = name.lowercased()
            authority = authority.dropFirst(name.count)
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isPlain) else { return nil }
        }
        if !authority.isEmpty {
            guard authority.hasPrefix(":"), authority.utf8.dropFirst().allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            self.port = authority.count > 1 ? String(authority.dropFirst()) : nil
        }
    }

    /// Whether the host is a numeric address in any spelling that a resolver takes: `10.1`, `0x7f.1`, `2130706433`, `[::1]`.
    var isAddress: Bool {
        if self.host.hasPrefix("[") { return true }
        guard let last = self.host.split(separator: ".").last else { return true }
        return last.utf8.allSatisfy { (0x30...0x39).contains($0) } || last.hasPrefix("0x")
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            return true
        default: return false
        }
    }
}
