import Foundation
import RingListener
import RingPartner
import RingSQLite
import Support

/// The two URLs of linking: the Token Exchange URL that Ring's backend calls, and the Account Link URL that Ring sends the
/// user's browser to. Put a TLS proxy in front of it.
@main
struct LinkAccounts: Program {
    static func run() async throws {
        let settings = Settings()
        let ring = try await RingPartnerClient(.fromEnvironment(storage: settings.storage()))
        let linker = ring.linker

        let server = try await RingListener.start(port: Int(settings.optional("PORT") ?? "8080") ?? 8080) { request in
            switch (request.method, request.url.path()) {
            case (.post, "/ring/token-exchange"):
                return await linker.handle(request)

            case (.get, "/ring/link"):
                return .signInPage(for: request)

            case (.post, "/ring/link"):
                guard let email = request.formField("email"), !email.isEmpty else {
                    return .page(400, "Please enter your e-mail address.")
                }
                return await linker.link(request, for: RingPrincipal(rawValue: email))

            default: return .page(404, "There is no such page.")
            }
        }
        print("Token Exchange URL: \(server.origin)/ring/token-exchange")
        print("Account Link URL:   \(server.origin)/ring/link")
        await ring.run()
    }
}
