import FoundationEssentials
import RingPartner

/// Whether Ring's origins respond, and how far this machine's clock is from theirs.
enum ClockCheck {
    static func run(_ probe: Probe) async throws -> [Finding] {
        let settings = probe.context.settings
        let clock = probe.context.environment.clock
        var findings: [Finding] = []
        do {
            let url = try RingURL.make(settings.apiURL, path: ["v1", "users", "me"])
            let response = try await probe.send(.get, url)
            // The middle of the exchange, as far as anybody can tell.
            let now = clock.now().addingTimeInterval(-(response.duration / .seconds(1)) / 2)
            findings.append(Self.api(response, settings.apiURL))
            findings.append(Self.clock(response, now: now))
        } catch {
            findings.append(
                try .failed(
                    "api", error, fix: "check the network, the name server, proxies, and --api-url (RING_API_URL)"))
        }
        do {
            let url = try RingURL.make(settings.oauthURL, path: ["oauth", "token"])
            let response = try await probe.send(.get, url)
            findings.append(
                response.status < 500
                    ? .ok("oauth", "\(settings.oauthURL.host() ?? "the token endpoint") responds, \(response.summary)")
                    : .failure(
                        "oauth", "the token endpoint responds with \(response.status)",
                        fix: "try again later; if it stays, see status.ring.com"))
        } catch {
            findings.append(
                try .failed(
                    "oauth", error, fix: "check the network, the name server, proxies, and --oauth-url (RING_OAUTH_URL)"
                ))
        }
        return findings
    }

    private static func api(_ response: Probe.Response, _ url: URL) -> Finding {
        // Without a token it must refuse; anything else is not Ring.
        switch response.status {
        case 401, 403: .ok("api", "\(url.host() ?? "the API") responds, \(response.summary)")
        case 500...:
            .failure(
                "api", "the API responds with \(response.status)",
                fix: "try again later; if it stays, see status.ring.com"
            )
        default:
            .failure(
                "api", "the API responds with \(response.status) to a request without a token: it is not Ring's",
                fix: "check --api-url (RING_API_URL), and whether a proxy responds in its place", exit: .usage)
        }
    }

    private static func clock(_ response: Probe.Response, now: Date) -> Finding {
        guard let field = response.headers[.date], let date = RingHTTPDate.parse(field, now: now) else {
            return .unchecked("clock", "the API's response has no date to compare with")
        }
        // The field has whole seconds.
        let difference = now.timeIntervalSince(date) - 0.5
        let text = "\(Int(abs(difference).rounded())) s \(difference < 0 ? "behind" : "ahead of") Ring's"
        let fix =
            "synchronise the clock (timedatectl set-ntp true); a link redirect from the future or older than 600 s is "
            + "refused, and so is a webhook outside the replay window"
        if abs(difference) > 60 {
            return .failure("clock", "this clock is \(text)", fix: fix, exit: .verificationFailed)
        }
        if abs(difference) > 5 { return .warning("clock", "this clock is \(text)", fix: fix) }
        return .ok("clock", "within \(abs(difference) < 1.5 ? "a second" : "five seconds") of Ring's")
    }
}
