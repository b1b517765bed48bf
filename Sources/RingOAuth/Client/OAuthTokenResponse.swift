internal import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Reads the responses of the token endpoint. Ring documents only the successful one.
enum OAuthTokenResponse {
    /// The lifetime of an access token when the response does not say: four hours.
    static let defaultLifetime = 14_400.0
    /// A longer lifetime counts as this one: a year.
    private static let maximumLifetime = 31_536_000.0

    /// Reads the tokens.
    ///
    /// - Returns: `nil` when the body holds no access token.
    static func grant(from body: [UInt8], sentAt: Date, serverDate: Date? = nil) -> OAuthGrant? {
        guard let root = try? JSONAPIValue(parsing: body) else { return nil }
        // The documented response is flat; the rest of the API wraps everything in `data.attributes`.
        let holder = root["access_token"] == nil ? root["data"]?["attributes"] ?? root["data"] ?? root : root
        guard let access = holder["access_token"]?.string, !access.isEmpty else { return nil }
        let refresh = holder["refresh_token"]?.string
        return OAuthGrant(
            accessToken: RingAccessToken(access),
            refreshToken: refresh.flatMap { $0.isEmpty ? nil : OAuthRefreshToken($0) },
            accessExpiresAt: sentAt + Self.lifetime(holder["expires_in"]),
            scope: Self.scope(holder["scope"]),
            issuedAt: sentAt, serverDate: serverDate)
    }

    private static func lifetime(_ value: JSONAPIValue?) -> Double {
        guard let seconds = value?.number, seconds.isFinite, seconds > 0 else { return Self.defaultLifetime }
        return min(seconds, Self.maximumLifetime)
    }

    private static func scope(_ value: JSONAPIValue?) -> String {
        guard let value else { return "" }
        return value.string ?? value.elements.compactMap(\.string).joined(separator: " ")
    }

    /// The OAuth error codes (RFC 6749 section 5.2) that this package tells apart.
    private static let errorCodes = [
        "invalid_grant", "invalid_client", "unauthorized_client", "invalid_request", "unsupported_grant_type",
        "invalid_scope",
    ]
    /// Other registered OAuth error codes. They are recognised only as the whole value of `error`.
    private static let otherErrorCodes = [
        "access_denied", "authorization_pending", "expired_token", "insufficient_scope", "invalid_target",
        "invalid_token", "server_error", "slow_down", "temporarily_unavailable", "unsupported_response_type",
        "unsupported_token_type",
    ]

    /// Finds the error code in an RFC 6749 body, a JSON:API document, or plain text.
    ///
    /// - Returns: A registered code; `other` when the body has an `error` with any other value, since that is free text, which
    ///   may repeat a secret; `nil` when there is no code.
    static func errorCode(in body: [UInt8]) -> String? {
        guard let root = try? JSONAPIValue(parsing: body) else {
            return Self.errorCode(inText: String(decoding: body.prefix(1_000), as: UTF8.self))
        }
        if let error = root["error"]?.string ?? root["error"]?["code"]?.string {
            let plain = Self.normalised(error)
            return Self.errorCodes.contains(plain) || Self.otherErrorCodes.contains(plain) ? plain : "other"
        }
        for error in root["errors"].map({ $0.elements }) ?? [] {
            for name in ["code", "title", "detail"] {
                if let text = error[name]?.string, let code = Self.errorCode(inText: text) { return code }
            }
        }
        return root.string.flatMap(Self.errorCode(inText:))
    }

    private static func errorCode(inText text: String) -> String? {
        let plain = Self.normalised(text)
        return Self.errorCodes.first { plain.contains($0) }
    }

    private static func normalised(_ text: String) -> String {
        String(text.prefix(1_000).lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
    }
}
