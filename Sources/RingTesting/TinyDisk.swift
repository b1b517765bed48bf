#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
#if canImport(Glibc)
internal import Glibc
#endif

/// A file system of a few pages in memory, unmounted when it is let go of. Needs root.
package final class TinyDisk: Sendable {
    /// Where it is mounted.
    package let path: String

    /// Mounts it; `nil` without the right to.
    package init?(bytes: Int) {
        #if os(Linux)
        let url = FileManager.default.temporaryDirectory.appending(path: "ring-disk-\(UUID().uuidString)")
        guard getuid() == 0,
            (try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)) != nil
        else { return nil }
        let isMounted = unsafe "size=\(bytes)".withCString { unsafe mount("tmpfs", url.path(), "tmpfs", 0, $0) } == 0
        guard isMounted else {
            try? FileManager.default.removeItem(at: url)
            return nil
        }
        self.path = url.path()
        #else
        return nil
        #endif
    }

    deinit {
        #if os(Linux)
        _ = unsafe umount2(self.path, 2)
        try? FileManager.default.removeItem(atPath: self.path)
        #endif
    }
}
