internal import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Reads the responses of the token endpoint. Ring documents only the successful one.
package enum OAuthTokenResponse {
    /// The lifetime of an access token when the response does not say: four hours.
    static let defaultLifetime = 14_400.0
    /// A longer lifetime counts as this one: a year.
    private static let maximumLifetime = 31_536_000.0

    /// Reads the tokens.
    ///
    /// - Returns: `nil` when the body holds no access token, or one of blanks and control characters alone.
    static func grant(from body: [UInt8], sentAt: Date, serverDate: Date? = nil) -> OAuthGrant? {
        guard let root = try? JSONAPIValue(parsing: body) else { return nil }
        // The documented response is flat; the rest of the API wraps everything in `data.attributes`.
        let holder = root["access_token"] == nil ? root["data"]?["attributes"] ?? root["data"] ?? root : root
        // A token has no control characters (RFC 6749, appendix A.12), and a header field cannot carry them: what breaks lines in a
        // JSON body may have put them in. The new refresh token has to be kept in any case.
        let text = Self.token(holder["access_token"])?.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
        guard let access = text.map({ String($0).trimmed }), !access.isEmpty else { return nil }
        let refresh = Self.token(holder["refresh_token"])
        return OAuthGrant(
            accessToken: RingAccessToken(access), refreshToken: refresh.map { OAuthRefreshToken($0) },
            accessExpiresAt: sentAt + Self.lifetime(holder["expires_in"]),
            scope: Self.scope(holder["scope"], without: [access, refresh ?? ""]),
            issuedAt: sentAt, serverDate: serverDate)
    }

    /// A token, also when a gateway has made a number of one that consists of digits.
    private static func token(_ value: JSONAPIValue?) -> String? {
        guard let text = value?.string ?? value?.numberText, !text.isEmpty else { return nil }
        return text
    }

    private static func lifetime(_ value: JSONAPIValue?) -> Double {
        guard let seconds = value?.number, seconds.isFinite, seconds > 0 else { return Self.defaultLifetime }
        return min(seconds, Self.maximumLifetime)
    }

    /// Permissions are printed, so one that holds a token is none; a short token may be part of a word.
    private static func scope(_ value: JSONAPIValue?, without tokens: [String]) -> String {
        guard let value else { return "" }
        let text = value.string ?? value.elements.compactMap(\.string).joined(separator: " ")
        return tokens.contains { $0.utf8.count >= 16 && text.contains($0) } ? "" : text
    }

    /// The error codes of RFC 6749 section 5.2.
    private static let errorCodes: Set = [
        "invalid_grant", "invalid_client", "unauthorized_client", "invalid_request", "unsupported_grant_type",
        "invalid_scope",
    ]

    /// Finds the error code in an RFC 6749 body or in the `errors` of a JSON:API document.
    ///
    /// - Returns: One of the six codes of RFC 6749; `nil` for every other body, which a proxy may have sent.
    package static func errorCode(in body: [UInt8]) -> String? {
        guard let root = try? JSONAPIValue(parsing: body) else { return nil }
        if let error = root["error"]?.string { return Self.code(named: error) }
        for error in root["errors"]?.elements ?? [] {
            for name in ["code", "title"] {
                if let code = error[name]?.string.flatMap(Self.code(named:)) { return code }
            }
            if let code = error["detail"]?.string.flatMap(Self.code(quotedIn:)) { return code }
        }
        return nil
    }

    /// A text that is an error code: `invalid_grant`, `INVALID_GRANT`, `Invalid Grant`.
    private static func code(named text: String) -> String? {
        let plain = String(text.prefix(40).lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
        return Self.errorCodes.contains(plain) ? plain : nil
    }

    /// The error code that stands as a word in a text, or is all of it.
    private static func code(quotedIn text: String) -> String? {
        let words = text.prefix(1_000).lowercased().split { !$0.isLetter && $0 != "_" }
        return words.lazy.map(String.init).first(where: Self.errorCodes.contains) ?? Self.code(named: text)
    }
}
