import Foundation
import RingPartner

/// The sign-in, and the page that Ring sends a user's browser to.
extension Service {
    func signInPage(_ request: PageRequest, next: String, failure: String? = nil) -> RingHTTPResponse {
        let password: HTML =
            self.signIns.asksForPassword
            ? """
            <div class="field"><label for="password">Password</label>\
            <input id="password" name="password" type="password" autocomplete="current-password" required></div>
            """ : ""
        let isLinking = next.hasPrefix("/ring/link")
        let lead: HTML =
            isLinking
            ? "Ring sent you here. Sign in, and your Ring account is linked to this one."
            : "This sign-in stands for the one of your own service."
        return self.page(
            "Sign in", request, status: failure == nil ? 200 : 403,
            """
            <div class="title"><h1>Sign in</h1><p>\(lead)</p></div>
            <form class="panel stack narrow" method="post" action="/sign-in">\
            <input type="hidden" name="next" value="\(next)">
            \(failure.map { "<p class=\"notice bad\" role=\"alert\">\($0)</p>" } as HTML?)
            <div class="field"><label for="name">E-mail</label>\
            <input id="name" name="name" type="email" autocomplete="username" required autofocus></div>
            \(password)<div class="row"><button class="main">\(isLinking ? "Sign in and link Ring" : "Sign in")</button></div></form>
            """)
    }

    func signIn(_ request: PageRequest) async -> RingHTTPResponse {
        // Nobody is signed in yet, so there is no token: the browser says which page holds the form.
        guard request.http.headerFields["Origin"] == self.origin else {
            return .text(403, "forms are taken from this page only")
        }
        let next = Self.ownPath(request.form["next"])
        let name = (request.form["name"] ?? "").trimmingCharacters(in: .whitespaces).lowercased()
        guard (3...200).contains(name.utf8.count), name.contains("@") else {
            return self.signInPage(request, next: next, failure: "Please enter your e-mail address.")
        }
        let password = request.form["password"] ?? ""
        guard let field = self.signIns.signIn(name, password: password, report: { self.report($0, "sign-in") }) else {
            return self.signInPage(request, next: next, failure: "The password is wrong.")
        }
        var response = RingHTTPResponse.seeOther(next)
        if next.hasPrefix("/ring/link") {
            response = await self.link(next, for: RingPrincipal(rawValue: name))
        }
        response.headerFields["Set-Cookie"] = field
        return response
    }

    func signOut(_ request: PageRequest, _ user: SignIn) async -> RingHTTPResponse {
        var response = RingHTTPResponse.seeOther("/sign-in")
        do { try self.signIns.signOut(user) } catch {
            self.report(error, "sign-out")
            response = .seeOther("/sign-in?done=sign-out-not-stored")
        }
        response.headerFields["Set-Cookie"] = self.signIns.expiredField
        // Pages that are open elsewhere see that they have ended.
        self.feed.tell(.beat)
        await self.live.closeAll(of: user.principal)
        return response
    }

    /// The Account Link URL. Who is not signed in signs in first; who is, decides.
    func linkPage(_ request: PageRequest) -> RingHTTPResponse {
        guard let user = request.user else { return self.signInPage(request, next: request.target) }
        return self.page(
            "Link Ring", request,
            """
            <div class="title"><h1>Link your Ring account</h1><p>You are signed in as \(user.name).</p></div>
            <form class="panel stack narrow" method="post" action="/ring/link">\(user.tokenField)\
            <input type="hidden" name="target" value="\(request.target)">
            <p>This service will see the devices that you have chosen in the Ring app, their events, clips and live video.</p>
            <div class="row"><button class="main">Link this account</button><a class="button" href="/">Not now</a></div></form>
            """)
    }

    /// Completes a link whose user has signed in.
    func link(_ target: String, for user: RingPrincipal) async -> RingHTTPResponse {
        let query = target.split(separator: "?", maxSplits: 1).last.map(String.init) ?? ""
        guard let redirect = RingLinkRedirect(query: query) else { return .seeOther("/accounts?done=start-at-ring") }
        do {
            let result = try await self.ring.linker.link(redirect, for: user)
            // Without it a picture may be refused whose window begins before the link; the link itself holds.
            do { try self.consents.set(Date(), of: result.account) } catch { self.report(error, "link") }
            self.feed.tell(.linked(result.account))
            return .seeOther("/?done=linked&account=\(result.account.rawValue.queryEncoded)")
        } catch {
            self.report(error, "link")
            return .seeOther("/accounts?done=not-linked")
        }
    }

    /// A path of this service; the first page for anything else.
    private static func ownPath(_ text: String?) -> String {
        guard let text, text.hasPrefix("/"), !text.hasPrefix("//"), text.utf8.count < 2000,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
        else { return "/" }
        return text
    }
}
