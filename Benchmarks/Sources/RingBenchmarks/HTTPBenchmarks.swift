import CBenchCurl
import Foundation
import RingCore
import RingCurl
import RingTesting
import Synchronization

extension Benchmark {
    /// A GET of 20 KB over loopback, one after the other, against libcurl with nothing around it.
    ///
    /// The goal is held against the easier row of the two: a loop that never leaves its thread. The other one is what a
    /// transport can come down to whose callers are tasks: one thread passes the request on and another one responds.
    static let httpGet = Benchmark.oneByOne("http.get", .pool)

    /// The same by a task that prefers the transport as its executor, and so never leaves its thread either.
    static let httpGetOnOneThread = Benchmark.oneByOne("http.get.executor", .transport)

    private static func oneByOne(_ name: String, _ caller: Caller) -> Benchmark {
        Benchmark(
            name: name, unit: "call", sizes: [50],
            contenders: { size in
                let url = try BenchmarkServer.shared().url("/20k")
                let raw = RawCurl(url.absoluteString)
                let loop = RawLoop(url.absoluteString)
                return [
                    Contender("RingCurl", times: size, caller) {
                        try await RingCurlTransport.shared.get(url, .benchmarkRead).count
                    },
                    Contender("raw libcurl loop", times: size) { raw.get() },
                    Contender("raw curl_multi, between two threads", times: size) { loop.get() },
                ]
            }, goals: [.atLeast(1 / 1.5, timesAsFastAs: "raw libcurl loop")])
    }

    /// 64 calls at once; time on the wall, the server's share included.
    static let httpConcurrent = Benchmark(
        name: "http.concurrent", unit: "call", measures: .wallTime, sizes: [64],
        contenders: { size in
            let url = try BenchmarkServer.shared().url("/20k")
            return [
                Contender("RingCurl, 64 at once") {
                    try await withThrowingTaskGroup(of: Int.self) { group in
                        for _ in 0..<size {
                            group.addTask { try await RingCurlTransport.shared.get(url, .benchmarkRead).count }
                        }
                        return try await group.reduce(0, +)
                    }
                }
            ]
        })

    /// How long the slowest hundredth of the calls takes, of ten bursts of 64 at once; on the wall.
    static let httpConcurrentTail = Benchmark(
        name: "http.concurrent.p99", unit: "call at the 99th percentile", measures: .ownTime, sizes: [1],
        contenders: { _ in
            let url = try BenchmarkServer.shared().url("/20k")
            return [
                Contender("RingCurl, 64 at once") {
                    var times: [Duration] = []
                    for _ in 0..<10 {
                        times += try await withThrowingTaskGroup(of: Duration.self) { group in
                            for _ in 0..<64 {
                                group.addTask {
                                    let start = ContinuousClock.now
                                    _ = try await RingCurlTransport.shared.get(url, .benchmarkRead)
                                    return ContinuousClock.now - start
                                }
                            }
                            return try await group.reduce(into: []) { $0.append($1) }
                        }
                    }
                    times.sort()
                    return Int(times[times.count * 99 / 100] / .microseconds(1))
                }
            ]
        }, goals: [.atMost(microsecondsAUnit: 20_000)])

    /// 200 MB to a file, against the `curl` program.
    static let httpFile = Benchmark(
        name: "http.file", unit: "MB", measures: .wallTime, sizes: [200],
        contenders: { size in
            let url = try BenchmarkServer.shared().url("/big")
            let path = FileManager.default.temporaryDirectory.appendingPathComponent("ring-benchmark.bin").path
            return [
                Contender("RingCurl, streamed to a file") {
                    let file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0o600)
                    defer { close(file) }
                    let response = try await RingCurlTransport.shared.send(
                        RingHTTPRequest(url: url), for: .benchmarkDownload)
                    var count = 0
                    for try await chunk in response.body {
                        count += chunk.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
                    }
                    return count
                },
                Contender("the curl program") {
                    let process = Process()
                    process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
                    process.arguments = ["-s", "--noproxy", "*", "-o", path, url.absoluteString]
                    try process.run()
                    process.waitUntilExit()
                    return Int(process.terminationStatus)
                },
            ]
        }, goals: [.atLeast(0.9, timesAsFastAs: "the curl program")])
}

extension RingCurlTransport {
    fileprivate func get(_ url: URL, _ operation: RingOperation) async throws -> [UInt8] {
        try await self.send(RingHTTPRequest(url: url), for: operation).body.collect(upTo: 1 << 20)
    }
}

/// libcurl's easy handle. `@unchecked Sendable`: it has no lock, and needs none, since contenders run one after the other.
final class RawCurl: @unchecked Sendable {
    private let easy: UnsafeMutableRawPointer?
    private var buffer = [CChar](repeating: 0, count: 1 << 20)

    init(_ url: String, fields: [String] = ["Accept:"]) {
        self.easy = bench_curl_make(url)
        bench_curl_set_fields(self.easy, fields.reduce(nil) { curl_slist_append($0, $1) })
    }
    deinit { curl_easy_cleanup(self.easy) }
    func get() -> Int { bench_curl_get(self.easy, &self.buffer, self.buffer.count) }
    func getBytes() -> [UInt8] {
        let count = self.get()
        return self.buffer.withUnsafeBytes { Array($0.prefix(count)) }
    }
}

/// libcurl's multi handle on a thread of its own. `@unchecked Sendable`: its C side has the lock between the two threads, and
/// contenders ask one after the other.
private final class RawLoop: @unchecked Sendable {
    private let loop: UnsafeMutablePointer<bench_loop>?
    private var buffer = [CChar](repeating: 0, count: 1 << 20)

    init(_ url: String) {
        self.loop = bench_loop_make(url)
        bench_curl_set_fields(self.loop?.pointee.easy, curl_slist_append(nil, "Accept:"))
    }
    deinit { bench_loop_free(self.loop) }
    func get() -> Int { bench_loop_get(self.loop, &self.buffer, self.buffer.count) }
}

/// The server, in a process of its own: its processor time is not the client's.
final class BenchmarkServer: Sendable {
    private static let running = Mutex<BenchmarkServer?>(nil)
    private let port: Int

    static func shared() throws -> BenchmarkServer {
        try self.running.withLock { running in
            if let running { return running }
            let server = try BenchmarkServer()
            running = server
            return server
        }
    }

    private init() throws {
        let (input, output) = (Pipe(), Pipe())
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--serve"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        self.port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        // The server ends when this process does, and its standard input with it.
        withExtendedLifetime(input) { _ = Unmanaged.passRetained(input) }
    }

    func url(_ target: String) throws -> URL {
        guard let url = URL(string: "http://127.0.0.1:\(self.port)\(target)") else { throw URLError(.badURL) }
        return url
    }

    /// What the other process does: `ring-benchmarks --serve`.
    static func serve() throws {
        let small = [UInt8](repeating: UInt8(ascii: "a"), count: 20_000)
        let devices = DeviceDocument.bytes(devices: 10)
        let block = [UInt8](repeating: 7, count: 1_000_000)
        let server = try RawServer { connection in
            while let head = try connection.readHead() {
                if head.target.hasPrefix("/v1/devices") {
                    try connection.respond(body: devices)
                    continue
                }
                guard head.target == "/big" else {
                    try connection.respond(body: small)
                    continue
                }
                try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n")
                for _ in 0..<200 { try connection.write(block) }
            }
        }
        FileHandle.standardOutput.write(Data("\(server.port)\n".utf8))
        while !FileHandle.standardInput.availableData.isEmpty {}
        server.stop()
    }
}

extension RingOperation {
    fileprivate static let benchmarkRead = Self("benchmark.read", retry: .idempotent)
    fileprivate static let benchmarkDownload = Self(
        "benchmark.download", retry: .idempotent, carriesAccessToken: false, countsAgainstRateLimit: false, lane: .media
    )
}
