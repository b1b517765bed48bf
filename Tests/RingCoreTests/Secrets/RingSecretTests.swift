import FoundationEssentials
import RingCore
import Testing

@Suite struct RingSecretTests {
    @Test func noWayOfPrintingShowsIt() throws {
        let token = RingAccessToken("canary-4711")
        var dumped = ""
        dump(token, to: &dumped)
        dump(["list": [token]], to: &dumped)
        dumped += "\(token) \(String(reflecting: token)) \(String(describing: Optional(token))) \([token])"
        #expect(!dumped.contains("canary"))
        #expect(dumped.contains("<redacted>"))
    }

    @Test func aRequestShowsNeitherQueryNorHeadersNorBody() throws {
        let url = try #require(URL(string: "https://media.example.test/canary-path?security_token=canary"))
        var request = RingHTTPRequest(url: url, body: RingHTTPBody("canary"))
        request.headerFields[.authorization] = "Bearer canary"
        var dumped = "\(request) \(String(reflecting: request))"
        dump(request, to: &dumped)
        dump(RingHTTPResponse(status: 303, headerFields: [.location: "https://x.test/?canary"]), to: &dumped)
        #expect(!dumped.contains("canary"))
    }

    @Test func comparesWithoutPrinting() {
        #expect(RingAccessToken("a").isSame(as: RingAccessToken("a")))
        #expect(!RingAccessToken("a").isSame(as: RingAccessToken("b")))
        #expect(!RingAccessToken("a").isSame(as: RingAccessToken("aa")))
        #expect(!RingAccessToken("").isSame(as: RingAccessToken("a")))
    }
}
