internal import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The file of a state, which one simulator has at a time.
///
/// Reading and writing have a thread of their own: a disk that hangs holds up nothing else.
actor StateDisk {
    /// Replaces a file by bytes.
    typealias Write = @Sendable (_ path: String, _ bytes: [UInt8]) throws -> Void

    /// What came of writing.
    enum Outcome: Sendable {
        case written
        case failed(String)
    }

    private let executor = RingFileExecutor()
    /// The path without symbolic links, so that a link stays one.
    private nonisolated let path: String
    private let write: Write
    /// The version that was written last.
    private var newest: UInt64 = 0
    /// The descriptor of the lock.
    private nonisolated let lock = Mutex<Int32?>(nil)

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    /// - Parameter write: Replaces the file; `nil` for a write that a kill leaves whole.
    init(_ path: String, write: Write?) {
        self.path = Self.resolved(path)
        self.write = write ?? { try RingOutputFile.replace($0, with: $1, mode: 0o600, isDurable: true) }
    }

    deinit { self.unlock() }

    /// Takes the lock and reads the file.
    ///
    /// - Returns: Its bytes; `nil` when there is none.
    func read() -> Result<[UInt8]?, RingSimulatorError> {
        do {
            _ = try RingFileDestination(self.path)
            if (try? FileManager.default.destinationOfSymbolicLink(atPath: self.path)) != nil {
                throw RingSimulatorError(message: "the symbolic link leads to itself, or through more than 40 others")
            }
            try self.takeLock()
            guard unsafe access(self.path, F_OK) == 0 else { return .success(nil) }
            guard unsafe access(self.path, R_OK) == 0 else { throw RingError.file("read", self.path, errno) }
            return .success(Array(try Data(contentsOf: URL(fileURLWithPath: self.path))))
        } catch let error as RingSimulatorError {
            return .failure(error)
        } catch {
            let problem = (error as? RingError)?.message ?? "\(error)"
            let isThere = unsafe access(self.path, F_OK) == 0
            return .failure(
                RingSimulatorError(message: "it cannot be \(isThere ? "read" : "written"): \(problem)"))
        }
    }

    /// Replaces the file, unless it has a later version already.
    func save(_ version: UInt64, _ bytes: [UInt8]) -> Outcome {
        guard version >= self.newest else { return .written }
        do {
            try self.write(self.path, bytes)
            self.newest = version
            return .written
        } catch { return .failed((error as? RingError)?.message ?? "\(error)") }
    }

    /// Two simulators with one file would replace what the other has written. The system ends the lock with the process.
    private func takeLock() throws {
        let path = self.path + ".lock"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw RingError.file("create", path, errno) }
        // A file system without locks: then two simulators are not told apart.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            close(descriptor)
            throw RingSimulatorError(
                message: "another simulator that runs has it; stop that one, or give this one a file of its own")
        }
        self.lock.withLock { $0 = descriptor }
    }

    /// Lets another simulator have the file, after what is being written.
    func release() { self.unlock() }

    private nonisolated func unlock() {
        if let descriptor = self.lock.withLock({ $0.take() }) { close(descriptor) }
    }

    /// What a path leads to by symbolic links, which may not be there yet.
    private static func resolved(_ path: String) -> String {
        var path = path
        // As many links as Linux follows.
        for _ in 0..<40 {
            if let full = unsafe realpath(path, nil) {
                defer { unsafe free(full) }
                return unsafe String(cString: full)
            }
            // An error: it is no link.
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { break }
            // Not shortened: what `..` of a target means depends on the links before it.
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            path = target.hasPrefix("/") ? target : "\(folder)/\(target)"
        }
        return path
    }
}
