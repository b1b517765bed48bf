import FoundationEssentials
import RingCore
import RingMedia
import RingTesting
import Testing

/// Redirects on real sockets: where they lead, where they do not, and what goes along.
@Suite(.timeLimit(.minutes(1))) struct WireRedirectTests {
    let mp4 = (try? Fixture.bytes("clip.mp4")) ?? []

    @Test(arguments: [301, 302, 303, 307, 308])
    func everyKindIsFollowedTwiceWithoutTheAccessToken(status: Int) async throws {
        let stage = try WireStage(
            api: { _, link, connection in
                try connection.respond(status, fields: ["Location: \(link)"], body: Array("moved".utf8))
                return true
            },
            { [mp4] number, _, connection in
                guard number > 1 else { return try connection.respond(status, fields: ["Location: /again?x=%2F"]) }
                try connection.respond(fields: ["Content-Type: video/mp4"], body: mp4)
            })
        defer { stage.stop() }
        #expect(try await stage.media.data(stage.clip, upTo: 1 << 20).bytes == self.mp4)
        #expect(stage.requests("api").map { $0["authorization"] } == ["Bearer \(Stage.token)"])
        #expect(
            stage.requests("origin").map(\.line) == [
                "GET /v1/download?security_token=\(Stage.canary) HTTP/1.1", "GET /again?x=%2F HTTP/1.1",
            ])
        for request in stage.requests("origin") {
            #expect(request["authorization"] == nil)
            #expect(request["content-length"] == nil && request["content-type"] == nil)
            #expect(request["referer"] == nil)
            #expect(!request.fields.contains { $0.value.contains(Stage.token) })
        }
    }

    @Test func aLoopEndsAfterFive() async throws {
        let stage = try WireStage { number, _, connection in
            try connection.respond(302, fields: ["Location: /v1/download?turn=\(number)"])
        }
        defer { stage.stop() }
        let folder = try TestFolder()
        let error = try await failure { try await stage.media.download(stage.clip, to: folder.file("a.mp4")) }
        #expect(error.code == .redirectRefused)
        #expect(stage.requests("api").count == 1)
        #expect(stage.requests("origin").count == 5)
        #expect(folder.names.isEmpty)
    }

    @Test(arguments: [
        "http://media.example/x", "https://192.0.2.1/x", "https://[2001:db8::1]/x", "https://user:pw@media.example/x",
        "https://media.example:8443/x", "http://127.0.0.1@media.example/x", "//media.example/x", "ftp://127.0.0.1/x",
    ])
    func aLaterHopIsHeldToThePolicyToo(place: String) async throws {
        let stage = try WireStage { _, _, connection in try connection.respond(302, fields: ["Location: \(place)"]) }
        defer { stage.stop() }
        let error = try await failure { try await stage.media.data(stage.clip, upTo: 1 << 20) }
        #expect(error.code == .redirectRefused, "\(error)")
        #expect(stage.requests("origin").count == 1)
    }

    @Test func aLinkThatExpiresMeanwhileIsFetchedAnew() async throws {
        // The transfer breaks; by the time its rest is asked for, the link has expired.
        let stage = try WireStage { [mp4] number, request, connection in
            switch number {
            case 1:
                try connection.write("HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: \(mp4.count)\r\n\r\n")
                try connection.write(Array(mp4.prefix(8000)))
                connection.close()
            case 2: try connection.respond(403, body: Array("<Error><Code>AccessDenied</Code></Error>".utf8))
            default: try connection.respond(fields: ["ETag: \"a\""], body: mp4)
            }
        }
        defer { stage.stop() }
        let folder = try TestFolder()
        _ = try await stage.media.download(stage.clip, to: folder.file("a.mp4"))
        #expect(try folder.bytes("a.mp4") == self.mp4)
        #expect(stage.requests("api").count == 2)
        #expect(stage.requests("origin").map { $0["range"] } == [nil, "bytes=8000-", nil])
    }
}
