import FoundationEssentials
import RingPartner

/// The Token Exchange URL. It gets a form without a code, which nobody can exchange.
enum TokenExchangeCheck {
    static func run(_ probe: Probe) async throws -> [Finding] {
        let check = "token_exchange_url"
        guard let (url, findings) = probe.url("--token-exchange-url", check, "Token Exchange URL") else {
            return [.unchecked(check, "not checked", fix: "give it with --token-exchange-url")]
        }
        guard let url else { return findings }
        return try await findings
            + probe.attempt("token_exchange", fix: "check that the service runs, its name and its certificate") {
                let response = try await probe.send(
                    .post, url, headers: [.contentType: "application/x-www-form-urlencoded"], body: Array("code=".utf8))
                return [Self.finding(response)]
            }
    }

    private static func finding(_ response: Probe.Response) -> Finding {
        func failure(_ text: String, _ fix: String) -> Finding {
            .failure("token_exchange", "a form without a code got \(response.summary): \(text)", fix: fix)
        }
        switch response.status {
        case 300..<400:
            return failure(
                "a redirect, which Ring does not follow",
                "enter the final URL in the portal, trailing slash included, and ask for no session here: Ring calls it"
            )
        case 401, 403:
            return failure("it asks Ring's server to sign in", "exempt this path from sign-in and from CSRF checks")
        case 404, 410: return failure("nothing is at this path", "correct the path in the portal, or serve it")
        case 405: return failure("it does not take POST", "serve POST at this path")
        case 415: return failure("it refuses a form", "take application/x-www-form-urlencoded")
        case 500...: return failure("the service failed", "refuse an empty code with 400; read the service's log")
        case 200..<300:
            return .warning(
                "token_exchange", "a form without a code got \(response.summary)",
                fix: "refuse an empty code with 400, so that a lost code shows")
        default: return .ok("token_exchange", "a form without a code got \(response.summary)")
        }
    }
}

/// The Account Link URL. It is opened as a browser opens it that nobody has signed in with.
enum LinkCheck {
    private static let check = "link_page"

    static func run(_ probe: Probe) async throws -> [Finding] {
        guard let (url, findings) = probe.url("--link-url", "link_url", "Account Link URL") else {
            return [.unchecked("link_url", "not checked", fix: "give it with --link-url")]
        }
        guard let url else { return findings }
        return try await findings
            + probe.attempt(Self.check, fix: "check that the service runs, its name and its certificate") {
                [try await Self.open(url, probe)]
            }
    }

    private static func open(_ url: URL, _ probe: Probe) async throws -> Finding {
        let time = probe.context.environment.clock.now().epochMilliseconds
        // The right form, and made with a key that nobody has.
        let nonce = try RingLinkNonce.compute(time: String(time), accountID: "doctor", key: RingHMACKey("doctor"))
        let separator = url.query() == nil ? "?" : "&"
        guard var next = RingURL.reference("\(url.absoluteString)\(separator)nonce=\(nonce)&time=\(time)") else {
            return .failure(Self.check, "the Account Link URL takes no query", fix: "correct it", exit: .usage)
        }
        for step in 0..<5 {
            let response = try await probe.send(.get, next, headers: [.accept: "text/html"])
            guard response.isRedirect, let location = response.headers["Location"] else {
                return Self.finding(response, after: step == 0 ? nil : next.path())
            }
            guard let target = RingURL.reference(location, relativeTo: next), RingURL.isSecure(target) else {
                return .failure(
                    Self.check, "the page redirects to a URL that is not https", fix: "keep the whole sign-in on https")
            }
            next = target
        }
        return .failure(Self.check, "the page redirects in a circle", fix: "end at a page with a sign-in form")
    }

    /// - Parameter path: Where the Account Link URL redirected to; `nil` when it did not.
    private static func finding(_ response: Probe.Response, after path: String?) -> Finding {
        switch response.status {
        case 200..<300: break
        case 404, 410:
            if let path {
                return .failure(
                    Self.check, "the page leads on to \(path), which got \(response.summary)",
                    fix: "serve the sign-in there, or redirect to the one that there is (RingServiceURLs.signInPath)")
            }
            return .failure(
                Self.check, "a redirect of Ring got \(response.summary)",
                fix: "correct the path in the portal, or serve it")
        case 400, 422:
            return .failure(
                Self.check,
                "a browser without a session got \(response.summary): the nonce is looked at before anybody has signed in",
                fix:
                    "show the sign-in first, and match the nonce for the user who signed in; the certification checks it"
            )
        default:
            return .failure(
                Self.check, "a redirect of Ring got \(response.summary)",
                fix: "show a page with sign-in and sign-up to whoever has no session")
        }
        let text = response.text.lowercased()
        let words = ["sign in", "sign-in", "signin", "log in", "login", "password", "type=\"email\""]
        guard text.contains("<form") || words.contains(where: { text.contains($0) }) else {
            return .warning(
                Self.check, "the page got \(response.summary), and no sign-in can be recognised on it",
                fix: "show sign-in and sign-up first; the certification checks that nothing is linked before")
        }
        return .ok(Self.check, "a browser without a session is asked to sign in, \(response.summary)")
    }
}
