import Foundation
import RingCore
import RingCrypto
import RingOAuth
import Testing

@Suite struct OAuthAuthorizationTests {
    @Test func sendsTheBrowserWithAChallenge() throws {
        let begun = try OAuthAuthorization(clientID: "my app", redirectURI: "https://partner.example/back/?x=1")
        let url = begun.url.absoluteString
        let query = Dictionary(
            uniqueKeysWithValues: url.split(separator: "?")[1].split(separator: "&").map { pair in
                let parts = pair.split(separator: "=")
                return (String(parts[0]), String(parts[1]))
            })
        #expect(url.hasPrefix("https://account.ring.com/account/integrations/partner-link/authorize?"))
        #expect(query["client_id"] == "my%20app")
        #expect(query["redirect_uri"] == "https%3A%2F%2Fpartner.example%2Fback%2F%3Fx%3D1")
        #expect(query["response_type"] == "code")
        #expect(query["scope"] == "ava.v1%3Aread")
        #expect(query["state"] == begun.state)
        #expect(query["code_challenge"] == begun.challenge)
        #expect(query["code_challenge_method"] == "S256")
        #expect(!url.contains(begun.verifier.revealed))
        let other = try OAuthAuthorization(clientID: "c", redirectURI: "r")
        #expect(other.state != begun.state)
        #expect(other.verifier.revealed != begun.verifier.revealed)
        var printed = "\(begun)"
        dump(begun, to: &printed)
        #expect(!printed.contains(begun.state) && !printed.contains(begun.verifier.revealed))
    }

    @Test func takesOnlyItsOwnCallback() throws {
        guard case .granted(let code) = try OAuthCallback([("code", "c"), ("state", "s")], state: "s") else {
            Issue.record("not granted")
            return
        }
        #expect(code.revealed == "c")
        guard
            case .refused(let error) = try OAuthCallback(
                [("error", "access_denied"), ("error_description", "no"), ("state", "s")], state: "s")
        else {
            Issue.record("not refused")
            return
        }
        #expect(error == "access_denied")
        let strange: [([(name: String, value: String)], String)] = [
            ([("code", "c")], "s"), ([("code", "c"), ("state", "t")], "s"), ([("code", "c"), ("state", "")], ""),
            ([("code", "c"), ("state", "s"), ("state", "s")], "s"),
        ]
        for (parameters, state) in strange {
            #expect { try OAuthCallback(parameters, state: state) } throws: {
                ($0 as? RingError)?.code == .invalidState
            }
        }
        #expect { try OAuthCallback([("state", "s")], state: "s") } throws: {
            ($0 as? RingError)?.code == .malformedResponse
        }
    }
}
