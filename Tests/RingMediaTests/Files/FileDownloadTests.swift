import Foundation
import RingCore
import RingCrypto
import RingMedia
import RingTesting
import Testing

/// RingCrypto's SHA-256 behind the seam of RingMedia, as the umbrella puts it there.
struct SHA256Digest: RingMediaDigest {
    private var hash = RingSHA256()
    mutating func update(_ bytes: [UInt8]) { self.hash.update(bytes) }
    func hexadecimal() -> String { RingHex.encode(self.hash.finish().bytes) }
}

@Suite struct FileDownloadTests {
    let mp4 = (try? Fixture.bytes("clip.mp4")) ?? []

    @Test func putsAWholeFileUnderItsName() async throws {
        var options = RingMediaOptions()
        options.digest = { SHA256Digest() }
        let stage = try Stage.linked(options: options, .mp4(self.mp4))
        let folder = try TestFolder()
        let file = try await stage.media.download(stage.clip(), to: folder.file("a clip.mp4"))
        #expect(try folder.bytes("a clip.mp4") == self.mp4)
        #expect(folder.names == ["a clip.mp4"])
        #expect(file.path == folder.file("a clip.mp4"))
        #expect(file.bytes == Int64(self.mp4.count))
        #expect(file.digest == SHA256Digest.of(self.mp4))
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func keepsItPrivateUntilItIsWhole() async throws {
        let folder = try TestFolder()
        let look = Look()
        let stage = try Stage { [mp4] request in
            if request.method == .post { return .redirect(to: Stage.link) }
            let chunks = AsyncThrowingStream<[UInt8], any Error> { continuation in
                continuation.yield(Array(mp4.prefix(9000)))
                continuation.yield(Array(mp4.dropFirst(9000)))
                continuation.finish()
            }
            return RingHTTPResponse(
                status: 200, headerFields: [.contentType: "video/mp4"],
                body: RingHTTPBody(
                    streaming: chunks.map { chunk in
                        look.note(folder)
                        return chunk
                    }))
        }
        try Data("old".utf8).write(to: URL(filePath: folder.file("a.mp4")))
        _ = try await stage.media.download(stage.clip(), to: folder.file("a.mp4"))
        #expect(look.finals == ["old", "old"], "the old file stays until the new one is whole")
        #expect(try folder.bytes("a.mp4") == self.mp4)
        #expect(folder.names == ["a.mp4"])
    }

    @Test func leavesNothingAfterAFailure() async throws {
        let folder = try TestFolder()
        try Data("old".utf8).write(to: URL(filePath: folder.file("kept.mp4")))
        let html = RingHTTPResponse(
            status: 200, headerFields: [.contentType: "text/html"], body: RingHTTPBody("<html></html>"))
        let noise = RingHTTPResponse.mp4(Array(repeating: 0x9C, count: 3000))
        let cuts = stride(from: 0, to: self.mp4.count, by: 1700).map {
            RingHTTPResponse.mp4(Array(self.mp4.prefix($0)))
        }
        for response in [html, noise, .failure(416, "MEDIA_NOT_FOUND"), .failure(422, "CORRUPT_RECORDING")] + cuts {
            let stage = try Stage.linked(response)
            for name in ["new.mp4", "kept.mp4"] {
                _ = try await failure { try await stage.media.download(stage.clip(), to: folder.file(name)) }
            }
            #expect(folder.names == ["kept.mp4"])
            #expect(try folder.bytes("kept.mp4") == Array("old".utf8))
        }
    }

    @Test func leavesNothingAfterACancellation() async throws {
        let folder = try TestFolder()
        let clock = ManualClock()
        let stage = try Stage(clock: clock) { [mp4] request in
            if request.method == .post { return .redirect(to: Stage.link) }
            // The beginning comes, then silence until somebody gives up.
            let chunks = AsyncThrowingStream<[UInt8], any Error> { continuation in
                let task = Task {
                    continuation.yield(Array(mp4.prefix(5000)))
                    do { try await clock.sleep(for: .seconds(60)) } catch { continuation.finish(throwing: error) }
                }
                continuation.onTermination = { _ in task.cancel() }
            }
            return RingHTTPResponse(
                status: 200, headerFields: [.contentType: "video/mp4"], body: RingHTTPBody(streaming: chunks))
        }
        let clip = stage.clip()
        let path = folder.file("a.mp4")
        let task = Task { try await stage.media.download(clip, to: path) }
        await clock.sleepers(atLeast: 1)
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
        #expect(folder.names.isEmpty)
    }

    @Test func refusesAPlaceThatCannotTakeAFileBeforeAnythingIsSent() async throws {
        let folder = try TestFolder()
        let stage = try Stage.linked(.mp4(self.mp4))
        for path in ["", "/", folder.path, "\(folder.path)/", folder.file("missing/a.mp4"), "/dev/null", "a\0b"] {
            let error = try await failure { try await stage.media.download(stage.clip(), to: path) }
            #expect([.invalidArgument, .storageFailed].contains(error.code), "\(path)")
        }
        #expect(stage.wire.requests.isEmpty)
    }

    @Test func startsAgainInTheSameFileWhenATransferIsCut() async throws {
        let folder = try TestFolder()
        let gets = Counter()
        var options = RingMediaOptions()
        options.digest = { SHA256Digest() }
        let other = try Fixture.bytes("clip-faststart.mp4")
        let stage = try Stage(options: options) { [mp4] request in
            if request.method == .post { return .redirect(to: Stage.link) }
            guard gets.add() > 2 else {
                return RingHTTPResponse(
                    status: 200, headerFields: [.contentType: "video/mp4", .contentLength: String(mp4.count)],
                    body: .chunked(Array(mp4.prefix(9000)), failing: .cut))
            }
            return .mp4(other)
        }
        let file = try await stage.media.download(stage.clip(), to: folder.file("a.mp4"))
        #expect(try folder.bytes("a.mp4") == other, "nothing of the first recording is in it")
        #expect(file.digest == SHA256Digest.of(other))
        #expect(file.bytes == Int64(other.count))
        #expect(stage.posts.count == 3)
        #expect(folder.names == ["a.mp4"])
    }

    @Test func givesUpOnATransferThatIsAlwaysCut() async throws {
        let folder = try TestFolder()
        let stage = try Stage.linked(
            RingHTTPResponse(
                status: 200, headerFields: [.contentLength: String(self.mp4.count)],
                body: .chunked(Array(self.mp4.prefix(9000)), failing: .cut)))
        let error = try await failure { try await stage.media.download(stage.clip(), to: folder.file("a.mp4")) }
        #expect(error.code == .connectionLost)
        #expect(stage.posts.count == 3)
        #expect(folder.names.isEmpty)
    }

    @Test func aFullDiskIsAnErrorOfItsOwn() async throws {
        guard let disk = TinyDisk(bytes: 12 * 4096) else {
            withKnownIssue("no tiny file system can be mounted here (not root, or no mount): the full disk is untested")
            {
                Issue.record("skipped")
            }
            return
        }
        var body = self.mp4
        body[3] = 8
        let large =
            Array(self.mp4.prefix(32)) + [0, 3, 0, 0] + Array("mdat".utf8) + Array(repeating: 7, count: 3 * 65536 - 8)
            + [0, 0, 0, 8] + Array("moov".utf8)
        let stage = try Stage.linked(.mp4(large))
        let path = "\(disk.path)/a.mp4"
        let error = try await failure { try await stage.media.download(stage.clip(), to: path) }
        #expect(error.code == .diskFull)
        #expect(error.message.contains("full"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
        let small = try Stage.linked(.mp4(self.mp4))
        #expect(try await small.media.download(small.clip(), to: path).bytes == Int64(self.mp4.count))
    }
}

extension SHA256Digest {
    static func of(_ bytes: [UInt8]) -> String {
        var digest = Self()
        digest.update(bytes)
        return digest.hexadecimal()
    }
}
