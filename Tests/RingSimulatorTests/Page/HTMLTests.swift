import Testing

@testable import RingSimulator

/// Text becomes HTML in one place only.
@Suite struct HTMLTests {
    @Test func textIsEscapedByItsType() {
        let name = #"<script>alert("1")</script> & 'co'"#
        let html: HTML = "<b title=\"\(name)\">\(name)</b>"
        let escaped = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;co&#39;"
        #expect(html.text == "<b title=\"\(escaped)\">\(escaped)</b>")
    }

    @Test func whatIsHTMLIsNotEscapedAgain() {
        let text = "a<b"
        let part: HTML = "<i>\(text)</i>"
        let none: HTML? = nil
        let html: HTML = "<p>\(part)\([part, part])\(none)\(3)</p>"
        #expect(html.text == "<p><i>a&lt;b</i><i>a&lt;b</i><i>a&lt;b</i>3</p>")
        #expect((part + part).text == "<i>a&lt;b</i><i>a&lt;b</i>")
        #expect(["<", ">"].html { "\($0)" }.text == "&lt;&gt;")
    }

    /// A mark that turns the order of the text around it is shown instead of obeyed; a value that a form sends back is kept.
    @Test func marksThatReorderTextAreShown() {
        let name = "a\u{202E}b\u{2066}c\u{0}\u{7}\u{2028}"
        #expect(("\(name)" as HTML).text == "a⟨U+202E⟩b⟨U+2066⟩c\u{FFFD}⟨U+7⟩⟨U+2028⟩")
        let typed = "a\u{202E}\"\r\n"
        #expect(("\(value: typed)" as HTML).text == "a\u{202E}&quot;&#13;\n")
        let id = "a/b&c=\u{202E}"
        #expect(("\(query: id)" as HTML).text == "a%2Fb%26c%3D%E2%80%AE")
    }

    /// Where a form leads is an origin of the web and nothing else, since it becomes a part of the policy.
    @Test func onlyOriginsOfTheWebArePutIntoThePolicy() {
        #expect(PageAddress.origin(of: "http://127.0.0.1:8080/ring/link?a=b") == "http://127.0.0.1:8080")
        #expect(PageAddress.origin(of: "https://[::1]/x") == "https://[::1]")
        for odd in ["javascript:alert(1)", "http://a b/", "http://a;script-src *", "//a", "", "http://", "http://a@b/"]
        {
            #expect(PageAddress.origin(of: odd) == nil, "\(odd)")
        }
    }
}
