import Foundation
import RingPartner

/// A request of a browser: its query, its form, and who is signed in.
struct PageRequest: Sendable {
    let http: RingHTTPRequest
    let path: String
    let query: RingHTTPForm
    let form: RingHTTPForm
    /// Who is signed in; `nil` for nobody.
    let user: SignIn?

    init(_ http: RingHTTPRequest, signIns: SignIns) {
        self.http = http
        self.path = http.url.path(percentEncoded: true)
        self.query = RingHTTPForm(parsing: (http.url.query(percentEncoded: true) ?? "").utf8)
        let type = http.headerFields[.contentType]?.lowercased() ?? ""
        let isForm = type.hasPrefix("application/x-www-form-urlencoded")
        self.form = RingHTTPForm(parsing: isForm ? http.body.bytes ?? [] : [])
        self.user = Self.cookie(SignIns.cookie, in: http.headerFields).flatMap { signIns.user(of: $0) }
    }

    /// The path and the query, as a browser would open them.
    var target: String {
        self.path + (self.http.url.query(percentEncoded: true).map { "?\($0)" } ?? "")
    }

    /// Whether a page of this service sent it: a form or a script that knows the token of the sign-in.
    ///
    /// - Parameter origin: The origin of the service as browsers see it.
    func isOwn(_ origin: String) -> Bool {
        guard let user, self.http.headerFields["Origin"].map({ $0 == origin }) ?? true else { return false }
        return user.hasToken(self.http.headerFields["X-CSRF-Token"] ?? self.form["csrf"] ?? "")
    }

    private static func cookie(_ name: String, in fields: RingHTTPFields) -> String? {
        for field in fields[values: "Cookie"] {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, parts[0].drop(while: { $0 == " " }) == name else { continue }
                return String(parts[1])
            }
        }
        return nil
    }
}
