#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The three URLs of a service that Ring calls, as one call for any web framework: the webhook URL, the Token Exchange URL, and
/// the Account Link URL with its page.
///
/// ``RingPartnerClient/serviceURLs(inbox:)`` creates a value. Give it each request before the routes of the service: it returns
/// `nil` for a request to another URL. The paths are compared exactly, as Ring's portal has them, with every method: a wrong one
/// gets 405. Bodies are read up to their limits, and no further than that.
///
/// <!-- given: ring: RingPartnerClient, inbox: RingWebhookInbox, request: RingHTTPRequest, func userID(of request: RingHTTPRequest) -> String? -->
/// ```swift
/// let urls = ring.serviceURLs(inbox: inbox)
/// let response = await urls.response(to: request) {
///     userID(of: request).map { RingServiceURLs.User(RingPrincipal(rawValue: $0)) }
/// }
/// ```
public struct RingServiceURLs: Sendable {
    /// A user of the service, who has signed in.
    public struct User: Hashable, Sendable {
        /// The service's own user.
        public var principal: RingPrincipal
        /// The user in a masked form, such as `r***e@example.org`, which the Ring app shows.
        public var accountIdentifier: String?

        /// Creates a user.
        public init(_ principal: RingPrincipal, accountIdentifier: String? = nil) {
            self.principal = principal
            self.accountIdentifier = accountIdentifier
        }
    }

    /// The path of the webhook URL.
    public var webhookPath = "/ring/webhooks"
    /// The path of the Token Exchange URL.
    public var tokenExchangePath = "/ring/token-exchange"
    /// The path of the Account Link URL; `nil` when the service has a page of its own for it.
    public var accountLinkPath: String? = "/ring/link"
    /// The page of the service where a user signs in. The query item `next` holds the path and the query of the Account Link URL,
    /// to which the page returns; the nonce in it is valid for ten minutes.
    public var signInPath = "/sign-in"
    /// Shows the Account Link URL's page in the look and the language of the service. The body of the response has to be in memory.
    /// Header fields against caching and framing are added when they are missing; a `Content-Security-Policy` without
    /// `frame-ancestors` gets a second policy.
    public var page: @Sendable (RingLinkPage) -> RingHTTPResponse = { $0.response }

    private let inbox: RingWebhookInbox
    private let linker: RingAccountLinker
    private let confirmation: LinkConfirmation
    private let observer: any RingObserver

    init(_ client: RingPartnerClient, inbox: RingWebhookInbox) {
        self.inbox = inbox
        self.linker = client.linker
        self.confirmation = LinkConfirmation(keys: client.configuration.hmacKeys)
        self.observer = client.configuration.environment.observer
    }

    /// The largest body of a request that is accepted. A server that reads whole bodies stops after one byte more, and passes what
    /// it has read: the response is 413.
    public var maximumBodyBytes: Int { max(self.inbox.options.maximumBodyBytes, RingAccountLinker.maximumBodyBytes) }

    /// Whether a request is for one of the URLs, for a framework that has to know it before it reads the body.
    ///
    /// - Parameter target: The path with the query, as the request line has it.
    public func contains(target: String) -> Bool { self.url(target) != nil }

    /// Responds to a request as a web framework has it.
    ///
    /// - Parameters:
    ///   - method: The method, such as `POST`.
    ///   - target: The path with the query, as the request line has it.
    ///   - headers: The header fields.
    ///   - body: The raw body: bytes, or a stream that is read only if the URL is one of these.
    ///   - user: Who has signed in, in the browser that sent the request; `nil` for nobody. Called for the Account Link URL only.
    /// - Returns: The response, whose body is in memory; `nil` for a request to another URL.
    public func response(
        method: String, target: String, headers: some Sequence<(name: String, value: String)>, body: RingHTTPBody,
        user: () async throws -> User?
    ) async -> RingHTTPResponse? {
        guard let url = self.url(target) else { return nil }
        let fields = headers.map { RingHTTPField(name: RingHTTPField.Name($0.name), value: $0.value) }
        let request = RingHTTPRequest(
            method: RingHTTPMethod(rawValue: method), url: url, headerFields: RingHTTPFields(fields), body: body)
        return await self.response(to: request, user: user)
    }

    /// Responds to a request, such as `RingListener` passes it.
    ///
    /// - Parameters:
    ///   - request: The request. Of its URL, only the path and the query are read.
    ///   - user: Who has signed in, in the browser that sent the request; `nil` for nobody. Called for the Account Link URL only.
    /// - Returns: The response, whose body is in memory; `nil` for a request to another URL.
    public func response(
        to request: RingHTTPRequest, user: () async throws -> User?
    ) async -> RingHTTPResponse? {
        let path = request.url.path(percentEncoded: true)
        guard self.contains(path) else { return nil }
        var response: RingHTTPResponse
        switch path {
        case self.webhookPath: response = await self.inbox.handle(request)
        case self.tokenExchangePath: response = await self.linker.handle(request)
        default: response = await self.linkResponse(to: request, user)
        }
        if request.method.rawValue == "HEAD" { response.body = .empty }
        return response
    }

    /// The URL of a request for one of these URLs. A query that is none is left out.
    private func url(_ target: String) -> URL? {
        // A proxy may send the absolute form.
        let text = target.hasPrefix("/") ? "http://localhost\(target)" : target
        let withoutQuery = String(text.prefix { $0 != "?" })
        let url = [text, withoutQuery].lazy.compactMap { URL(string: $0, encodingInvalidCharacters: false) }.first
        return url.flatMap { self.contains($0.path(percentEncoded: true)) ? $0 : nil }
    }

    private func contains(_ path: String) -> Bool {
        path == self.webhookPath || path == self.tokenExchangePath || path == self.accountLinkPath
    }

    // MARK: The Account Link URL

    private func linkResponse(
        to request: RingHTTPRequest, _ user: () async throws -> User?
    ) async -> RingHTTPResponse {
        let isRead = request.method.rawValue == "GET" || request.method.rawValue == "HEAD"
        guard isRead || request.method == .post else {
            return RingHTTPResponse(status: 405, headerFields: ["Allow": "GET, HEAD, POST"])
        }
        let query = request.url.query(percentEncoded: true) ?? ""
        guard let redirect = RingLinkRedirect(query: query) else {
            return self.show(
                RingLinkPage(status: 400, text: "This page is opened by the Ring app. Please start there."))
        }
        let signedIn: User?
        do { signedIn = try await user() } catch {
            let text = "It is not known at present who has signed in. Please load this page again."
            return self.show(RingLinkPage(status: 503, text: text, error: error))
        }
        guard let signedIn else {
            // Sign-in comes first: Ring's certification checks that.
            let next = RingPercentCoding.encode("\(request.url.path(percentEncoded: true))?\(query)")
            let separator = self.signInPath.contains("?") ? "&" : "?"
            return RingHTTPResponse(
                status: 303,
                headerFields: ["Location": "\(self.signInPath)\(separator)next=\(next)", "Cache-Control": "no-store"])
        }
        return isRead
            ? self.show(self.question(200, "Link your Ring devices to your account here?", redirect, signedIn))
            : await self.link(request, redirect, signedIn)
    }

    private func link(_ request: RingHTTPRequest, _ redirect: RingLinkRedirect, _ user: User) async -> RingHTTPResponse
    {
        let body: [UInt8]
        do { body = try await request.body.collect(upTo: RingAccountLinker.maximumBodyBytes) } catch {
            return self.show(RingLinkPage(status: 413, text: "The form is too large, or was cut off.", error: error))
        }
        // A form of another page could link somebody else's Ring account to this user.
        guard let value = RingHTTPForm(parsing: body)[RingLinkPage.confirmationField],
            self.confirmation.matches(value, redirect, user.principal)
        else { return self.show(self.question(403, "Please confirm that you want to link Ring.", redirect, user)) }
        do {
            let result = try await self.linker.link(
                redirect, for: user.principal, accountIdentifier: user.accountIdentifier)
            let text = "Your Ring devices are linked. You can go back to the Ring app."
            return self.show(RingLinkPage(status: 200, text: text, user: user, account: result.account))
        } catch { return self.show(self.page(after: error, redirect, user)) }
    }

    private func page(after error: any Error, _ redirect: RingLinkRedirect, _ user: User) -> RingLinkPage {
        var page: RingLinkPage
        switch (error as? RingError)?.code {
        case .invalidNonce?, .linkExpired?:
            let text = "This link is no longer valid. Please press Sign In in the Ring app again."
            page = RingLinkPage(status: 400, text: text, user: user)
        case .claimedByAnother?:
            let text = "Another user has linked this Ring account. It has to be removed in the Ring app first."
            page = RingLinkPage(status: 409, text: text, user: user)
        case .noMatchingAccount?:
            // The code may be still under way.
            let text = "Your Ring account is not known yet. Please try again, or press Sign In in the Ring app again."
            page = self.question(409, text, redirect, user)
        default:
            page = self.question(503, "That did not work at present. Please try again.", redirect, user)
        }
        page.error = error
        return page
    }

    private func question(_ status: Int, _ text: String, _ redirect: RingLinkRedirect, _ user: User) -> RingLinkPage {
        RingLinkPage(
            status: status, text: text, user: user, confirmation: self.confirmation.value(redirect, user.principal))
    }

    private func show(_ page: RingLinkPage) -> RingHTTPResponse {
        self.observer.observe(RingLinkPageShown(page))
        var response = self.page(page)
        let fields: RingHTTPFields = [
            "Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
        ]
        for field in fields where response.headerFields[field.name] == nil { response.headerFields.append(field) }
        // Browsers apply every policy of the list. One field, because some frameworks keep one value of a name.
        let policies = response.headerFields["Content-Security-Policy"]
        if policies?.lowercased().contains("frame-ancestors") != true {
            let all = [policies, "frame-ancestors 'none'"].compactMap { $0 }.joined(separator: ", ")
            response.headerFields["Content-Security-Policy"] = all
        }
        return response
    }
}

extension RingPartnerClient {
    /// Creates the webhook URL, the Token Exchange URL and the Account Link URL of a service, for any web framework.
    ///
    /// - Parameter inbox: Takes the webhooks.
    public func serviceURLs(inbox: RingWebhookInbox) -> RingServiceURLs { RingServiceURLs(self, inbox: inbox) }
}
