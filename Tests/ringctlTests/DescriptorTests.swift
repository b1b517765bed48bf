import Foundation
import RingTesting
import Testing

#if os(Linux)
/// What a program that `ringctl` starts would inherit.
@Suite(.timeLimit(.minutes(2))) struct DescriptorTests {
    @Test func aListeningCommandLeavesNothingToAChildProcess() async throws {
        let command = try WebhookCommandTests.listener(["RING_HMAC_KEY": "key", "RING_STORE": "memory"])
        _ = try await WebhookCommandTests.address(of: command)
        // Descriptors that `ringctl` inherited from the process that runs the tests do not count.
        let own = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { name in
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
        }.filter { !$0.hasPrefix("anon_inode:") }
        let folder = "/proc/\(command.pid)/fdinfo"
        let descriptors = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { Int($0) }
        // The pipe of the signals, the listening socket, and what waits for connections.
        #expect(descriptors.filter { $0 > 2 }.count >= 5)
        for descriptor in descriptors where descriptor > 2 {
            let information = try String(contentsOfFile: "\(folder)/\(descriptor)", encoding: .utf8)
            let flags = information.split(separator: "\n").first { $0.hasPrefix("flags:") }?.dropFirst(6)
                .trimmingCharacters(in: .whitespaces)
            let target = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/\(command.pid)/fd/\(descriptor)")
            // A file is one that another test had open when this program was started.
            if target?.hasPrefix("/") == true { continue }
            // O_CLOEXEC; the file shows the flags in octal.
            let isClosed = flags.flatMap { Int($0, radix: 8) }.map { $0 & 0o2_000_000 != 0 }
            #expect(
                isClosed == true || own.contains(target ?? ""), "descriptor \(descriptor), \(target ?? "closed")")
        }
        command.signal(15)
        _ = await command.outcome()
    }
}
#endif
