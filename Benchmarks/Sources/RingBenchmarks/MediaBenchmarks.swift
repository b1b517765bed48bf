import Foundation
import RingCore
import RingCurl
import RingMedia
import RingTesting

extension Benchmark {
    /// A clip into a file against the `curl` program, in processor time.
    static let clipProcessorTime = Benchmark(
        name: "media.clip.cpu", unit: "megabyte", measures: .processorTimeWithChildren, sizes: [50, 200],
        contenders: { try await MediaContenders.make($0) }, goals: [.atLeast(0.9, timesAsFastAs: "curl program")])

    /// The same on the wall.
    static let clipWallTime = Benchmark(
        name: "media.clip.wall", unit: "megabyte", measures: .wallTime, sizes: [50, 200],
        contenders: { try await MediaContenders.make($0) }, goals: [.atLeast(0.9, timesAsFastAs: "curl program")])
}

/// Both fetch the same bytes of a server in a process of its own, over a redirect, into a file in memory where there is
/// one: disks are not measured, and neither forces anything to them.
private enum MediaContenders {
    static func make(_ megabytes: Int) async throws -> [Contender] {
        let server = try await MediaServer.start()
        let folder = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        let path = "\(folder)/ring-benchmark-\(ProcessInfo.processInfo.processIdentifier).mp4"
        guard let origin = URL(string: server.origin) else { throw CocoaError(.coderInvalidValue) }
        let shared = RingSharedPipeline(transport: RingCurlTransport(), callLimit: nil)
        var media = RingMediaClient(
            api: RingAPIClient(
                baseURL: origin,
                transport: shared.pipeline(tokens: RingFixedToken(RingAccessToken("t")), origin: origin)),
            downloads: shared.pipelineWithoutAccessToken())
        media.options.isDurable = false
        let request = RingClipRequest(
            device: RingDeviceID(rawValue: String(megabytes)), start: Date() - 3600, duration: .seconds(900))
        return [
            Contender("RingMedia") { [media, server] in
                let file = try await media.download(request, to: path)
                unlink(path)
                guard file.bytes == Int64(megabytes) << 20 else { throw CocoaError(.fileReadCorruptFile) }
                return server.keep + 1
            },
            Contender("curl program") { [server] in
                let outcome = try await ChildProcess.run(
                    "/usr/bin/curl",
                    [
                        "-sS", "-L", "--post303", "-o", path, "-X", "POST",
                        "\(server.origin)/v1/devices/\(megabytes)/media/video/download",
                    ])
                unlink(path)
                guard outcome.ending == .exited(0) else { throw CocoaError(.fileReadUnknown) }
                return server.keep + 1
            },
        ]
    }
}

/// A server of clips of zeros, in a process of its own so that its work is not counted.
final class MediaServer: Sendable {
    /// The argument that makes this program the server.
    static let word = "--serve-media"

    let origin: String
    private let child: ChildProcess
    var keep: Int { Int(self.child.pid & 1) }

    private init(origin: String, child: ChildProcess) {
        self.origin = origin
        self.child = child
    }

    static func start() async throws -> MediaServer {
        let child = try ChildProcess(
            "/proc/self/exe", [Self.word], environment: ProcessInfo.processInfo.environment, input: nil)
        guard let origin = await child.line(where: { $0.hasPrefix("http://") }) else {
            throw CocoaError(.executableLoad)
        }
        return MediaServer(origin: origin, child: child)
    }

    /// Serves until standard input ends.
    static func serve() throws {
        let server = try RawServer { connection in
            while let request = try connection.readHead() {
                _ = try connection.readBody(of: request)
                let parts = request.target.split(separator: "/").map(String.init)
                if parts.count > 2, parts[0] == "v1" {
                    try connection.respond(303, fields: ["Location: /clip/\(parts[2])"])
                } else {
                    try Self.clip(parts.last.flatMap { Int($0) } ?? 1, connection)
                }
            }
        }
        print(server.origin)
        fflush(nil)
        while readLine() != nil {}
        server.stop()
    }

    private static func clip(_ megabytes: Int, _ connection: RawConnection) throws {
        let head: [UInt8] =
            [0, 0, 0, 8] + Array("ftyp".utf8) + [0, 0, 0, 24] + Array("moov".utf8) + [0, 0, 0, 16] + Array("trak".utf8)
            + [0, 0, 0, 8] + Array("stsd".utf8)
        let rest = UInt32(megabytes << 20 - head.count)
        let box = (0..<4).reversed().map { UInt8(truncatingIfNeeded: rest >> (8 * UInt32($0))) } + Array("mdat".utf8)
        try connection.write("HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: \(megabytes << 20)\r\n\r\n")
        try connection.write(head + box)
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for _ in 1..<megabytes { try connection.write(zeros) }
        try connection.write(Array(zeros.dropLast(head.count + box.count)))
    }
}
