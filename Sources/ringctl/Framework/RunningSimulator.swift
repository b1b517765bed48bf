import FoundationEssentials
import Glibc
import RingJSONAPI

/// The simulator that was started last on this machine: where it is, for commands that control it.
///
/// A simulator keeps a lock (`flock`) on its file for as long as it runs, which the system ends with the process. A file
/// without a lock is of one that was killed.
struct RunningSimulator: Sendable {
    /// The origin of the journal, the switches and the events.
    var controlURL: String
    /// All of what the file says: `api_url`, `oauth_url`, `media_url`, `control_url`, `pid`.
    var members: JSONAPIValue

    /// Where the file is: in `$XDG_RUNTIME_DIR`, else in `$XDG_STATE_HOME`, else in the user's folder.
    static func path(_ environment: [String: String]) -> String {
        for name in ["XDG_RUNTIME_DIR", "XDG_STATE_HOME"] {
            if let folder = environment[name], folder.hasPrefix("/") { return folder + "/ringctl/simulator.json" }
        }
        return (environment["HOME"] ?? ".") + "/.local/state/ringctl/simulator.json"
    }

    /// The simulator that was started last; `nil` when none runs.
    static func find(_ environment: [String: String]) -> Self? {
        let path = Self.path(environment)
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // Whoever gets the lock knows that nobody has it.
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)),
            let members = try? JSONAPIValue(parsing: Array(data)), let url = members["control_url"]?.string
        else { return nil }
        return Self(controlURL: url, members: members)
    }

    /// The file of a simulator of this process.
    final class Announcement: Sendable {
        private let path: String
        private let descriptor: Int32

        /// Writes the file. A failure is not one of the simulator: then it is found by its control URL alone.
        init?(_ origins: [(String, JSONAPILiteral)], _ environment: [String: String]) {
            self.path = RunningSimulator.path(environment)
            let folder = URL(fileURLWithPath: self.path).deletingLastPathComponent()
            try? FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let temporary = "\(self.path).\(getpid()).tmp"
            unsafe unlink(temporary)
            self.descriptor = unsafe open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard self.descriptor >= 0 else { return nil }
            let text = JSONAPILiteral.object(origins + [("pid", .int(Int64(getpid())))]).line + "\n"
            let bytes = Array(text.utf8)
            let isWritten = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(self.descriptor, $0.baseAddress, $0.count) == $0.count
            }
            guard isWritten, flock(self.descriptor, LOCK_EX | LOCK_NB) == 0, unsafe rename(temporary, self.path) == 0
            else {
                unsafe unlink(temporary)
                close(self.descriptor)
                return nil
            }
        }

        /// Removes the file, unless a later simulator has replaced it.
        func end() {
            var (own, current) = (stat(), stat())
            if unsafe fstat(self.descriptor, &own) == 0, unsafe lstat(self.path, &current) == 0,
                own.st_ino == current.st_ino, own.st_dev == current.st_dev
            {
                unsafe unlink(self.path)
            }
            close(self.descriptor)
        }
    }
}
