internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension TransportConformance {
    static let resourceChecks: [Check] = [
        Check("holds no descriptor and no memory after 10,000 calls") { try await $0.leaksNothing() },
        Check("carries a large body in bounded memory") { try await $0.boundsMemory() },
    ]

    private func leaksNothing() async throws {
        let server = try ConformanceServers.echo()
        defer { server.stop() }
        let dropping = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nabc")
            if connection.index.isMultiple(of: 2) { connection.waitUntilClosed() }
        }
        defer { dropping.stop() }
        func calls(_ count: Int) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<8 {
                    group.addTask {
                        for turn in stride(from: lane, to: count, by: 8) {
                            switch turn % 10 {
                            case 0: _ = try? await self.transport.send(self.request(dropping))
                            case 1:
                                let request = try self.request(dropping)
                                let task = Task { try await self.exchange(request).body.count }
                                await Task.yield()
                                task.cancel()
                                _ = try? await task.value
                            case 2:
                                try await self.exchange(
                                    self.request(server, method: .post, body: RingHTTPBody("x")))
                            default: try await self.exchange(self.request(server, "/\(turn)"))
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        try await calls(1_000)
        try await self.eventually("dropped connections end") { dropping.openConnections == 0 }
        let descriptors = ProcessMeasure.openDescriptors
        let memory = ProcessMeasure.residentBytes
        try await calls(10_000)
        try await self.eventually("dropped connections end") { dropping.openConnections == 0 }
        let moreDescriptors = ProcessMeasure.openDescriptors - descriptors
        let moreMemory = ProcessMeasure.residentBytes - memory
        try self.expect(moreDescriptors <= 8, "\(moreDescriptors) more descriptors after 10,000 calls")
        try self.expect(moreMemory <= 8 * 1024 * 1024, "\(moreMemory) more bytes after 10,000 calls")
    }

    private func boundsMemory() async throws {
        // The first bytes of everything: threads, TLS, the allocator's pools.
        var warmUp = self
        warmUp.largeBody = 8 * 1024 * 1024
        try await warmUp.carriesLargeBodies()
        let before = ProcessMeasure.residentBytes
        try await self.carriesLargeBodies()
        let more = ProcessMeasure.peakResidentBytes - before
        try self.expect(more <= 16 * 1024 * 1024, "\(more) more bytes at the peak of \(self.largeBody) both ways")
    }
}

/// What the process holds, as the system sees it. Zero where there is no `/proc`.
package enum ProcessMeasure {
    static var openDescriptors: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }

    package static var residentBytes: Int64 { Self.status("VmRSS:") }

    static var peakResidentBytes: Int64 { Self.status("VmHWM:") }

    private static func status(_ name: String) -> Int64 {
        guard let data = try? Data(contentsOf: URL(filePath: "/proc/self/status")) else { return 0 }
        let text = String(decoding: data, as: UTF8.self)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return 0 }
        return (line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int64($0) } ?? 0) * 1_024
    }
}
