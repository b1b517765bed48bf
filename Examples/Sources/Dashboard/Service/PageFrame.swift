import RingPartner

/// What stands around the content of a page.
extension Service {
    func page(_ title: String, _ request: PageRequest, status: Int = 200, _ content: HTML) -> RingHTTPResponse {
        let user = request.user
        let token: HTML = user.map { "<meta name=\"csrf\" content=\"\($0.token)\">" } ?? ""
        let tabs = [("/", "Devices and events"), ("/accounts", "Accounts")]
        let navigation: HTML =
            user == nil
            ? ""
            : """
            <nav aria-label="Main"><ul>\(tabs.html { path, name in
                let current: HTML = path == request.path ? " aria-current=\"page\"" : ""
                return "<li><a href=\"\(path)\"\(current)>\(name)</a></li>"
            })</ul></nav>
            """
        let person: HTML? = user.map { user in
            """
            <div class="person"><span class="dot" id="dot" role="img" aria-label="Connection"></span><span>\(user.name)</span>\
            <form method="post" action="/sign-out">\(user.tokenField)<button class="small">Sign out</button></form></div>
            """
        }
        let notice: HTML? = Self.notices[request.query["done"] ?? ""].map { notice in
            "<p class=\"notice \(notice.isGood ? "" : "bad")\" role=\"status\">\(notice.text)</p>"
        }
        return .html(
            status,
            """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">\(token)
            <title>\(title) · Ring dashboard</title>
            <link rel="icon" href="/files/icon.svg" type="image/svg+xml">
            <link rel="stylesheet" href="/files/page.css">
            <script type="module" src="/files/page.js"></script>
            </head>
            <body>
            <a class="skip" href="#content">Skip to the content</a>
            <header class="bar"><div><a class="brand" href="/"><img src="/files/icon.svg" alt="" width="22" height="22">\
            <span>Ring dashboard</span></a>\(navigation)\(person)</div></header>
            <main id="content">
            \(notice)
            \(content)
            </main>
            <footer>An example of ring-partner-swift. Not affiliated with Ring or Amazon.</footer>
            </body>
            </html>
            """)
    }

    /// Results that a redirect names, so that no text travels in an address.
    private static let notices: [String: (isGood: Bool, text: String)] = [
        "linked": (true, "Your Ring account is linked."),
        "unlinked": (true, "The account is no longer linked, and everything about it was deleted here."),
        "only-ring": (
            false,
            "This link was started at Ring, so only you can end it: in the Ring app, remove this service. The page notices it."
        ),
        "not-unlinked": (false, "The account could not be unlinked. Try again later."),
        "not-deleted": (
            false,
            "The account is no longer linked, but not everything about it could be deleted here. The log of this service says why."
        ),
        "sign-out-not-stored": (
            false,
            "You are signed out, but that could not be stored: after a restart of this service the sign-in may be valid again. "
                + "Its log says why."
        ),
        "start-at-ring": (false, "Please start from the Ring app: it sends you here."),
        "not-linked": (
            false,
            "The account was not linked. The way from the Ring app to here takes ten minutes at most; start there again."
        ),
        "refreshed": (true, "The devices were read again."),
    ]

    func notFound(_ request: PageRequest, _ what: String) -> RingHTTPResponse {
        self.page(
            "Not found", request, status: 404,
            """
            <div class="title"><h1>Not found</h1></div>
            <section class="panel">\(Part.empty(what, "<a href=\"/\">Go to the devices</a>"))</section>
            """)
    }
}
