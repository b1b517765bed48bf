import Foundation
import RingCore
import RingMedia
import RingTesting
import Synchronization
import Testing

/// After how many bytes the server cuts a body.
private final class Cut: Sendable {
    let length = Mutex(0)
}

/// Real sockets under libcurl: what the scripted tests prove of the logic, once more on the wire.
@Suite struct WireTests {
    let mp4 = (try? Fixture.bytes("clip.mp4")) ?? []

    @Test func fetchesFilesThatAPlayerOpens() async throws {
        for name in Fixture.clips {
            let bytes = try Fixture.bytes(name)
            let stage = try WireStage { _, _, connection in
                try connection.respond(
                    fields: ["Content-Type: video/mp4", "X-Media-Timestamp: 1794996400000"], body: bytes)
            }
            defer { stage.stop() }
            let folder = try TestFolder()
            let file = try await stage.media.download(stage.clip, to: folder.file("a.mp4"))
            #expect(try folder.bytes("a.mp4") == bytes)
            guard FileManager.default.isExecutableFile(atPath: "/usr/bin/ffprobe") else {
                withKnownIssue("ffprobe is not installed (apt install ffmpeg): the files are not opened") {
                    Issue.record("skipped")
                }
                continue
            }
            let probe = try ChildProcess(
                "/usr/bin/ffprobe", ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file.path])
            let outcome = await probe.outcome()
            #expect(outcome.ending == .exited(0))
            #expect(outcome.errorText.isEmpty)
            #expect(outcome.outputText.hasPrefix("2."))
        }
    }

    @Test func noAccessTokenEverReachesTheMediaOrigin() async throws {
        let stage = try WireStage { [mp4] number, request, connection in
            switch number {
            case 1: try connection.respond(403)
            case 2: try connection.respond(307, fields: ["Location: /again?security_token=\(Stage.canary)"])
            default: try connection.respond(fields: ["Content-Type: video/mp4"], body: mp4)
            }
        }
        defer { stage.stop() }
        let folder = try TestFolder()
        _ = try await stage.media.download(stage.clip, to: folder.file("a.mp4"))
        #expect(
            stage.requests("api").map { $0["authorization"] } == Array(repeating: "Bearer \(Stage.token)", count: 2))
        #expect(stage.requests("origin").count == 3)
        for request in stage.requests("origin") {
            #expect(request.method == "GET")
            #expect(request["authorization"] == nil)
            #expect(request["cookie"] == nil)
            #expect(!request.fields.contains { $0.value.contains(Stage.token) })
        }
        #expect(!stage.observer.transcript.contains(Stage.canary))
    }

    /// What a server does to every request of one step.
    enum Fault: CaseIterable {
        case status500, status502, status503, status504, status408, status521, reset, cut

        func respond(to connection: RawConnection) throws {
            switch self {
            case .status500: try connection.respond(500)
            case .status502: try connection.respond(502)
            case .status503: try connection.respond(503)
            case .status504: try connection.respond(504)
            case .status408: try connection.respond(408, fields: ["Connection: close"])
            case .status521: try connection.respond(521)
            case .reset: connection.reset()
            case .cut: try connection.write("HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 9\r\n\r\n")
            }
        }
    }

    /// An attempt is both steps together, and there are three of them, whichever step fails.
    @Test(arguments: Fault.allCases) func thereAreThreeAttemptsInAll(fault: Fault) async throws {
        let first = try WireStage(
            api: { _, _, connection in
                try fault.respond(to: connection)
                if fault == .cut { connection.close() }
                return true
            }
        ) { _, _, _ in Issue.record("the second step was taken") }
        defer { first.stop() }
        let failed = try await failure { try await first.media.data(first.clip, upTo: 1 << 20) }
        #expect(failed.isTransient || failed.code == .mediaTruncated, "\(failed)")
        #expect(first.requests("api").count == 3 && first.requests("origin").isEmpty)

        let second = try WireStage { _, _, connection in
            try fault.respond(to: connection)
            connection.close()
        }
        defer { second.stop() }
        _ = try await failure { try await second.media.data(second.clip, upTo: 1 << 20) }
        #expect(second.requests("api").count == 3 && second.requests("origin").count == 3)
    }

    @Test(arguments: ["length", "chunked", "close"])
    func aCutAnywhereLeavesNoFile(framing: String) async throws {
        var options = RingMediaOptions(waiting: .none)
        options.maximumRestartCount = 0
        // Set before each download, and not counted by the server: a read may be sent twice when a connection is lost.
        let cut = Cut()
        let stage = try WireStage(options: options) { [mp4] _, _, connection in
            let part = Array(mp4.prefix(cut.length.withLock { $0 }))
            switch framing {
            case "length": try connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(mp4.count)\r\n\r\n")
            case "chunked":
                try connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                try connection.write("\(String(mp4.count, radix: 16))\r\n")
            default: try connection.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            }
            try connection.write(part)
            connection.close()
        }
        defer { stage.stop() }
        let folder = try TestFolder()
        for length in stride(from: 0, to: self.mp4.count, by: 100) {
            cut.length.withLock { $0 = length }
            let error = try await failure { try await stage.media.download(stage.clip, to: folder.file("a.mp4")) }
            #expect(
                error.code == .mediaTruncated || (framing != "close" && error.code == .connectionLost),
                "cut at \(length): \(error)")
            #expect(folder.names.isEmpty)
        }
    }

    @Test func aResetInTheMiddleIsContinued() async throws {
        let stage = try WireStage { [mp4] number, request, connection in
            if number == 1 {
                try connection.write("HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: \(mp4.count)\r\n\r\n")
                try connection.write(Array(mp4.prefix(8000)))
                connection.finishWriting()
                connection.waitUntilClosed()
                return
            }
            let offset = Int(request["range"]?.dropFirst(6).dropLast() ?? "") ?? 0
            try connection.respond(
                206, fields: ["ETag: \"a\"", "Content-Range: bytes \(offset)-\(mp4.count - 1)/\(mp4.count)"],
                body: Array(mp4.dropFirst(offset)))
        }
        defer { stage.stop() }
        let folder = try TestFolder()
        _ = try await stage.media.download(stage.clip, to: folder.file("a.mp4"))
        #expect(try folder.bytes("a.mp4") == self.mp4)
        #expect(stage.requests("api").count == 1)
        #expect(stage.requests("origin").compactMap { $0["if-range"] } == ["\"a\""])
    }

    @Test func aStallEndsByTheLimitOfSilence() async throws {
        var options = RingMediaOptions(waiting: .none)
        options.maximumRestartCount = 0
        options.timeouts.silence = .milliseconds(200)
        let stage = try WireStage(options: options) { [mp4] _, _, connection in
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(mp4.count)\r\n\r\n")
            try connection.write(Array(mp4.prefix(8000)))
            connection.waitUntilClosed()
        }
        defer { stage.stop() }
        let folder = try TestFolder()
        let error = try await failure { try await stage.media.download(stage.clip, to: folder.file("a.mp4")) }
        #expect(error.code == .timedOut)
        #expect(folder.names.isEmpty)
    }

    @Test func aCancelledDownloadLeavesNothingAndHangsUp() async throws {
        let stage = try WireStage { [mp4] _, _, connection in
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(mp4.count)\r\n\r\n")
            try connection.write(Array(mp4.prefix(8000)))
            connection.waitUntilClosed()
        }
        defer { stage.stop() }
        let folder = try TestFolder()
        let path = folder.file("a.mp4")
        let meter = RingMediaProgressMeter(interval: .zero)
        let task = Task { try await stage.media.download(stage.clip, to: path, progress: meter) }
        for await update in meter.updates where update.bytes > 0 { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(folder.names.isEmpty)
    }

    @Test func twentyClipsAtOnce() async throws {
        let body = try SparseMP4(megabytes: 4).prefix
        let size = 4 << 20
        let stage = try WireStage { _, _, connection in
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
            try SparseMP4.write(body, size, connection)
        }
        defer { stage.stop() }
        let folder = try TestFolder()
        try await withThrowingTaskGroup(of: Int64.self) { group in
            for index in 0..<20 {
                group.addTask { try await stage.media.download(stage.clip, to: folder.file("\(index).mp4")).bytes }
            }
            for try await bytes in group { #expect(bytes == Int64(size)) }
        }
        #expect(folder.names.count == 20)
    }
}
