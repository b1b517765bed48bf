import Foundation
import RingCore
import RingCurl
import RingListener
import RingMedia
import RingTesting
import Testing

#if canImport(Glibc)
import Glibc
#endif

#if os(Linux)
/// A child process inherits no file, socket or pipe of this package.
@Suite(.timeLimit(.minutes(2))) struct DescriptorTests {
    /// In a process of its own, whose other tests open nothing.
    @Test func everyDescriptorIsClosedInAChildProcess() async throws {
        await #expect(processExitsWith: .success) {
            let before = Set(try Self.descriptors().keys)
            let (folder, gate) = (try TestFolder(), Gate())
            defer { gate.open() }
            // The listener with a connection that waits, and what looks for its client's hang-up.
            let (arrived, finish) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
            let listener = try await RingListener.startRaw { _ in
                arrived.continuation.yield()
                for await _ in finish.stream { break }
                return RingListenerResponse(status: 200)
            }
            let url = try #require(URL(string: "http://127.0.0.1:\(listener.port)/"))
            let transport = RingCurlTransport()
            let waiting = Task { try await transport.send(RingCall(url: url, operation: .testRead)) }
            for await _ in arrived.stream { break }
            // A download whose file is open, from a server on raw sockets.
            var options = RingMediaOptions(waiting: .none)
            options.digest = { GateDigest(gate: gate) }
            let clip = try Fixture.bytes("clip.mp4")
            let stage = try WireStage(options: options) { _, _, connection in
                try connection.respond(fields: ["Content-Type: video/mp4"], body: clip)
            }
            let download = Task { try await stage.media.download(stage.clip, to: folder.file("a.mp4")) }
            while folder.names.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            // A child process with its pipes.
            let child = try ChildProcess("/bin/sh", ["-c", "cat"], input: nil)

            let opened = try Self.descriptors().filter { !before.contains($0.key) }
            #expect(opened.count >= 12, "\(opened)")
            let inherited = opened.filter { fcntl($0.key, F_GETFD) & FD_CLOEXEC == 0 }
            // libcurl before 8.13 makes two sockets for each transport without the flag, and names them to nobody. They
            // lead from libcurl to itself and hold nothing. A listening or connected socket is never one of them.
            #expect(inherited.count <= 2 * 2, "\(inherited)")
            #expect(inherited.allSatisfy { Self.isUnnamedPair($0.key) }, "\(inherited)")
            for kind in ["socket:", ".part", "pipe:", "eventpoll"] {
                #expect(opened.values.contains { $0.contains(kind) }, "\(kind) is open: \(opened)")
            }
            child.closeInput()
            _ = await child.outcome()

            gate.open()
            _ = try await download.value
            finish.continuation.finish()
            _ = try await waiting.value
            stage.stop()
            await listener.stop()
        }
    }

    /// Whether it is one end of a `socketpair`.
    private static func isUnnamedPair(_ descriptor: Int32) -> Bool {
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let failed = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getpeername(descriptor, $0, &size)
            }
        }
        return failed == 0 && address.sun_family == sa_family_t(AF_UNIX) && size <= 2
    }

    /// The open descriptors and what they are.
    private static func descriptors() throws -> [Int32: String] {
        var found: [Int32: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            // The descriptor of the listing itself is closed by now.
            guard let number = Int32(name), fcntl(number, F_GETFD) >= 0 else { continue }
            found[number] = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
        }
        return found
    }
}
#endif
