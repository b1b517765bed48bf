import Foundation
import RingListener
import Testing

/// Files through the public listener, as a browser's player asks for them.
@Suite struct FileResponseTests {
    /// A listener that serves one file, and its folder.
    private func bench(_ content: [UInt8], _ test: (Int, String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path() + "/ring-file-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/clip.mp4"
        try Data(content).write(to: URL(fileURLWithPath: path))
        let listener = try await RingListener.start { request in
            let name = String(request.url.path().dropFirst())
            return .file(name.isEmpty ? path : "\(folder)/\(name)", contentType: "video/mp4", for: request)
        }
        do { try await test(listener.port, path) } catch {
            await listener.stop()
            throw error
        }
        await listener.stop()
    }

    private func send(_ port: Int, _ method: String = "GET", _ target: String = "/", _ fields: String...) async throws
        -> (head: String, body: String)
    {
        let lines = ["\(method) \(target) HTTP/1.1", "Host: test", "Connection: close"] + fields
        let text = try await exchange(port, lines.joined(separator: "\r\n") + "\r\n\r\n")
        let end = try #require(text.range(of: "\r\n\r\n"))
        return (String(text[..<end.lowerBound]) + "\r\n", String(text[end.upperBound...]))
    }

    private static let digits = Array("0123456789".utf8)

    @Test func theWholeFile() async throws {
        try await self.bench(Self.digits) { port, _ in
            let (head, body) = try await self.send(port)
            #expect(head.hasPrefix("HTTP/1.1 200 "))
            #expect(head.contains("Content-Length: 10\r\n"))
            #expect(head.contains("Content-Type: video/mp4\r\n"))
            #expect(head.contains("Accept-Ranges: bytes\r\n"))
            #expect(body == "0123456789")
        }
    }

    @Test(arguments: [
        ("bytes=0-", "bytes 0-9/10", "0123456789"), ("bytes=3-5", "bytes 3-5/10", "345"),
        ("bytes=-2", "bytes 8-9/10", "89"), ("bytes=7-99", "bytes 7-9/10", "789"),
    ]) func oneRange(_ field: String, _ contentRange: String, _ part: String) async throws {
        try await self.bench(Self.digits) { port, _ in
            let (head, body) = try await self.send(port, "GET", "/", "Range: \(field)")
            #expect(head.hasPrefix("HTTP/1.1 206 "))
            #expect(head.contains("Content-Range: \(contentRange)\r\n"))
            #expect(head.contains("Content-Length: \(part.utf8.count)\r\n"))
            #expect(body == part)
        }
    }

    @Test func aRangeBehindTheEnd() async throws {
        try await self.bench(Self.digits) { port, _ in
            let (head, body) = try await self.send(port, "GET", "/", "Range: bytes=10-")
            #expect(head.hasPrefix("HTTP/1.1 416 "))
            #expect(head.contains("Content-Range: bytes */10\r\n"))
            #expect(body == "")
        }
    }

    @Test func headHasTheFieldsWithoutTheBody() async throws {
        try await self.bench(Self.digits) { port, _ in
            let whole = try await self.send(port, "HEAD")
            #expect(whole.head.hasPrefix("HTTP/1.1 200 "))
            #expect(whole.head.contains("Content-Length: 10\r\n"))
            #expect(whole.body == "")
            let part = try await self.send(port, "HEAD", "/", "Range: bytes=2-3")
            #expect(part.head.hasPrefix("HTTP/1.1 206 "))
            #expect(part.head.contains("Content-Length: 2\r\n"))
            #expect(part.body == "")
        }
    }

    /// A file that was replaced between two requests of a player is sent whole.
    @Test func conditionsCompareTheVersion() async throws {
        try await self.bench(Self.digits) { port, path in
            let head = try await self.send(port).head
            let line = try #require(head.split(separator: "\r\n").first { $0.hasPrefix("ETag: ") })
            let tag = String(line.dropFirst("ETag: ".count))
            #expect(try await self.send(port, "GET", "/", "If-None-Match: \(tag)").head.hasPrefix("HTTP/1.1 304 "))
            #expect(try await self.send(port, "GET", "/", "Range: bytes=1-1", "If-Range: \(tag)").body == "1")
            try Data("abcdefghijkl".utf8).write(to: URL(fileURLWithPath: path))
            #expect(try await self.send(port, "GET", "/", "If-None-Match: \(tag)").body == "abcdefghijkl")
            #expect(
                try await self.send(port, "GET", "/", "Range: bytes=1-1", "If-Range: \(tag)").body == "abcdefghijkl")
        }
    }

    @Test func whatIsNoReadableFileIsNotFound() async throws {
        try await self.bench(Self.digits) { port, path in
            let folder = (path as NSString).deletingLastPathComponent
            let made = unsafe mkfifo(folder + "/pipe", 0o600)
            #expect(made == 0)
            try FileManager.default.createDirectory(atPath: folder + "/folder", withIntermediateDirectories: false)
            for name in ["nothing", "pipe", "folder"] {
                let (head, body) = try await self.send(port, "GET", "/\(name)")
                #expect(head.hasPrefix("HTTP/1.1 404 "), "\(name)")
                #expect(!body.contains(folder))
            }
            #expect(try await self.send(port, "POST").head.hasPrefix("HTTP/1.1 405 "))
        }
    }

    @Test func aLargeFileArrivesWhole() async throws {
        let content = (0..<3_000_000).map { UInt8(ascii: "a") + UInt8($0 % 23) }
        try await self.bench(content) { port, _ in
            let (head, body) = try await self.send(port, "GET", "/", "Range: bytes=1000000-2999998")
            #expect(head.contains("Content-Length: 1999999\r\n"))
            #expect(Array(body.utf8) == Array(content[1_000_000..<2_999_999]))
        }
    }

    /// A client never takes a part of a file for the whole.
    @Test func aFileThatIsShortenedEndsTheConnection() async throws {
        let content = [UInt8](repeating: UInt8(ascii: "x"), count: 40 << 20)
        try await self.bench(content) { port, path in
            let client = try SocketClient(port: port)
            client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
            _ = await client.receive(until: "\r\n\r\n")
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try handle.truncate(atOffset: 100)
            try handle.close()
            #expect(await client.receiveAll().utf8.count < content.count)
        }
    }
}
