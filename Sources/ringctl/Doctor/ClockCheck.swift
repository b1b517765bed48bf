import FoundationEssentials
import RingPartner

/// Whether Ring's API responds, and how far this machine's clock is from its clock.
enum ClockCheck {
    static func run(_ probe: Probe) async throws -> [Finding] {
        let settings = probe.context.settings
        let clock = probe.context.environment.clock
        let findings = try await probe.attempt(
            "api", fix: "check the network, the name server, proxies, and --api-url (RING_API_URL)"
        ) {
            let url = try RingURL.make(settings.apiURL, path: ["v1", "users", "me"])
            let response = try await probe.send(.get, url)
            // The middle of the exchange, as far as anybody can tell.
            let now = clock.now().addingTimeInterval(-(response.duration / .seconds(1)) / 2)
            let api = Self.api(response, settings.apiURL)
            // The clock of something else in its place says nothing.
            return api.status == .failure ? [api] : [api, Self.clock(response, now: now)]
        }
        return findings.count > 1 ? findings : findings + Finding.unchecked(["clock"], needing: "api")
    }

    private static func api(_ response: Probe.Response, _ url: URL) -> Finding {
        let host = url.host() ?? "the API"
        let fix = "check --api-url (RING_API_URL), and whether a proxy responds in its place"
        // Without a token it must refuse; anything else is not Ring.
        switch response.status {
        case 401 where response.headers["WWW-Authenticate"]?.lowercased().hasPrefix("bearer") == false,
            407:
            return .failure(
                "api",
                "\(host) responds with \(response.status) and asks for a user and a password, which Ring does not",
                fix: fix, exit: .usage)
        case 401 where !response.isPage, 403 where !response.isPage:
            return .ok("api", "\(host) responds, \(response.summary)")
        case 429:
            return .warning(
                "api", "the API responds with 429: this client has sent too much",
                fix: "wait, and run it again; see what else uses the client id")
        case 500...:
            return .failure(
                "api", "the API responds with \(response.status)",
                fix: "try again later; if it stays, see status.ring.com")
        default:
            let what = response.isPage ? "a page of status \(response.status)" : "\(response.status)"
            return .failure(
                "api", "\(host) responds with \(what) to a request without a token: it is not Ring's", fix: fix,
                exit: .usage)
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
