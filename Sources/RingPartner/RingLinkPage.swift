/// What the Account Link URL shows to a person.
public struct RingLinkPage: Sendable {
    static let confirmationField = "confirmation"

    /// The status of the response.
    public var status: Int
    /// What to tell the person, in English.
    public var text: String
    /// Who has signed in; `nil` when that is not known.
    public var user: RingServiceURLs.User?
    /// The account that is linked now; `nil` when none is.
    public var account: RingAccountID?
    /// Why the account could not be linked.
    public var error: (any Error)?
    /// The value of the form's hidden field `confirmation`, which the form posts to the URL of the page, its query included; `nil`
    /// when there is nothing to confirm. It belongs to this user and this link.
    public var confirmation: String?

    init(
        status: Int, text: String, user: RingServiceURLs.User? = nil, account: RingAccountID? = nil,
        error: (any Error)? = nil, confirmation: String? = nil
    ) {
        self.status = status
        self.text = text
        self.user = user
        self.account = account
        self.error = error
        self.confirmation = confirmation
    }

    /// The form by which the person confirms the link, as HTML; empty when there is nothing to confirm.
    public var form: String {
        guard let confirmation else { return "" }
        return """
            <form method="post"><input type="hidden" name="\(Self.confirmationField)" value="\(confirmation)">\
            <button>Link Ring</button></form>
            """
    }

    /// A plain page with the text and the form.
    var response: RingHTTPResponse {
        let user = (self.user?.accountIdentifier).map { "<p>Signed in as \(Self.escaped($0)).</p>" } ?? ""
        let html = """
            <!doctype html><html lang="en"><head><meta charset="utf-8">\
            <meta name="viewport" content="width=device-width, initial-scale=1"><title>Link Ring</title></head>\
            <body><main><h1>Link Ring</h1><p>\(Self.escaped(self.text))</p>\(user)\(self.form)</main></body></html>
            """
        return RingHTTPResponse(
            status: self.status, headerFields: [.contentType: "text/html; charset=utf-8"], body: RingHTTPBody(html))
    }

    private static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: String(character)
            }
        }.joined()
    }
}

/// Proves that a form comes from the page that this service showed to a user: without a session, and in any process.
struct LinkConfirmation: Sendable {
    let keys: [RingHMACKey]

    func value(_ redirect: RingLinkRedirect, _ principal: RingPrincipal) -> String {
        self.keys.first.map { Self.digest($0, redirect, principal).base64URL } ?? ""
    }

    /// Whether a value was made with one of the keys.
    func matches(_ value: String, _ redirect: RingLinkRedirect, _ principal: RingPrincipal) -> Bool {
        guard let bytes = RingBase64URL.decode(value), let given = RingSHA256Digest(bytes: bytes) else { return false }
        return self.keys.contains { Self.digest($0, redirect, principal) == given }
    }

    /// The digest of the code, not the code: a signature with the app's key of a text that a user chose is never shown.
    private static func digest(
        _ key: RingHMACKey, _ redirect: RingLinkRedirect, _ principal: RingPrincipal
    ) -> RingSHA256Digest {
        let parts = [principal.rawValue, redirect.nonce, redirect.time].map { "\($0.utf8.count):\($0)" }
        let code = key.authenticationCode(for: "link confirmation \(parts.joined(separator: ","))")
        return RingSHA256.digest(of: code.bytes)
    }
}

/// The Account Link URL has responded with a page.
package struct RingLinkPageShown: RingObservation {
    /// `link.page`.
    package static let name = "link.page"
    /// The status of the page.
    package var status: Int
    /// The account that was linked.
    package var account: RingAccountID?
    /// The code of the error.
    package var code: String?

    init(_ page: RingLinkPage) {
        self.status = page.status
        self.account = page.account
        self.code = page.error.map { ($0 as? RingError)?.code.rawValue ?? "failed" }
    }

    /// A warning for a refusal, an error when the service or Ring failed.
    package var level: RingObservationLevel {
        if self.status >= 500 { return .error }
        return self.status >= 400 ? .warning : self.account == nil ? .debug : .info
    }
    /// The status, and what is known of the link.
    package var attributes: [(key: String, value: String)] {
        // The code is first: a log with a limit for each kind must not take one refusal for another.
        var list = self.code.map { [("code", $0)] } ?? []
        list.append(("status", String(self.status)))
        if let account { list.append(("account", account.rawValue)) }
        return list
    }
}
