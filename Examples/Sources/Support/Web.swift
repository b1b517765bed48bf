import Foundation
import RingListener
import RingPartner

extension RingHTTPRequest {
    /// A field of a form that a browser sent.
    public func formField(_ name: String) -> String? { RingHTTPForm(parsing: self.body.bytes ?? [])[name] }
}

extension RingHTTPResponse {
    /// A page for a person.
    public static func page(_ status: Int, _ html: String) -> RingHTTPResponse {
        RingHTTPResponse(
            status: status, headerFields: [.contentType: "text/html; charset=utf-8"], body: RingHTTPBody(html))
    }

    /// A form that stands for the sign-in of your own service. Ring's certification checks that the user signs in before the
    /// nonce is matched.
    public static func signInPage(for request: RingHTTPRequest) -> RingHTTPResponse {
        let query = (request.url.query(percentEncoded: true) ?? "").replacing("&", with: "&amp;")
            .replacing("\"", with: "&quot;").replacing("<", with: "&lt;")
        return .page(
            200,
            """
            <form method="post" action="/ring/link?\(query)">
              <label>Your e-mail <input name="email"></label> <button>Sign in and link Ring</button>
            </form>
            """)
    }
}

extension RingAccountLinker {
    /// Claims the account of a redirect for the user who has just signed in, and responds with a page.
    public func link(_ request: RingHTTPRequest, for user: RingPrincipal) async -> RingHTTPResponse {
        guard let redirect = request.url.query(percentEncoded: true).flatMap(RingLinkRedirect.init(query:)) else {
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
