import FoundationEssentials
import RingCore
import RingMedia
import Testing

@Suite struct InspectionTests {
    /// Fetches bytes that are announced, or not, with that length.
    private func fetch(
        _ bytes: [UInt8], type: String = "video/mp4", isAnnounced: Bool = true, size: Int = 1000, still: Bool = false,
        status: Int = 200
    ) async throws -> RingMediaData {
        var fields: RingHTTPFields = [.contentType: type]
        if isAnnounced { fields[.contentLength] = String(bytes.count) }
        let response = RingHTTPResponse(status: status, headerFields: fields, body: .chunked(bytes, size: size))
        let stage = try Stage.linked(response)
        guard still else { return try await stage.media.data(stage.clip(), upTo: 1 << 20) }
        return try await stage.media.data(stage.still())
    }

    @Test(arguments: Fixture.clips, [1, 7, 8, 16, 1000, 1 << 20])
    func acceptsRealFilesInPiecesOfAnySize(name: String, size: Int) async throws {
        let bytes = try Fixture.bytes(name)
        #expect(try await self.fetch(bytes, size: size).bytes == bytes)
    }

    @Test(arguments: ["clip.mp4", "clip-faststart.mp4"], [true, false])
    func refusesACutAtEveryHundredthByte(name: String, isAnnounced: Bool) async throws {
        let bytes = try Fixture.bytes(name)
        for length in stride(from: 0, to: bytes.count, by: 100) {
            let error = try await failure {
                try await self.fetch(Array(bytes.prefix(length)), isAnnounced: isAnnounced, size: 777)
            }
            #expect(error.code == .mediaTruncated, "cut at \(length)")
        }
        for length in [bytes.count - 1, 32, 40, 2264, 2272] where length < bytes.count {
            let error = try await failure {
                try await self.fetch(Array(bytes.prefix(length)), isAnnounced: isAnnounced)
            }
            #expect(error.code == .mediaTruncated, "cut at \(length)")
        }
    }

    @Test(arguments: ["still.jpg", "still.png"])
    func refusesACutStill(name: String) async throws {
        let bytes = try Fixture.bytes(name)
        for length in stride(from: 0, to: bytes.count, by: 100) {
            let error = try await failure {
                try await self.fetch(Array(bytes.prefix(length)), type: "image/jpeg", isAnnounced: false, still: true)
            }
            #expect(error.code == .mediaTruncated, "cut at \(length)")
        }
        #expect(try await self.fetch(bytes, type: "", size: 1, still: true).bytes == bytes)
        // Padding behind the end does no harm.
        let padded = bytes + Array(repeating: 0, count: 32)
        #expect(try await self.fetch(padded, type: "image/x", still: true).bytes == padded)
    }

    @Test(arguments: [
        ("text/html", "<!DOCTYPE html><html><body>sign in</body></html>"), ("video/mp4", "<html>an error page</html>"),
        ("video/mp4", "\u{FEFF}  <?xml version=\"1.0\"?><Error/>"), ("application/json", "{}"), ("video/mp4", "{}"),
        ("application/vnd.api+json", #"{"errors":[{"code":"MEDIA_NOT_FOUND"}]}"#), ("video/mp4", "[1,2,3,4,5,6,7,8]"),
        ("text/plain", "not found, try later"), ("application/json", ""),
    ])
    func refusesTextWithAGoodStatus(type: String, text: String) async throws {
        for status in [200, 206] {
            let error = try await failure { try await self.fetch(Array(text.utf8), type: type, status: status) }
            #expect(error.code == .notMedia)
            #expect(!error.message.contains("sign in"))
            #expect(error.serverCodes == (text.contains("MEDIA_NOT_FOUND") ? ["MEDIA_NOT_FOUND"] : []))
            let still = try await failure { try await self.fetch(Array(text.utf8), type: type, still: true) }
            #expect(still.code == .notMedia)
        }
    }

    @Test func refusesTheWrongKindOfMedia() async throws {
        let jpeg = try Fixture.bytes("still.jpg")
        let mp4 = try Fixture.bytes("clip.mp4")
        #expect(try await failure { try await self.fetch(jpeg) }.code == .notMedia)
        #expect(try await failure { try await self.fetch(mp4, type: "image/jpeg", still: true) }.code == .notMedia)
    }

    @Test func refusesWhatLooksEncrypted() async throws {
        var noise: [UInt8] = []
        var state: UInt64 = 88_172_645_463_325_252
        for _ in 0..<5000 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            noise.append(UInt8(truncatingIfNeeded: state))
        }
        noise[0] = 0x9C
        for isStill in [true, false] {
            let error = try await failure { try await self.fetch(noise, still: isStill) }
            #expect(error.code == .mediaUnreadable)
            #expect(error.message.contains("TAKE"))
        }
        // A good beginning and noise behind it.
        let mp4 = try Fixture.bytes("clip.mp4")
        #expect(try await failure { try await self.fetch(Array(mp4.prefix(40)) + noise) }.code == .mediaUnreadable)
    }

    @Test func survivesHostileBoxes() async throws {
        func box(_ size: [UInt8], _ type: String, _ rest: [UInt8] = []) -> [UInt8] { size + Array(type.utf8) + rest }
        let head = box([0, 0, 0, 8], "ftyp")
        let hostile: [[UInt8]] = [
            head + box([0, 0, 0, 2], "moov"), head + box([0, 0, 0, 7], "moov"),
            head + box([0, 0, 0, 1], "mdat", [0, 0, 0, 0, 0, 0, 0, 15]),
            head + box([0, 0, 0, 1], "mdat", [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
            head + box([0xFF, 0xFF, 0xFF, 0xFF], "mdat"), head + box([0, 0, 0, 1], "mdat"), head,
            head + box([0, 0, 0, 8], "\u{1}\u{2}\u{3}\u{4}"), head + box([0, 0, 0, 0], "mdat"),
        ]
        for bytes in hostile {
            for size in [1, 9, 100] {
                let error = try await failure { try await self.fetch(bytes, size: size) }
                #expect([.mediaTruncated, .mediaUnreadable].contains(error.code))
            }
        }
        // The last box may go on to the end of the file, and a large one may count in 64 bits.
        let movie = box([0, 0, 0, 24], "moov", box([0, 0, 0, 16], "trak", box([0, 0, 0, 8], "stsd")))
        let open = head + movie + box([0, 0, 0, 0], "mdat", [1, 2, 3])
        #expect(try await self.fetch(open).bytes == open)
        let large = head + movie + box([0, 0, 0, 1], "mdat", [0, 0, 0, 0, 0, 0, 0, 17, 5])
        #expect(try await self.fetch(large, size: 1).bytes == large)
    }

    @Test func refusesMoreBytesThanAnnounced() async throws {
        let bytes = try Fixture.bytes("clip.mp4")
        let stage = try Stage.linked(.mp4(bytes, fields: [.contentLength: String(bytes.count - 10)]))
        let error = try await failure { try await stage.media.data(stage.clip(), upTo: 1 << 20) }
        #expect(error.code == .malformedResponse)
    }
}
