import FoundationEssentials
import RingCore
import RingMedia
import RingTesting
import Testing

@Suite struct DeliveryTests {
    let mp4 = (try? Fixture.bytes("clip.mp4")) ?? []

    @Test func takesADirectResponse() async throws {
        let stage = try Stage.direct(
            .mp4(self.mp4, fields: [.mediaTimestamp: "1794996400000", .requestID: "r-1"]))
        let clip = try await stage.media.data(stage.clip(), upTo: 1 << 20)
        #expect(clip.bytes == self.mp4)
        #expect(clip.info.contentType == "video/mp4")
        #expect(clip.info.length == Int64(self.mp4.count))
        #expect(clip.info.mediaTimestamp == Date(timeIntervalSince1970: 1_794_996_400))
        #expect(clip.info.isPartial == false)
        #expect(clip.info.requestID == "r-1")
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func followsARedirectByHandWithoutTheAccessToken(status: Int) async throws {
        let stage = try Stage { [mp4] request in
            request.method == .post ? .redirect(status, to: Stage.link) : .mp4(mp4)
        }
        let clip = try await stage.media.data(stage.clip(), upTo: 1 << 20)
        #expect(clip.bytes == self.mp4)
        #expect(stage.posts.map { $0.headerFields[.authorization] } == ["Bearer \(Stage.token)"])
        #expect(stage.gets.map(\.url.absoluteString) == [Stage.link])
        let get = try #require(stage.gets.first)
        #expect(get.headerFields[.authorization] == nil)
        #expect(get.body.bytes?.isEmpty == true)
        let context = try #require(stage.getContexts.first)
        #expect(context.operation == .clipDownload)
        #expect(context.account == "account-1")
        #expect(context.deadline != nil)
    }

    @Test func followsFiveRedirectsAndNotSix() async throws {
        for count in [5, 6] {
            let hops = Counter()
            let stage = try Stage { [mp4] _ in
                let hop = hops.add()
                return hop <= count
                    ? .redirect(to: "https://m\(hop).example/x?security_token=\(Stage.canary)") : .mp4(mp4)
            }
            if count == 5 {
                #expect(try await stage.media.data(stage.clip(), upTo: 1 << 20).bytes == self.mp4)
            } else {
                let error = try await failure { try await stage.media.data(stage.clip(), upTo: 1 << 20) }
                #expect(error.code == .redirectRefused)
                #expect(error.message.contains("loop"))
                #expect(stage.wire.requests.count == 6)
            }
            #expect(stage.gets.allSatisfy { $0.headerFields[.authorization] == nil })
        }
    }

    @Test func resolvesARelativePlace() async throws {
        let stage = try Stage { [mp4] request in
            if request.method == .post { return .redirect(to: "https://m.example/a/b?x=1") }
            return request.url.path() == "/a/b" ? .redirect(307, to: "/c?y=%2F") : .mp4(mp4)
        }
        _ = try await stage.media.data(stage.clip(), upTo: 1 << 20)
        #expect(stage.gets.map(\.url.absoluteString) == ["https://m.example/a/b?x=1", "https://m.example/c?y=%2F"])
    }

    @Test(
        arguments: [
            ([:], 200, false, nil),
            ([:], 206, true, nil),
            ([.mediaLength: "4000"], 206, true, 4000),
            ([.mediaDuration: "4000"], 206, true, 4000),
            ([.mediaLength: "4000"], 200, true, 4000),
            ([.mediaDuration: "4000"], 200, true, 4000),
            ([.mediaLength: "10000"], 200, false, 10000),
            ([.mediaLength: "12000"], 200, false, 12000),
            ([.mediaLength: "10000"], 206, true, 10000),
            ([.mediaLength: "oops", .mediaDuration: "4000"], 200, true, 4000),
            ([.mediaLength: "4000", .mediaDuration: "10000"], 200, true, 4000),
            ([.mediaLength: "10000", .mediaDuration: "4000"], 200, true, 4000),
            ([.mediaLength: "-5"], 200, false, nil),
            ([.mediaLength: "nan"], 200, false, nil),
            ([.mediaLength: "1e300"], 200, false, nil),
        ] as [(RingHTTPFields, Int, Bool, Int?)])
    func decidesPartialByStatusAndBothLengthFields(
        fields: RingHTTPFields, status: Int, isPartial: Bool, length: Int?
    ) async throws {
        for isLinked in [false, true] {
            let response = RingHTTPResponse.mp4(self.mp4, status: status, fields: fields)
            let stage = isLinked ? try Stage.linked(response) : try Stage.direct(response)
            let info = try await stage.media.data(stage.clip(), upTo: 1 << 20).info
            #expect(info.isPartial == isPartial)
            #expect(info.mediaLength == length.map { .milliseconds($0) })
        }
    }

    @Test func readsAStillAndItsOrigin() async throws {
        for (name, type) in [("still.jpg", "image/jpeg"), ("still.png", "image/png")] {
            let bytes = try Fixture.bytes(name)
            let stage = try Stage.linked(
                .media(bytes, type, fields: [.mediaTimestamp: "1794996400123", .mediaOrigin: "recording"]))
            let still = try await stage.media.data(stage.still())
            #expect(still.bytes == bytes)
            #expect(still.info.contentType == type)
            #expect(still.info.origin == .recording)
            #expect(still.info.mediaTimestamp == Date(timeIntervalSince1970: 1_794_996_400.123))
            #expect(stage.getContexts.map(\.operation) == [.stillDownload])
        }
    }

    @Test func startsAgainAtStepOneWhenTheLinkExpired() async throws {
        for expired in [RingHTTPResponse.failure(403, nil), .failure(410, nil), .failure(401, nil)] {
            let stage = try Stage.linked(expired, .mp4(self.mp4))
            #expect(try await stage.media.data(stage.clip(), upTo: 1 << 20).bytes == self.mp4)
            #expect(stage.posts.count == 2)
            #expect(stage.gets.count == 2)
            #expect(stage.observer.events(RingMediaRestarts.self).map(\.reason) == [.mediaLinkExpired])
        }
        // An XML body of an object store is no JSON code either.
        let xml = RingHTTPResponse(
            status: 403, headerFields: [.contentType: "application/xml"],
            body: RingHTTPBody("<Error><Code>AccessDenied</Code></Error>"))
        let stage = try Stage.linked(xml, .mp4(self.mp4))
        #expect(try await stage.media.data(stage.clip(), upTo: 1 << 20).bytes == self.mp4)
    }

    @Test func givesUpOnLinksThatAlwaysExpire() async throws {
        let stage = try Stage.linked(.failure(403, nil))
        let error = try await failure { try await stage.media.data(stage.clip(), upTo: 1 << 20) }
        #expect(error.code == .mediaLinkExpired)
        #expect(stage.posts.count == 3)
    }

    @Test func aForbiddenLinkWithACodeIsFinal() async throws {
        for (code, expected) in [
            ("TIME_RANGE_NOT_AUTHORIZED", RingError.Code.timeRangeNotAuthorized), ("REQUEST_FORBIDDEN", .forbidden),
        ] {
            let stage = try Stage.linked(.failure(403, code))
            let error = try await failure { try await stage.media.data(stage.clip(), upTo: 1 << 20) }
            #expect(error.code == expected)
            #expect(error.serverCodes == [code])
            #expect(stage.posts.count == 1)
        }
    }

    @Test func aBrokenLinkStartsAgainAtStepOne() async throws {
        let gets = Counter()
        let stage = try Stage { [mp4] request in
            if request.method == .post { return .redirect(to: Stage.link) }
            guard gets.add() > 2 else { throw RingError.cut }
            return .mp4(mp4)
        }
        #expect(try await stage.media.data(stage.clip(), upTo: 1 << 20).bytes == self.mp4)
        #expect(stage.posts.count == 3)
    }

    @Test func refusesAPartOfTheFileThatNobodyAskedFor() async throws {
        let whole = "bytes 0-\(self.mp4.count - 1)/\(self.mp4.count)"
        let fine = try Stage.linked(.mp4(self.mp4, status: 206, fields: [.init("Content-Range"): whole]))
        #expect(try await fine.media.data(fine.clip(), upTo: 1 << 20).bytes == self.mp4)
        for range in ["bytes 0-99/17098", "bytes 100-17097/17098", "bytes 5-1/3", "nonsense"] {
            let stage = try Stage.linked(.mp4(self.mp4, status: 206, fields: [.init("Content-Range"): range]))
            let error = try await failure { try await stage.media.data(stage.clip(), upTo: 1 << 20) }
            #expect(error.code == .malformedResponse)
        }
    }

    @Test func refusesAPackedBody() async throws {
        let stage = try Stage.linked(.mp4(self.mp4, fields: [.init("Content-Encoding"): "gzip"]))
        #expect(
            try await failure { try await stage.media.data(stage.clip(), upTo: 1 << 20) }.code == .malformedResponse)
        #expect(stage.gets.first?.headerFields[.init("Accept-Encoding")] == "identity")
    }

    @Test func keepsWithinTheCapInMemory() async throws {
        for fields in [[:], [.contentLength: ""]] as [RingHTTPFields] {
            let stage = try Stage.linked(.mp4(self.mp4, fields: fields))
            #expect(try await stage.media.data(stage.clip(), upTo: self.mp4.count).bytes == self.mp4)
            let error = try await failure { try await stage.media.data(stage.clip(), upTo: self.mp4.count - 1) }
            #expect(error.code == .responseTooLarge)
        }
    }

    @Test func streamsChunksInOrder() async throws {
        let stage = try Stage.linked(.mp4(self.mp4))
        let stream = try await stage.media.stream(stage.clip())
        #expect(stream.info.length == Int64(self.mp4.count))
        var all: [UInt8] = []
        for try await chunk in stream {
            #expect(!chunk.isEmpty)
            all += chunk
        }
        #expect(all == self.mp4)
        var body: [UInt8] = []
        let again = try await stage.media.stream(stage.clip())
        for try await chunk in again.body { body += chunk }
        #expect(body == self.mp4)
    }
}
