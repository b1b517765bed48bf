import FoundationEssentials
import RingCore
import RingMedia
import RingTesting
import Testing

@Suite struct ResumeTests {
    let mp4 = (try? Fixture.bytes("clip.mp4")) ?? []

    /// A server that cuts the first transfer, and responses the request for the rest by a function.
    private func stage(
        eTag: String? = "\"v1\"", cutAfter cut: Int = 9000,
        rest: @escaping @Sendable (_ offset: Int, _ mp4: [UInt8]) -> RingHTTPResponse
    ) throws -> Stage {
        try Stage(random: 0) { [mp4] request in
            if request.method == .post { return .redirect(to: Stage.link) }
            if let range = request.headerFields[.init("Range")] {
                #expect(request.headerFields[.init("If-Range")] == eTag)
                #expect(request.url.absoluteString == Stage.link)
                return rest(Int(range.dropFirst(6).dropLast()) ?? -1, mp4)
            }
            var fields: RingHTTPFields = [.contentType: "video/mp4", .contentLength: String(mp4.count)]
            fields[.eTag] = eTag
            return RingHTTPResponse(
                status: 200, headerFields: fields, body: .chunked(Array(mp4.prefix(cut)), failing: .cut))
        }
    }

    private static func rest(_ offset: Int, _ mp4: [UInt8], eTag: String = "\"v1\"") -> RingHTTPResponse {
        RingHTTPResponse(
            status: 206,
            headerFields: [
                .eTag: eTag, .init("Content-Range"): "bytes \(offset)-\(mp4.count - 1)/\(mp4.count)",
                .contentLength: String(mp4.count - offset),
            ], body: .chunked(Array(mp4.dropFirst(offset))))
    }

    @Test func goesOnWhereTheServerProvesTheSameBytes() async throws {
        let stage = try self.stage { Self.rest($0, $1) }
        let clip = try await stage.media.data(stage.clip(), upTo: 1 << 20)
        #expect(clip.bytes == self.mp4)
        #expect(clip.info.isPartial == false, "the 206 of a range is not the 206 of a partial recording")
        #expect(stage.posts.count == 1)
        #expect(stage.gets.compactMap { $0.headerFields[.init("Range")] } == ["bytes=9000-"])
        #expect(stage.observer.events(RingMediaResumes.self).map(\.bytes) == [9000])
        #expect(stage.gets.allSatisfy { $0.headerFields[.authorization] == nil })
    }

    @Test func goesOnInAStreamToo() async throws {
        let stage = try self.stage { Self.rest($0, $1) }
        var all: [UInt8] = []
        for try await chunk in try await stage.media.stream(stage.clip()) { all += chunk }
        #expect(all == self.mp4)
    }

    @Test func skipsWhatIsSentAgainUnderTheSameValidator() async throws {
        let stage = try self.stage { _, mp4 in .mp4(mp4, fields: [.eTag: "\"v1\""]) }
        #expect(try await stage.media.data(stage.clip(), upTo: 1 << 20).bytes == self.mp4)
        #expect(stage.posts.count == 1)
    }

    @Test func neverMixesTwoRecordings() async throws {
        let wrong: [@Sendable (Int, [UInt8]) -> RingHTTPResponse] = [
            { Self.rest($0, $1, eTag: "\"v2\"") },  // another version
            { _, mp4 in .mp4(mp4, fields: [.eTag: "\"v2\""]) },
            { _, mp4 in .mp4(mp4) },  // no validator at all
            { Self.rest($0 + 1, $1) },  // another place
            { Self.rest($0, $1 + [1]) },  // another length
            { _, mp4 in .mp4(mp4, status: 206, fields: [.eTag: "\"v1\""]) },  // no range said
            { _, _ in .failure(416, nil) }, { _, _ in .failure(403, nil) }, { _, _ in .failure(410, nil) },
        ]
        for response in wrong {
            let stage = try self.stage(rest: response)
            let error = try await failure { try await stage.media.data(stage.clip(), upTo: 1 << 20) }
            #expect(error.code == .connectionLost)
            #expect(stage.posts.count == 3, "each one started again at step one")
        }
    }

    /// Transfers are continued a number of times in one call, and not in each of its attempts.
    @Test func continuesNotMoreOftenBecauseItStartsAgain() async throws {
        let stage = try self.stage { offset, mp4 in
            var response = Self.rest(offset, mp4)
            response.body = .chunked(Array(mp4[offset...offset]), failing: .cut)
            return response
        }
        let error = try await failure { try await stage.media.data(stage.clip(), upTo: 1 << 20) }
        #expect(error.code == .connectionLost)
        #expect(stage.posts.count == 3)
        #expect(stage.gets.count { $0.headerFields[.init("Range")] != nil } == 8)
    }

    @Test func asksForNoRestWithoutAStrongValidator() async throws {
        for eTag in [nil, "W/\"v1\"", "v1", "\"\""] as [String?] {
            let stage = try self.stage(eTag: eTag) { Self.rest($0, $1) }
            _ = try await failure { try await stage.media.data(stage.clip(), upTo: 1 << 20) }
            #expect(stage.gets.allSatisfy { $0.headerFields[.init("Range")] == nil })
        }
    }

    @Test func givesUpAfterAFewTries() async throws {
        let stage = try self.stage { offset, mp4 in
            var response = Self.rest(offset, mp4)
            response.body = .chunked([mp4[offset]], failing: .cut)
            return response
        }
        var media = stage.media
        media.options.maximumRestartCount = 0
        let error = try await failure { try await media.data(stage.clip(), upTo: 1 << 20) }
        #expect(error.code == .connectionLost)
        #expect(stage.gets.count == 1 + 8)
    }

    @Test func aStreamThatCannotGoOnFails() async throws {
        let stage = try self.stage(eTag: nil) { Self.rest($0, $1) }
        let stream = try await stage.media.stream(stage.clip())
        var count = 0
        let error = try await failure { for try await chunk in stream { count += chunk.count } }
        #expect(error.code == .connectionLost)
        #expect(count == 9000)
        // Reading on gives the same error, and no second recording.
        #expect(try await failure { for try await _ in stream {} }.code == .connectionLost)
    }
}
