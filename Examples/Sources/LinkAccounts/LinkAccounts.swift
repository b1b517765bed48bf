import Foundation
import RingListener
import RingPartner
import RingSQLite
import Support

/// The two URLs of linking: the Token Exchange URL that Ring's backend calls, and the Account Link URL that Ring sends the
/// user's browser to. Put a TLS proxy in front of it.
@main
struct LinkAccounts {
    static func main() async throws {
        let settings = Settings()
        let client = try await settings.client(try await settings.database())
        let linker = client.linker

        let server = try await RingListener.start(port: Int(settings.optional("PORT") ?? "8080") ?? 8080) { request in
            switch (request.method, request.path) {
            case ("POST", "/ring/token-exchange"):
                let answer = await linker.handle(
                    RingTokenExchangeRequest(
                        contentType: request.headers["Content-Type"], query: request.query, body: request.body))
                return RingListenerResponse(status: answer.status, contentType: answer.contentType, text: answer.body)

            case ("GET", "/ring/link"):
                // Your own sign-in stands here; Ring's certification checks that it comes before the nonce is matched.
                return .page(
                    200,
                    """
                    <form method="post" action="/ring/link?\(request.query ?? "")">
                      <label>Your e-mail <input name="email"></label> <button>Sign in and link Ring</button>
                    </form>
                    """)

            case ("POST", "/ring/link"):
                return await Self.link(request, linker)

            default: return .page(404, "not here")
            }
        }
        print("Token Exchange URL: \(server.origin)/ring/token-exchange")
        print("Account Link URL:   \(server.origin)/ring/link")
        await client.run()
    }

    /// Claims the account whose nonce this is for the user who has just signed in.
    private static func link(_ request: RingListenerRequest, _ linker: RingAccountLinker) async -> RingListenerResponse
    {
        guard let redirect = request.query.flatMap(RingLinkRedirect.init(query:)) else {
            return .page(400, "Please start from the Ring app.")
        }
        let email = String(decoding: request.body, as: UTF8.self).replacingOccurrences(of: "email=", with: "")
        do {
            let result = try await linker.link(redirect, for: RingPrincipal(rawValue: email))
            return .page(200, "Linked: \(result.status).")
        } catch let error as RingError {
            // The message says what to do and holds no secret.
            return .page(400, "That did not work: \(error.message)")
        } catch {
            return .page(500, "That did not work. Please try again.")
        }
    }
}
