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

    @Test(arguments: [
        "https://evil.test/v1/x", "//evil.test/v1/x", "http://api.example.test/v1/x", "https://api.example.test:8443/x",
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
