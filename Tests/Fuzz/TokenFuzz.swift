import Foundation
import RingCore

@testable import RingOAuth

/// Responses of the token endpoint, for each status that decides something.
func fuzzToken(_ bytes: [UInt8]) {
    let sentAt = Date(timeIntervalSince1970: 1_795_000_000)
    if let grant = OAuthTokenResponse.grant(from: bytes, sentAt: sentAt) {
        check(grant.accessExpiresAt > sentAt && !grant.accessToken.revealed.isEmpty, "a grant can be used")
        check(
            !"\(grant)".contains(grant.accessToken.revealed) || grant.accessToken.revealed.count < 24,
            "it is not printed")
    }
    if let code = OAuthTokenResponse.errorCode(in: bytes) {
        check(code.count < 40 && code.utf8.allSatisfy { $0 == 0x5F || $0 &- 0x61 < 26 }, "a code is a word of ours")
    }
}
