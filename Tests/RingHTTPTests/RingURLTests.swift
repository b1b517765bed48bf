import FoundationEssentials
import RingHTTP
import Testing

@Suite struct RingURLTests {
    let base = URL(string: "https://api.example.test")

    @Test(arguments: [
        ("../../users/me", "/v1/devices/..%2F..%2Fusers%2Fme"), ("a/1", "/v1/devices/a%2F1"),
        ("ava1.ring.device.A+b=", "/v1/devices/ava1.ring.device.A%2Bb%3D"), ("é?#", "/v1/devices/%C3%A9%3F%23"),
        ("%2e%2e", "/v1/devices/%252e%252e"),
    ])
    func anIdentifierIsExactlyOneSegment(id: String, path: String) throws {
        let url = try RingURL.make(try #require(self.base), path: ["v1", "devices", id])
        #expect(url.absoluteString == "https://api.example.test" + path)
    }

    @Test(arguments: ["", ".", ".."])
    func aSegmentThatWouldChangeThePathIsRefused(id: String) throws {
        let base = try #require(self.base)
        #expect(throws: RingHTTPError.self) { try RingURL.make(base, path: ["v1", "devices", id]) }
    }

    @Test func queryItemsAreEncodedAndAbsentOnesLeftOut() throws {
        let url = try RingURL.make(
            try #require(self.base), path: ["v1"], query: [("page[key]", "2026-11-18T10:58:00Z"), ("none", nil)])
        #expect(url.absoluteString == "https://api.example.test/v1?page%5Bkey%5D=2026-11-18T10%3A58%3A00Z")
    }

    @Test(arguments: [
        ("/v1/x?page%5Bkey%5D=a%3A1", "https://api.example.test/v1/x?page%5Bkey%5D=a%3A1"),
        ("/v1/x?page[key]=a", "https://api.example.test/v1/x?page%5Bkey%5D=a"),
        ("https://api.example.test:443/v1/x", "https://api.example.test:443/v1/x"),
    ])
    func aLinkIsFollowedAsItWasSent(link: String, url: String) throws {
        #expect(try RingURL.resolve(link, against: try #require(self.base)).absoluteString == url)
    }

    /// The bytes of a link or of a `Location` reach the server as they were given. What RFC 3986 forbids is encoded, once.
    @Test(arguments: [
        ("/v1/h?page%5Bkey%5D=a%2Bb|c", "/v1/h?page%5Bkey%5D=a%2Bb%7Cc"),
        ("/v1/h?page[key]=a%2Bb|c", "/v1/h?page%5Bkey%5D=a%2Bb%7Cc"),
        ("/v1/d?t=a%2Bb&name=x|y", "/v1/d?t=a%2Bb&name=x%7Cy"), ("/%7e%2F?%e2%82%ac", "/%7e%2F?%e2%82%ac"),
        ("/a b?c d", "/a%20b?c%20d"), ("/é?€=😀", "/%C3%A9?%E2%82%AC=%F0%9F%98%80"),
        ("/100%?a=%zz&b=%4&c=%41", "/100%25?a=%25zz&b=%254&c=%41"), ("/x?a=1#b#c%20d", "/x?a=1#b%23c%20d"),
        ("/x?q=\"<>\\^`{}\u{7F}\t", "/x?q=%22%3C%3E%5C%5E%60%7B%7D%7F%09"),
        ("/x?!$&'()*+,;=:@/?-._~", "/x?!$&'()*+,;=:@/?-._~"), ("https://api.example.test/a[1]|%5B", "/a%5B1%5D%7C%5B"),
        ("//api.example.test/a[1]", "/a%5B1%5D"), ("?a=[1]", "?a=%5B1%5D"),
    ])
    func nothingIsEncodedTwice(link: String, target: String) throws {
        let url = try RingURL.resolve(link, against: try #require(self.base))
        #expect(url.absoluteString == "https://api.example.test" + target)
        // A link that is followed a second time is the same link.
        #expect(try RingURL.resolve(url.absoluteString, against: try #require(self.base)) == url)
    }

    @Test(arguments: [
        ("http://[::1]:80/a[b]", "http://[::1]:80/a%5Bb%5D"), ("https://a.test?x|y", "https://a.test?x%7Cy"),
        ("https://a.test/x?u=http://[b]", "https://a.test/x?u=http://%5Bb%5D"),
    ])
    func bracketsAreForAddresses(text: String, url: String) {
        #expect(RingURL.reference(text)?.absoluteString == url)
    }

    @Test(arguments: ["https://[::1/", "https://a.test:x/", "http://a b:80:90/"])
    func textThatIsNoReferenceIsRefused(text: String) { #expect(RingURL.reference(text) == nil) }

    @Test(arguments: [
        "https://evil.test/v1/x", "https://evil.test|@api.example.test/", "https://evil.test\\@api.example.test/",
        "https://api.example.test|.evil.test/x", "https://api.example.test%00.evil.test/x", "//evil.test/v1/x",
        "http://api.example.test/v1/x", "https://api.example.test:8443/x",
        "https://user@api.example.test/v1/x", "file:///etc/hostname",
    ])
    func aLinkThatLeavesTheOriginIsRefused(link: String) throws {
        let base = try #require(self.base)
        let error = #expect(throws: RingHTTPError.self) { try RingURL.resolve(link, against: base) }
        #expect(error?.code == .foreignOrigin)
    }

    @Test(arguments: [
        ("https://api.example.test", true), ("http://127.0.0.1:8080", true), ("http://localhost", true),
        ("http://[::1]:9", true), ("http://api.example.test", false), ("ftp://127.0.0.1", false),
        ("http://127.evil.test", false), ("http://localhost.evil.test", false), ("file:///x", false),
    ])
    func plainHTTPIsForLoopbackAlone(text: String, isSecure: Bool) throws {
        #expect(RingURL.isSecure(try #require(URL(string: text))) == isSecure)
    }

    @Test(arguments: [
        ("https://a.test", "https://a.test", true), ("https://a.test/x?y#z", "https://a.test?q", true),
        ("https://A.test", "HTTPS://a.TEST:443/", true), ("https://a.test:8443/x", "https://a.test:8443", true),
        ("https://a.test", "https://a.tes", false), ("https://a.tes", "https://a.test", false),
        ("https://a.test", "https://a.test.evil.test", false), ("https://a.test", "https://a.test@evil.test", false),
        ("https://a.test", "https://a.test:8443", false), ("https://a.test", "http://a.test", false),
        ("https://[::1]/x", "https://[::1]", true), ("https://a.test", "/x", false), ("a:", "a:", true),
    ])
    func anOriginIsSchemeHostAndPort(left: String, right: String, isSame: Bool) throws {
        let (left, right) = (try #require(URL(string: left)), try #require(URL(string: right)))
        #expect(RingURL.isSameOrigin(left, right) == isSame)
        #expect(RingURL.isSameOrigin(right, left) == isSame)
    }
}
