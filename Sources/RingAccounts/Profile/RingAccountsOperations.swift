package import RingCore
internal import RingJSONAPI

extension RingOperation {
    /// `GET /v1/users/me`. Some access tokens that Ring no longer accepts get 403 here.
    package static let userProfile = Self(
        "users.me",
        retry: RingRetryBehavior(
            tokenRefusals: [401, 403], rateLimited: .always, serverFailure: .always, notSent: .always,
            ambiguous: .always))
    /// `GET /v1/accounts/me/app-integrations`.
    package static let integrationStatus = Self("app_integrations.get", retry: .idempotent)
    /// `POST /v1/accounts/me/app-integrations`. "Invalid Nonce" after an ambiguous attempt is checked by PATCH.
    package static let confirmLink = Self(
        "app_integrations.confirm", retry: .idempotent,
        redaction: RingRedaction { request in
            let body = try? JSONAPIValue(parsing: request.body.bytes ?? [])
            return [body?["nonce"]?.string].compactMap { $0 }
        })
    /// `PATCH /v1/accounts/me/app-integrations`.
    package static let updateLink = Self("app_integrations.update", retry: .idempotent)
    /// `DELETE /v1/accounts/me/app-integrations`. 404 after a repeat means that it is done.
    package static let removeLink = Self("app_integrations.remove", retry: .idempotent)
    /// `GET /v1/accounts/me/subscriptions`.
    package static let subscriptions = Self("subscriptions.list", retry: .idempotent)
}
