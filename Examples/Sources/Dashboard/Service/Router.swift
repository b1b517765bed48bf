import Foundation
import RingListener
import RingPartner

/// Which part of the service responds to a request.
extension Service {
    func respond(to http: RingHTTPRequest, _ inbox: RingWebhookInbox) async -> RingHTTPResponse {
        let path = http.url.path(percentEncoded: true)
        // What Ring calls. Ring signs it, or it holds a code that only Ring's token endpoint accepts.
        switch (http.method, path) {
        case (_, "/ring/webhooks"): return await inbox.handle(http)
        case (.post, "/ring/token-exchange"): return await self.ring.linker.handle(http)
        default: break
        }
        // A page of somebody else's name server cannot make this machine's browser read these pages.
        guard let host = http.headerFields["Host"], self.origin.hasSuffix("://\(host)") else {
            return .text(421, "open \(self.origin)")
        }
        let request = PageRequest(http, signIns: self.signIns)
        return await self.respond(to: request).protected
    }

    private func respond(to request: PageRequest) async -> RingHTTPResponse {
        let isRead = request.http.method == .get || request.http.method.rawValue == "HEAD"
        if isRead, request.path.hasPrefix("/files/") {
            return self.files.response(request.path.dropFirst("/files/".count))
        }
        switch (isRead, request.path) {
        case (true, "/sign-in"): return self.signInPage(request, next: "/")
        case (false, "/sign-in"): return await self.signIn(request)
        case (true, "/ring/link"): return self.linkPage(request)
        default: break
        }
        guard let user = request.user else {
            let isPage = isRead && (request.http.headerFields["Accept"] ?? "").contains("text/html")
            return isPage ? .seeOther("/sign-in") : .text(401, "sign in first")
        }
        guard isRead else {
            guard request.http.method == .post, request.isOwn(self.origin) else {
                return .text(403, "forms are taken from this page only; load it again")
            }
            return await self.change(request, user)
        }
        return await self.read(request, user)
    }

    private func read(_ request: PageRequest, _ user: SignIn) async -> RingHTTPResponse {
        switch request.path {
        case "/": await self.firstPage(request, user)
        case "/device": await self.devicePage(request, user)
        case "/accounts": await self.accountsPage(request, user)
        case "/events/stream": await self.eventStream(request, user)
        case "/still": await self.still(request, user)
        case "/clip": await self.clip(request, user)
        case "/clip/state": await self.clipState(request, user)
        case "/live/state": await self.liveState(request, user)
        default: self.notFound(request, "There is no page at this address.")
        }
    }

    private func change(_ request: PageRequest, _ user: SignIn) async -> RingHTTPResponse {
        switch request.path {
        case "/sign-out": await self.signOut(request, user)
        case "/refresh": await self.refresh(user)
        case "/ring/link": await self.link(request.form["target"] ?? "", for: user.principal)
        case "/accounts/unlink": await self.unlink(request, user)
        case "/live": await self.openLive(request, user)
        case "/live/close": await self.closeLive(request, user)
        case "/motion": await self.measureMotion(request, user)
        default: self.notFound(request, "There is no form at this address.")
        }
    }
}
