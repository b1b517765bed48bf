import Foundation
import RingAccounts
import RingHTTP

/// Values of header fields and addresses: dates, waits, links, percent-encoded text.
func fuzzHTTP(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    let now = Date(timeIntervalSince1970: 1_795_000_000)
    if let date = RingHTTPDate.parse(text, now: now), date.timeIntervalSince1970 > -30_610_224_000 {
        check(RingHTTPDate.parse(RingHTTPDate.format(date), now: now) == date, "a date is written as it was read")
    }
    if let wait = RingRetryAfter.parse(text, now: now) {
        check(wait >= .zero && wait <= RingRetryAfter.longest, "a wait is bounded")
    }
    for link in RingHTTPLink.links([text, text]) {
        _ = (link.relations, link["title"])
        resolve(link.target)
    }
    resolve(text)
    check(
        RingPercentCoding.decodeStrictly(RingPercentCoding.encode(text).utf8) == text, "encoding is undone by decoding")
    _ = RingPercentCoding.decode(bytes, plusIsSpace: true)
    if let api, let url = try? RingURL.make(api, path: ["v1", text], query: [("name", text)]) {
        check(RingURL.isSameOrigin(url, api), "a path segment stays in the path")
    }
}

private let api = URL(string: "https://api.example.com:8443/base")

private func resolve(_ link: String) {
    guard let api, let url = try? RingURL.resolve(link, against: api) else { return }
    check(RingURL.isSameOrigin(url, api) && RingURL.isSecure(url) && url.user() == nil, "a link stays at the origin")
}

/// Forms and queries: written as read, and the redirect of a link.
func fuzzForm(_ bytes: [UInt8]) {
    let form = RingHTTPForm(parsing: bytes)
    check(
        RingHTTPForm(parsing: form.encoded.utf8) == form || form.items.contains { $0.name.isEmpty }, "nothing is lost")
    for item in form.items { check(form[item.name] != nil, "every name is found") }
    if let redirect = RingLinkRedirect(query: String(decoding: bytes, as: UTF8.self)) {
        check(!"\(redirect)".contains(redirect.nonce) || redirect.nonce.count < 24, "the nonce is not printed")
    }
}
