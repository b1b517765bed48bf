import FoundationEssentials
import RingCore
import RingMedia
import RingTesting
import Testing

/// Files with something behind their end, files that end well and contain nothing, and types that are not the claimed ones.
@Suite struct TailTests {
    private func clip(_ bytes: [UInt8], type: String = "video/mp4", size: Int = 1000) async throws -> RingMediaData {
        let body = RingHTTPBody.chunked(bytes, size: size)
        let stage = try Stage.linked(
            RingHTTPResponse(status: 200, headerFields: [.contentType: type], body: body))
        return try await stage.media.data(stage.clip(), upTo: 1 << 20)
    }

    private func still(_ bytes: [UInt8], type: String = "image/jpeg", size: Int = 1000) async throws -> RingMediaData {
        let body = RingHTTPBody.chunked(bytes, size: size)
        let stage = try Stage.linked(
            RingHTTPResponse(status: 200, headerFields: [.contentType: type], body: body))
        return try await stage.media.data(stage.still())
    }

    /// The code of a refusal and the number of requests for it.
    private struct Refusal: Equatable {
        var code: RingError.Code
        var requests: Int
        static let truncated = Self(code: .mediaTruncated, requests: 3)
        static let damaged = Self(code: .mediaDamaged, requests: 1)
    }

    private func refusal(_ bytes: [UInt8], isStill: Bool = false) async throws -> Refusal {
        let response = RingHTTPResponse(
            status: 200, headerFields: [.contentType: isStill ? "image/jpeg" : "video/mp4"],
            body: .chunked(bytes, size: 333))
        let stage = try Stage.linked(response)
        let error = try await failure {
            isStill
                ? try await stage.media.data(stage.still())
                : try await stage.media.data(stage.clip(), upTo: 1 << 20)
        }
        #expect(!error.message.contains("TAKE") || error.code == .mediaUnreadable)
        return Refusal(code: error.code, requests: stage.posts.count)
    }

    private static func box(_ type: String, _ payload: [UInt8] = []) -> [UInt8] {
        self.number(UInt32(payload.count + 8)) + Array(type.utf8) + payload
    }

    private static func number(_ value: UInt32) -> [UInt8] {
        (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }

    /// A movie of one track with samples of these sizes.
    private static func movie(_ sizes: [UInt32], uniform: Bool = false) -> [UInt8] {
        let table =
            uniform
            ? self.number(0) + self.number(sizes[0]) + self.number(UInt32(sizes.count))
            : self.number(0) + self.number(0) + self.number(UInt32(sizes.count)) + sizes.flatMap(self.number)
        let samples = self.box("minf", self.box("stbl", self.box("stsz", table)))
        return self.box("moov", self.box("mvhd") + self.box("trak", self.box("mdia", samples)))
    }

    private static let tails: [[UInt8]] = [
        [0], [0, 0], Array("\r\n".utf8), [0, 0, 0, 0], [0, 0, 0, 1], Array(repeating: 0, count: 8),
        Array(repeating: 0, count: 200), Array("garbage behind the last box, as text".utf8),
        Array(repeating: 0xA5, count: 513), Array("<html>".utf8), [0xFF, 0xFF, 0xFF, 0xFF, 0x9C, 1, 2, 3, 4],
    ]

    @Test(arguments: Fixture.clips, [1, 8, 4096])
    func aTailBehindACompleteClipIsAccepted(name: String, size: Int) async throws {
        let bytes = try Fixture.bytes(name)
        for tail in Self.tails {
            #expect(try await self.clip(bytes + tail, size: size).bytes == bytes + tail)
        }
    }

    @Test(arguments: ["free", "styp", "skip", "uuid"]) func aClipMayBeginWithAnotherBox(type: String) async throws {
        let bytes = Self.box(type, [1, 2, 3, 4, 5, 6, 7, 8]) + (try Fixture.bytes("clip-faststart.mp4"))
        #expect(try await self.clip(bytes).bytes == bytes)
        // Such a beginning alone is no clip.
        #expect(try await self.refusal(Array(bytes.prefix(16))) == .truncated)
    }

    @Test func aCutIsNoTail() async throws {
        let bytes = try Fixture.bytes("clip-fragmented.mp4")
        // In the movie, in a fragment, before its media, in its media, in the index behind it.
        for length in [1000, 1290, 1300, 2346, 2350, 2400, 17_171, 17_200] {
            #expect(try await self.refusal(Array(bytes.prefix(length))) == .truncated, "cut at \(length)")
        }
        // In the letters of a fragment's header.
        let name = Array("moof".utf8)
        let fragment = try #require(bytes.indices.last { bytes[$0...].starts(with: name) })
        for length in fragment + 1..<fragment + 4 {
            #expect(try await self.refusal(Array(bytes.prefix(length))) == .truncated, "cut at \(length)")
        }
        let clip = try Fixture.bytes("clip.mp4")
        for length in stride(from: 14_870, to: clip.count, by: 61) {
            #expect(try await self.refusal(Array(clip.prefix(length))).code == .mediaTruncated, "cut at \(length)")
        }
        // Encrypted bytes where a fragment's media is due are no tail either.
        let noise = (0..<400).map { UInt8(truncatingIfNeeded: ($0 * 151) ^ 0x9C) }
        #expect(try await self.refusal(Array(bytes.prefix(2346)) + noise).code == .mediaUnreadable)
    }

    @Test func completeBoxesWithoutAVideoAreDamaged() async throws {
        let head = Self.box("ftyp", Array("isom".utf8))
        let media = Self.box("mdat", [1, 2, 3, 4, 5])
        let damaged: [(String, [UInt8])] = [
            ("empty moov", head + Self.box("moov") + media),
            ("empty moov behind the media", head + media + Self.box("moov")),
            ("moov without a track", head + Self.box("moov", Self.box("mvhd")) + media),
            ("empty trak", head + Self.box("moov", Self.box("mvhd") + Self.box("trak")) + media),
            ("trak without samples", head + Self.box("moov", Self.box("trak", Self.box("mdia"))) + media),
            ("two empty traks behind the media", head + media + Self.box("moov", Self.box("trak") + Self.box("trak"))),
            ("empty mdat", head + Self.movie([5]) + Self.box("mdat")),
            ("no ftyp", Self.movie([5]) + media),
            ("less media than described", head + Self.movie([5, 6]) + media),
            ("no samples", head + Self.movie([]) + media),
            ("no samples behind the media", head + media + Self.movie([])),
        ]
        for (name, bytes) in damaged {
            #expect(try await self.refusal(bytes) == .damaged, "\(name)")
        }
        // A size for all samples is sound in units of its own.
        for movie in [Self.movie([2, 3]), Self.movie([900, 900], uniform: true)] {
            for bytes in [head + movie + media, head + media + movie] {
                #expect(try await self.clip(bytes, size: 3).bytes == bytes)
            }
        }
    }

    /// Writers pad, and servers cut.
    @Test(arguments: ["free", "skip", "uuid", "udta", "meta"])
    func paddingBehindACompleteClipMayBeCut(type: String) async throws {
        let padding = Self.box(type, Array(repeating: 7, count: 100))
        for name in ["clip.mp4", "clip-faststart.mp4"] {
            let bytes = try Fixture.bytes(name)
            for count in [8, 9, 50, 107] {
                #expect(try await self.clip(bytes + padding.prefix(count)).bytes == bytes + padding.prefix(count))
            }
        }
        // Further fragments may have followed it.
        let fragments = try Fixture.bytes("clip-fragmented.mp4")
        #expect(try await self.refusal(fragments + padding.prefix(50)) == .truncated)
    }

    /// A compact table has no sizes that count (`stz2`), and samples.
    @Test func aCompactTableDescribesSamples() async throws {
        func bytes(_ count: UInt32) -> [UInt8] {
            let table = Self.box("stz2", Self.number(0) + Self.number(8) + Self.number(count) + [5])
            let track = Self.box("trak", Self.box("mdia", Self.box("minf", Self.box("stbl", table))))
            return Self.box("ftyp", Array("isom".utf8)) + Self.box("moov", track) + Self.box("mdat", [1, 2, 3, 4, 5])
        }
        #expect(try await self.clip(bytes(1)).bytes == bytes(1))
        #expect(try await self.refusal(bytes(0)) == .damaged)
    }

    @Test func anOpenEndedBoxMustContainItsMedia() async throws {
        let head = Self.box("ftyp", Array("isom".utf8)) + Self.movie([100, 200, 300])
        let open = head + [0, 0, 0, 0] + Array("mdat".utf8)
        let media = (0..<600).map { UInt8(truncatingIfNeeded: $0) }
        #expect(try await self.clip(open + media).bytes == open + media)
        #expect(try await self.clip(open + media + [0, 0]).bytes == open + media + [0, 0])
        for count in [1, 300, 599] {
            #expect(try await self.refusal(open + media.prefix(count)) == .truncated)
        }
        #expect(try await self.refusal(open).code == .mediaDamaged)
        // The movie itself may be the last box.
        let movie = Self.movie([600])
        let last = Self.box("ftyp", Array("isom".utf8)) + Self.box("mdat", media) + [0, 0, 0, 0] + movie.dropFirst(4)
        #expect(try await self.clip(last).bytes == last)
        #expect(try await self.refusal(last.dropLast(3)).code == .mediaTruncated)
    }

    /// A fragment: a header with flags and a default size, and a run with these sizes.
    private static func fragment(
        _ sizes: [UInt32], flags: UInt32 = 0x200, header: [UInt32] = [0, 1]
    ) -> [UInt8] {
        let entry: [[UInt32]] = sizes.map { size in
            (flags & 0x100 != 0 ? [9999] : []) + (flags & 0x200 != 0 ? [size] : [])
                + (flags & 0x400 != 0 ? [0xFFFF_FFFF] : []) + (flags & 0x800 != 0 ? [0xFFFF_FFFF] : [])
        }
        let optional: [UInt32] = (flags & 1 != 0 ? [5555] : []) + (flags & 4 != 0 ? [0xFFFF_FFFF] : [])
        let run = [flags, UInt32(sizes.count)] + optional + entry.flatMap { $0 }
        let track = Self.box("tfhd", header.flatMap(Self.number)) + Self.box("trun", run.flatMap(Self.number))
        return Self.box("moof", Self.box("mfhd") + Self.box("traf", track))
    }

    @Test(
        arguments: [
            (0x200, [0, 1]), (0xF05, [0, 1]), (0x301, [0x39, 1, 8888, 8888, 7777, 6666, 4444]), (0xA05, [0x20000, 1]),
            (0x001, [0x10, 1, 200]), (0x405, [0x3B, 1, 8888, 8888, 7777, 6666, 200, 4444]),
        ] as [(UInt32, [UInt32])])
    func anOpenEndedFragmentMustContainItsMedia(flags: UInt32, header: [UInt32]) async throws {
        let head = Self.box("ftyp", Array("isom".utf8)) + Self.movie([])
        let media = (0..<600).map { UInt8(truncatingIfNeeded: $0) }
        let sizes: [UInt32] = flags & 0x200 != 0 ? [100, 200, 300] : [200, 200, 200]
        let fragment = Self.fragment(sizes, flags: flags, header: header)
        // A first fragment whose box has a size, and a last one that goes on to the end.
        let whole = head + fragment + Self.box("mdat", media) + fragment + [0, 0, 0, 0] + Array("mdat".utf8)
        for size in [1, 5, 4096] {
            #expect(try await self.clip(whole + media, size: size).bytes == whole + media)
        }
        for count in [1, 300, 599] {
            #expect(try await self.refusal(whole + media.prefix(count)) == .truncated, "\(count)")
        }
        // With a size that contradicts the run, nothing is missing: it was never there.
        #expect(try await self.refusal(head + fragment + Self.box("mdat", [1, 2, 3])) == .damaged)
        // What has no size is not counted.
        let unknown = head + Self.fragment([1, 1], flags: 0x401, header: [0, 1]) + Self.box("mdat", [1])
        #expect(try await self.clip(unknown).bytes == unknown)
    }

    @Test func hostileMoviesEndAndHoldNoMemory() async throws {
        let head = Self.box("ftyp", Array("isom".utf8))
        let deep = Array(repeating: [0, 0, 0xFF, 0xFF] + Array("trak".utf8), count: 4000).flatMap { $0 }
        let uniform = Self.number(0) + Self.number(.max) + Self.number(.max)
        let hostile: [[UInt8]] = [
            Self.box("moov", deep), Self.box("moov", Self.box("trak") + [0, 0]),
            Self.box("moov", Self.box("trak", [0, 0, 0, 1] + Array("mdia".utf8))),
            Self.box("moov", Self.box("trak") + Self.box("stsz", uniform) + Self.box("stsz", uniform)),
            [0, 0, 0, 1] + Array("moov".utf8) + Array(repeating: 0xFF, count: 8) + Self.box("trak"),
            Self.movie([]) + Self.fragment([.max, .max, .max]) + Self.fragment([], flags: 0x200, header: []),
            Self.movie([])
                + Self.box("moof", Self.box("traf", Self.box("trun", [0, 0, 2, 0, 0xFF, 0xFF, 0xFF, 0xFF]))),
            Self.movie([]) + Self.box("moof", Self.box("traf", Self.box("trun", [0, 0, 0]) + Self.box("tfhd", [1]))),
        ]
        for movie in hostile {
            for size in [1, 7, 100_000] {
                let bytes = head + movie + Self.box("mdat", [1])
                do { _ = try await self.clip(bytes, size: size) } catch let error as RingError {
                    #expect([.mediaTruncated, .mediaDamaged].contains(error.code))
                }
            }
        }
    }

    @Test(arguments: [1, 5, 4096]) func aTailBehindAStillIsAccepted(size: Int) async throws {
        for name in ["still.jpg", "still.png"] {
            let bytes = try Fixture.bytes(name)
            for count in [1, 64, 65, 96, 513, 70_000] {
                let tailed = bytes + Array(repeating: 0xA5, count: count)
                #expect(try await self.still(tailed, size: size).bytes == tailed)
            }
            let twice = bytes + bytes
            #expect(try await self.still(twice, size: size).bytes == twice)
        }
    }

    @Test func theEndOfAThumbnailIsNotTheEnd() async throws {
        let jpeg = try Fixture.bytes("still.jpg")
        let payload = Array("Exif\0\0".utf8) + jpeg.prefix(60_000)
        let length = [UInt8((payload.count + 2) >> 8), UInt8((payload.count + 2) & 0xFF)]
        let whole = [0xFF, 0xD8, 0xFF, 0xE1] + length + payload + jpeg.dropFirst(2)
        #expect(try await self.still(whole).bytes == whole)
        // Cut behind the thumbnail, at its end and a little later.
        for count in [0, 1, 30, 64, 500] {
            let cut = Array(whole.prefix(6 + payload.count + count))
            #expect(try await self.refusal(cut, isStill: true) == .truncated, "\(count) bytes later")
        }
    }

    @Test func stillsWithoutAPictureAreDamaged() async throws {
        let jpeg = try Fixture.bytes("still.jpg")
        let frame: [UInt8] = [0xFF, 0xC0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0]
        let scan: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]
        let damaged: [[UInt8]] = [
            [0xFF, 0xD8, 0xFF, 0xD9], [0xFF, 0xD8, 0xFF, 0xE0, 0, 2, 0xFF, 0xD9], [0xFF, 0xD8] + frame + [0xFF, 0xD9],
            [0xFF, 0xD8] + frame + scan + [0xFF, 0xD9], [0xFF, 0xD8] + scan + [1, 2, 0xFF, 0xD9],
            [0xFF, 0xD8] + frame + scan + [1, 2] + jpeg, [0xFF, 0xD8, 0xFF, 0xE0, 0, 1, 0xFF, 0xD9],
        ].map { $0 + Array(repeating: 0, count: 12) }
        for bytes in damaged {
            #expect(try await self.refusal(bytes, isStill: true) == .damaged)
        }
        // Restarts, coded FFs, fill bytes, several scans, and garbage between segments belong to a picture.
        let odd: [UInt8] =
            [0xFF, 0xD8, 0xFF, 0xFF] + frame + [0x00, 0x07] + scan + [1, 0xFF, 0, 2, 0xFF, 0xD3, 3, 0xFF, 0xFF] + scan
            + [4, 0xFF, 0xD9]
        #expect(try await self.still(odd, size: 1).bytes == odd)
    }

    @Test func aPNGWithoutDataIsDamaged() async throws {
        let png = try Fixture.bytes("still.png")
        var chunks: [(type: String, bytes: ArraySlice<UInt8>)] = []
        var rest = png.dropFirst(8)
        while rest.count >= 12 {
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) } + 12
            chunks.append((String(decoding: rest.dropFirst(4).prefix(4), as: UTF8.self), rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        for missing in ["IDAT", "IHDR"] {
            let bytes = Array(png.prefix(8)) + chunks.filter { $0.type != missing }.flatMap(\.bytes)
            #expect(try await self.refusal(bytes, isStill: true) == .damaged, "\(missing)")
        }
        let noData: [UInt8] = [0, 0, 0, 0] + Array("IDAT".utf8) + [0, 0, 0, 0]
        let empty = Array(png.prefix(8)) + chunks.flatMap { $0.type == "IDAT" ? noData : Array($0.bytes) }
        #expect(try await self.refusal(empty, isStill: true) == .damaged)
    }

    @Test(arguments: [("still.png", "image/jpeg", "image/png"), ("still.jpg", "image/png", "image/jpeg")])
    func theDetectedTypeStandsBesideTheClaimedOne(name: String, claimed: String, detected: String) async throws {
        let info = try await self.still(Fixture.bytes(name), type: claimed).info
        #expect(info.contentType == claimed)
        #expect(info.detectedType == detected)
        let unclaimed = try await self.still(Fixture.bytes(name), type: "").info
        #expect(unclaimed.contentType == detected)
        #expect(unclaimed.detectedType == detected)
        let clip = try await self.clip(Fixture.bytes("clip.mp4"), type: "text/html").info
        #expect(clip.contentType == "text/html")
        #expect(clip.detectedType == "video/mp4")
        let brands = ["qt  ": "video/quicktime", "M4A ": "audio/mp4", "3gp4": "video/3gpp", "isom": "video/mp4"]
        for (brand, type) in brands {
            let mp4 = try Fixture.bytes("clip.mp4")
            let info = try await self.clip(mp4.prefix(8) + Array(brand.utf8) + mp4.dropFirst(12), type: "").info
            #expect(info.detectedType == type && info.contentType == type)
        }
    }

    @Test func otherFormatsAreCalledByTheirName() async throws {
        func packed(_ brand: String) -> [UInt8] {
            Self.box("ftyp", Array("\(brand)\0\0\0\0mif1miaf".utf8)) + Self.box("meta", [1, 2, 3])
                + Self.box("mdat", Array(repeating: 7, count: 100))
        }
        let foreign: [(type: String, bytes: [UInt8])] = [
            ("image/avif", packed("avif")), ("image/heic", packed("heic")), ("image/heif", packed("mif1")),
            ("image/webp", Array("RIFF\u{1}\u{2}\u{3}\u{4}WEBPVP8 ".utf8)),
            ("image/gif", Array("GIF89a1234567890".utf8)),
            ("video/webm", [0x1A, 0x45, 0xDF, 0xA3] + Array(repeating: 1, count: 20)),
            ("application/gzip", [0x1F, 0x8B, 8] + Array(repeating: 1, count: 20)),
            ("video/x-msvideo", Array("RIFF\u{1}\u{2}\u{3}\u{4}AVI LIST".utf8)),
            ("audio/wav", Array("RIFF\u{1}\u{2}\u{3}\u{4}WAVEfmt ".utf8)),
            ("image/bmp", Array("BM1234\0\0\0\0\u{36}\0\0\0".utf8)),
            ("image/tiff", Array("II*\0\u{8}\0\0\0\0\0\0\0".utf8)),
            ("image/tiff", Array("MM\0*\0\0\0\u{8}\0\0\0\0".utf8)),
            ("image/jp2", [0, 0, 0, 12] + Array("jP  \r\n12345".utf8)),
            ("image/jxl", [0, 0, 0, 12] + Array("JXL \r\n12345".utf8)),
            ("video/x-flv", Array("FLV\u{1}\u{5}\0\0\0\u{9}\0\0\0\0".utf8)),
            ("application/ogg", Array("OggS12345678".utf8)),
            ("audio/mpeg", Array("ID3123456789".utf8)),
            ("video/mp2t", [0x47, 0x40, 0x11] + Array(repeating: 1, count: 20)),
            ("video/h264", [0, 0, 0, 1, 0x67] + Array(repeating: 1, count: 20)), ("image/avci", packed("avci")),
        ]
        for (type, bytes) in foreign {
            for claimed in ["image/jpeg", "video/mp4"] {
                let still = try await failure { try await self.still(bytes, type: claimed) }
                #expect(still.code == .notMedia)
                #expect(still.message.contains("it is \(type)"))
                let clip = try await failure { try await self.clip(bytes, type: claimed) }
                #expect(clip.code == .notMedia)
                #expect(clip.message.contains("it is \(type)"))
            }
        }
    }
}
