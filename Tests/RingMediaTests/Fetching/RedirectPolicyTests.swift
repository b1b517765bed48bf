import FoundationEssentials
import RingCore
import RingMedia
import Testing

@Suite struct RedirectPolicyTests {
    private func follow(
        _ location: RingHTTPFields, base: String = "https://api.example", suffixes: [String]? = nil
    ) async throws -> Result<String, RingError> {
        let mp4 = try Fixture.bytes("clip.mp4")
        var options = RingMediaOptions()
        options.redirectHostSuffixes = suffixes
        let stage = try Stage(base: base, options: options) { request in
            request.method == .post ? RingHTTPResponse(status: 303, headerFields: location) : .mp4(mp4)
        }
        do {
            _ = try await stage.media.data(stage.clip(), upTo: 1 << 20)
            return .success(stage.gets.first?.url.absoluteString ?? "nothing asked")
        } catch let error as RingError {
            #expect(stage.gets.isEmpty, "the place was asked")
            return .failure(error)
        }
    }

    @Test(arguments: [
        "http://media.example/x?security_token=CANARY-security-token", "ftp://media.example/x", "file:///etc/passwd",
        "https://user@media.example/x", "https://user:pw@media.example/x", "https://api.example@evil.example/x",
        "https://media.example:8443/x", "https://media.example:80/x", "https://10.0.0.1/x", "https://127.0.0.1/x",
        "https://169.254.169.254/latest", "https://[::1]/x", "https://[2001:db8::1]/x", "https://2130706433/x",
        "https://0x7f000001/x", "https://0x7f.1/x", "https://0177.0.0.1/x", "https://127.1/x", "https://localhost/x",
        "http://localhost/x", "http://127.0.0.1:9/x", "https://a.localhost/x", "https:///x", "https://", "//", "",
        "   ", "https://media.example\\@evil.example/x", "https://me dia.example/x", "javascript:alert(1)",
        "https://media.example:99999/x", "https://media.example.:443@evil/x", "https://m%2eexample/x",
        "https://127.0.0.1./x",
    ])
    func refusesAPlaceOutsideThePolicy(location: String) async throws {
        let result = try await self.follow([.location: location])
        guard case .failure(let error) = result else {
            Issue.record("\(location) was followed: \(result)")
            return
        }
        #expect(error.code == .redirectRefused)
        #expect(!"\(error) \(error.message)".contains(Stage.canary))
    }

    @Test func refusesAMissingOrAmbiguousPlace() async throws {
        for fields in [
            [:], [.location: "https://a.example/x", .init("location"): "https://b.example/x"],
        ] as [RingHTTPFields] {
            let result = try await self.follow(fields)
            #expect(throws: RingError.self) { try result.get() }
        }
    }

    /// A pre-signed URL is signed: its bytes reach the server as they were given.
    @Test(arguments: [
        (
            "https://download.example/v1/download?t=a%2Bb&name=x|y",
            "https://download.example/v1/download?t=a%2Bb&name=x%7Cy"
        ),
        ("https://m.example/a[1]%20?k=%zz&s=ü", "https://m.example/a%5B1%5D%20?k=%25zz&s=%C3%BC"),
        ("/v1/again?t=%2B|", "https://api.example/v1/again?t=%2B%7C"),
        ("https://m.example/a b?name=front door%20", "https://m.example/a%20b?name=front%20door%20"),
    ])
    func encodesNothingTwice(location: String, url: String) async throws {
        #expect(try await self.follow([.location: location]).get() == url)
    }

    @Test func acceptsHTTPSWithItsOwnPort() async throws {
        for place in [
            "https://media.example/x?security_token=a%2Fb+c&d=1", "https://media.example:443/x",
            "HTTPS://Media.Example/x",
        ] {
            #expect(try await self.follow([.location: place]).get().lowercased() == place.lowercased())
        }
    }

    @Test func acceptsLoopbackOnlyWhenTheAPIIsThere() async throws {
        for place in ["http://127.0.0.1:4711/x", "http://localhost:4711/x", "http://[::1]:4711/x"] {
            let near = try await self.follow([.location: place], base: "http://127.0.0.1:4000")
            #expect(throws: Never.self) { try near.get() }
        }
        let plain = try await self.follow([.location: "http://media.example/x"], base: "http://127.0.0.1:4000")
        #expect(throws: RingError.self) { try plain.get() }
    }

    @Test func keepsToTheAllowedHosts() async throws {
        let allowed = ["media.example", ".amazonvision.com", "*.devices.amazon.dev"]
        for place in [
            "https://media.example/x", "https://eu.media.example/x", "https://media.amazonvision.com/x",
            "https://a.devices.amazon.dev./x",
        ] {
            let result = try await self.follow([.location: place], suffixes: allowed)
            #expect(throws: Never.self) { try result.get() }
        }
        for place in ["https://evilmedia.example/x", "https://media.example.evil/x", "https://example/x"] {
            let result = try await self.follow([.location: place], suffixes: allowed)
            guard case .failure(let error) = result else {
                Issue.record("\(place) was followed")
                continue
            }
            #expect(error.message.contains("not among those allowed"))
        }
    }
}
