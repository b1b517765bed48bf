import FoundationEssentials
import RingPartner

/// Whether the token endpoint is one. It gets a form without client and code, which it refuses in OAuth's words.
enum TokenEndpointCheck {
    private static let check = "oauth"

    static func run(_ probe: Probe) async throws -> [Finding] {
        let origin = probe.context.settings.oauthURL
        return try await probe.attempt(
            Self.check, fix: "check the network, the name server, proxies, and --oauth-url (RING_OAUTH_URL)"
        ) {
            let url = try RingURL.make(origin, path: ["oauth", "token"])
            let response = try await probe.send(
                .post, url,
                headers: [.contentType: "application/x-www-form-urlencoded", .accept: "application/json"],
                body: Array("grant_type=authorization_code".utf8))
            return [Self.finding(response, origin.host() ?? "the token endpoint")]
        }
    }

    private static func finding(_ response: Probe.Response, _ host: String) -> Finding {
        let fix = "check --oauth-url (RING_OAUTH_URL), and whether a proxy responds in its place"
        switch response.status {
        case 429:
            return .warning(
                Self.check, "the token endpoint responds with 429: this client has sent too much",
                fix: "wait, and run it again; see what else uses the client id")
        case 500...:
            return .failure(
                Self.check, "the token endpoint responds with \(response.status)",
                fix: "try again later; if it stays, see status.ring.com")
        case _ where response.isOAuthError && [200, 400, 401, 403].contains(response.status):
            return .ok(Self.check, "\(host) responds, \(response.summary)")
        case 400, 401:
            // What Ring's endpoint says here is not documented; a page is certainly not its response.
            guard !response.isPage else { break }
            return .warning(
                Self.check, "\(host) responds with \(response.status) without an OAuth error: it may be a proxy",
                fix: fix)
        default: break
        }
        let what = response.isPage ? "a page of status \(response.status)" : "\(response.status)"
        return .failure(
            Self.check, "\(host) responds with \(what) to a token request: it is not Ring's token endpoint", fix: fix,
            exit: .usage)
    }
}

extension Probe.Response {
    /// Whether it has an error of OAuth.
    fileprivate var isOAuthError: Bool { OAuthTokenResponse.errorCode(in: Array(self.text.utf8)) != nil }
}

/// Whether Ring knows the app: the token endpoint refuses a made-up code of an app that it knows, and the app otherwise.
enum CredentialCheck {
    private static let check = "credentials"
    private static let copy = "copy client id and client secret from the portal's file"

    static func run(_ probe: Probe) async throws -> [Finding] {
        let context = probe.context
        let missing = ["RING_CLIENT_ID", "RING_CLIENT_SECRET"].filter { context.settings.variable($0) == nil }
        guard missing.isEmpty else {
            return [
                .warning(
                    Self.check,
                    "\(missing.joined(separator: " and ")) is not set: no token can be obtained or refreshed",
                    fix: "set both in the environment; the developer portal shows them once, when the app is created")
            ]
        }
        return try await probe.attempt(Self.check, fix: "see oauth above, and run it again") {
            let client: OAuthClient
            do { client = try context.oauth(required: true, requestLimit: Probe.longest) } catch {
                return [try .failed(Self.check, error, fix: Self.copy)]
            }
            return [try Self.finding(await client.exchange(OAuthAuthorizationCode("ringctl-doctor-made-this-up")))]
        }
    }

    private static func finding(_ outcome: OAuthOutcome) throws -> Finding {
        switch outcome {
        case .rejected: return .ok(Self.check, "the token endpoint knows the client id and its secret")
        case .granted:
            return .failure(
                Self.check, "the token endpoint grants tokens for a code that does not exist: it is not Ring's",
                fix: "check --oauth-url (RING_OAUTH_URL)", exit: .usage)
        case .misconfigured(let refusal)
        where ["invalid_client", "unauthorized_client"].contains(refusal.error) || refusal.status == 401:
            return .failure(
                Self.check, "the token endpoint refuses the client: \(refusal.error), status \(refusal.status)",
                fix: "\(Self.copy); a lost secret is reissued by support alone", exit: .notAuthorised)
        case .misconfigured(let refusal):
            return .failure(
                Self.check, "the token endpoint refuses every exchange: \(refusal.error), status \(refusal.status)",
                fix: "check --oauth-url (RING_OAUTH_URL); if it is Ring's, report it")
        case .transient(let error), .unknown(let error):
            if [.unauthorized, .invalidClient].contains(error.code) {
                return .failure(Self.check, error.message, fix: Self.copy, exit: .notAuthorised)
            }
            throw error
        }
    }
}
