import Foundation
import RingListener
import RingTesting
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// A server in a process of its own, for tests that take its descriptors, fill its memory, or would crash it.
///
/// `ListenerProbe serve DESCRIPTORS` serves until its standard input ends, with that many descriptors at most (0 leaves the
/// limit). `ListenerProbe stops COUNT` starts and stops that many listeners while clients send damaged requests.
@main
struct ListenerProbe {
    static func main() async throws {
        let number = Int(CommandLine.arguments.dropFirst(2).first ?? "") ?? 0
        if CommandLine.arguments[1] == "serve" {
            try await Self.serve(descriptors: number)
        } else {
            try await Self.stop(times: number)
        }
    }

    private static func serve(descriptors: Int) async throws {
        #if canImport(Glibc)
        if descriptors > 0 {
            var limit = rlimit(rlim_cur: rlim_t(descriptors), rlim_max: rlim_t(descriptors))
            guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(2) }
        }
        #endif
        let listener = try await RingListener.startRaw { request in
            let text =
                switch request.path {
                case "/open": String(Self.openFiles(16))
                case "/memory": String(Self.residentKilobytes())
                default: String(request.body.count)
                }
            return RingListenerResponse(status: 200, contentType: "text/plain", text: "<\(text)>")
        }
        Self.say("listening \(listener.port)")
        await Task.detached { while !FileHandle.standardInput.availableData.isEmpty {} }.value
        await listener.stop()
        Self.say("stopped")
    }

    /// How many files can be opened at once.
    private static func openFiles(_ count: Int) -> Int {
        let files = (0..<count).compactMap { _ in FileHandle(forReadingAtPath: "/dev/null") }
        for file in files { try? file.close() }
        return files.count
    }

    private static func residentKilobytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return Int(line.filter(\.isNumber)) ?? 0
    }

    private static func stop(times count: Int) async throws {
        let port = Mutex(0)
        let handled = Mutex(0)
        let requests = ["GET /a?b HTTP/1.1\r\nHost: test\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"]
        for client in 0..<3 {
            Thread.detachNewThread {
                var mangler = Mangler(seed: client)
                while true {
                    let bytes = Array(requests[mangler.number(below: 2)].utf8)
                    let sent = mangler.number(below: 3) == 0 ? bytes : mangler.mangle(bytes)
                    Self.send(sent, to: port.withLock { $0 })
                }
            }
        }
        for _ in 0..<count {
            let listener = try await RingListener.startRaw(limits: RingListenerLimits(grace: .milliseconds(1))) { _ in
                handled.withLock { $0 += 1 }
                await Task.yield()
                return RingListenerResponse(status: 200, body: .stream(length: nil, Endless()))
            }
            let before = handled.withLock { $0 }
            port.withLock { $0 = listener.port }
            while handled.withLock({ $0 }) < before + 3 { await Task.yield() }
            await listener.stop()
        }
        Self.say("stopped \(count)")
    }

    /// A body that does not end by itself, so that listeners are stopped in its middle.
    private struct Endless: AsyncSequence, AsyncIteratorProtocol, Sendable {
        func makeAsyncIterator() -> Self { self }

        mutating func next() async throws -> [UInt8]? {
            await Task.yield()
            return Task.isCancelled ? nil : [1, 2, 3]
        }
    }

    /// Sends bytes on a connection of their own and closes it.
    private static func send(_ bytes: [UInt8], to port: Int) {
        #if canImport(Glibc)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { return }
        _ = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        #endif
    }

    private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
