import Foundation
import RingListener
import RingPartner

extension RingListenerRequest {
    /// The header fields as this package's handlers take them.
    public var ringFields: RingHTTPFields {
        RingHTTPFields(self.headers.fields.map { RingHTTPField(name: .init($0.name), value: $0.value) })
    }

    /// A field of a form that a browser sent (`application/x-www-form-urlencoded`), decoded.
    public func formField(_ name: String) -> String? {
        for field in String(decoding: self.body, as: UTF8.self).split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            // A form writes a space as `+`.
            let decoded = parts.map { $0.replacing("+", with: " ").removingPercentEncoding }
            if decoded.count == 2, decoded[0] == name { return decoded[1] }
        }
        return nil
    }
}

extension RingListenerResponse {
    /// A page for a person.
    public static func page(_ status: Int, _ html: String) -> RingListenerResponse {
        RingListenerResponse(status: status, contentType: "text/html; charset=utf-8", text: html)
    }

    /// A form that stands for the sign-in of your own service. Ring's certification checks that the user signs in before the
    /// nonce is matched.
    public static func signInPage(for request: RingListenerRequest) -> RingListenerResponse {
        let query = (request.query ?? "").replacing("&", with: "&amp;").replacing("\"", with: "&quot;")
            .replacing("<", with: "&lt;")
        return .page(
            200,
            """
            <form method="post" action="/ring/link?\(query)">
              <label>Your e-mail <input name="email"></label> <button>Sign in and link Ring</button>
            </form>
            """)
    }

    /// The response of an inbox.
    public init(_ response: RingWebhookResponse) {
        var headers = RingListenerHeaders()
        for field in response.headers { headers.append(name: field.name.rawName, value: field.value) }
        self.init(status: response.status, headers: headers, body: .bytes(response.body))
    }
}

extension RingWebhookInbox {
    /// Receives a request of the listener.
    public func handle(_ request: RingListenerRequest) async -> RingWebhookResponse {
        await self.handle(
            method: RingHTTPMethod(rawValue: request.method), headers: request.ringFields, body: request.body)
    }
}

extension RingAccountLinker {
    /// Responds to a request to the Token Exchange URL.
    public func handle(_ request: RingListenerRequest) async -> RingListenerResponse {
        // The linker reads the query of the URL and nothing else of it.
        let target = request.query.map { "\(request.path)?\($0)" } ?? request.path
        guard let url = URL(string: "https://partner.example\(target)") else {
            return .page(400, "The URL is malformed.")
        }
        let response = await self.handle(
            RingHTTPRequest(
                method: RingHTTPMethod(rawValue: request.method), url: url, headerFields: request.ringFields,
                body: RingHTTPBody(request.body)))
        return RingListenerResponse(
            status: response.status, contentType: "application/json",
            text: String(decoding: response.body.bytes ?? [], as: UTF8.self))
    }

    /// Claims the account of a redirect for the user who has just signed in, and responds with a page.
    public func link(_ request: RingListenerRequest, for user: RingPrincipal) async -> RingListenerResponse {
        guard let redirect = request.query.flatMap(RingLinkRedirect.init(query:)) else {
            return .page(400, "Please start from the Ring app.")
        }
        do {
            let result = try await self.link(redirect, for: user)
            return .page(200, "Linked: \(result.account).")
        } catch let error as RingError {
            // The message says what to do and contains no secret.
            return .page(400, "That did not work: \(error.message)")
        } catch {
            return .page(500, "That did not work. Please try again.")
        }
    }
}
