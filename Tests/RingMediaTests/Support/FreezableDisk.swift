import Foundation
import RingTesting
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// A real file system in a file, which can be made to stand still. Needs root, a loop device and e2fsprogs.
///
/// The system itself freezes it, as it does for a snapshot: whoever writes then waits inside `write`, and cannot be
/// interrupted.
final class FreezableDisk: Sendable {
    let path: String
    private let image: String
    private let keeper = Mutex<ChildProcess?>(nil)

    init?(megabytes: Int) async throws {
        #if os(Linux)
        let name = FileManager.default.temporaryDirectory.appending(path: "ring-disk-\(UUID().uuidString)").path()
        (self.path, self.image) = (name, "\(name).img")
        guard getuid() == 0, FileManager.default.createFile(atPath: self.image, contents: nil) else { return nil }
        try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: true)
        let isMounted = try await Self.shell(
            "truncate -s \(megabytes)M $1 && mkfs.ext4 -q -F $1 && mount -o loop $1 $0", self.path, self.image)
        guard isMounted else { return nil }
        #else
        return nil
        #endif
    }

    deinit {
        #if os(Linux)
        let descriptor = unsafe open(self.path, O_RDONLY)
        // FITHAW, in case a test ended early.
        _ = ioctl(descriptor, 0xC004_5878, 0)
        close(descriptor)
        _ = unsafe umount2(self.path, 2)
        try? FileManager.default.removeItem(atPath: self.path)
        try? FileManager.default.removeItem(atPath: self.image)
        #endif
    }

    /// Makes the disk stand still until ``thaw()``, or until this process ends: nothing else would end the writers then.
    ///
    /// - Returns: Whether it does.
    func freeze() async throws -> Bool {
        let keeper = try ChildProcess(
            "/bin/sh", ["-c", "fsfreeze -f $0 && echo frozen && cat; fsfreeze -u $0", self.path],
            environment: Self.environment, input: nil)
        self.keeper.withLock { $0 = keeper }
        return await keeper.line { $0 == "frozen" } != nil
    }

    /// Lets the writers go on.
    func thaw() async {
        let keeper = self.keeper.withLock { $0.take() }
        keeper?.closeInput()
        _ = await keeper?.outcome()
    }

    private static let environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]

    private static func shell(_ script: String, _ arguments: String...) async throws -> Bool {
        let outcome = try await ChildProcess.run("/bin/sh", ["-c", script] + arguments, environment: Self.environment)
        return outcome.ending == .exited(0)
    }
}
