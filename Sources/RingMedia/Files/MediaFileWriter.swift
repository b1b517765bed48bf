internal import Dispatch
internal import RingCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Writes one file under a temporary name in the same folder and gives it its final name when it is complete.
///
/// An actor on a thread of its own, see `FileExecutor`. Every download ends with ``finish()`` or ``discard()``; a
/// writer that is released without either closes and removes its file.
actor MediaFileWriter {
    private let executor = FileExecutor()
    private let destination: MediaFileDestination
    private let isDurable: Bool
    private let mode: UInt32
    private let makeDigest: (@Sendable () -> any RingMediaDigest)?
    private var digest: (any RingMediaDigest)?
    private var descriptor: Int32 = -1
    private var written: Int64 = 0
    private var temporary = ""

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    /// Creates no file yet, because that may have to wait for the disk.
    init(
        _ destination: MediaFileDestination, isDurable: Bool, mode: UInt32,
        digest: (@Sendable () -> any RingMediaDigest)?
    ) {
        self.destination = destination
        self.isDurable = isDurable
        self.mode = mode
        self.makeDigest = digest
    }

    deinit {
        guard self.descriptor >= 0 else { return }
        close(self.descriptor)
        unsafe unlink(self.temporary)
    }

    /// Reads media to its end and writes each chunk when it arrives, into an empty file: a new one, or that of an earlier
    /// attempt.
    ///
    /// The transfer continues during a write, up to the buffer of the transport; then the sender has to wait.
    func copy(_ reader: sending MediaReader) async throws {
        try self.begin()
        while let chunk = try await reader.next() {
            try self.writeAll(chunk)
            self.digest?.update(chunk)
            self.written += Int64(chunk.count)
        }
    }

    /// Forces the file to the disk, gives it its mode and its name, and forces the name to the disk.
    ///
    /// - Returns: The number of bytes and their digest.
    func finish() throws(RingError) -> (bytes: Int64, digest: String?) {
        if self.isDurable, fsync(self.descriptor) != 0 {
            throw .file("save to the disk", self.destination.path, errno)
        }
        guard fchmod(self.descriptor, mode_t(self.mode & 0o777)) == 0 else {
            throw .file("set the mode of", self.destination.path, errno)
        }
        // The lock of the temporary file belongs to both descriptors, so it lasts until the file has its final name.
        let lock = fcntl(self.descriptor, F_DUPFD_CLOEXEC, 0)
        guard lock >= 0 else { throw .file("close", self.destination.path, errno) }
        defer { close(lock) }
        // Some file systems report a full disk only now.
        let isClosed = close(self.descriptor) == 0 || errno == EINTR
        let number = errno
        self.descriptor = -1
        guard isClosed else {
            unsafe unlink(self.temporary)
            throw .file("close", self.destination.path, number)
        }
        guard unsafe rename(self.temporary, self.destination.path) == 0 else {
            let number = errno
            unsafe unlink(self.temporary)
            throw .file("give the final name to", self.destination.path, number)
        }
        if self.isDurable { self.destination.saveFolder() }
        return (self.written, self.digest?.hexadecimal())
    }

    /// Removes the temporary file.
    func discard() {
        guard self.descriptor >= 0 else { return }
        close(self.descriptor)
        self.descriptor = -1
        unsafe unlink(self.temporary)
    }

    private func begin() throws(RingError) {
        if self.descriptor < 0 {
            (self.descriptor, self.temporary) = try self.destination.createTemporary()
        } else if ftruncate(self.descriptor, 0) != 0 || lseek(self.descriptor, 0, SEEK_SET) != 0 {
            throw .file("empty the temporary file of", self.destination.path, errno)
        }
        self.written = 0
        self.digest = self.makeDigest?()
    }

    private func writeAll(_ chunk: [UInt8]) throws(RingError) {
        var offset = 0
        while offset < chunk.count {
            let count = unsafe chunk.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return 0 }
                return unsafe Self.systemWrite(self.descriptor, base + offset, bytes.count - offset)
            }
            if count < 0 {
                guard errno != EINTR else { continue }
                throw .file("write to", self.destination.path, errno)
            }
            offset += count
        }
    }

    private static func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Glibc)
        return unsafe Glibc.write(file, bytes, count)
        #elseif canImport(Musl)
        return unsafe Musl.write(file, bytes, count)
        #else
        return unsafe Darwin.write(file, bytes, count)
        #endif
    }
}

/// Runs an actor's jobs one after the other on a thread of its own.
///
/// Writing to a disk can block for seconds, and a blocked thread of Swift's pool is not available to any task of the process.
/// The number of threads is that of the downloads, and a slow disk slows its own download only.
private final class FileExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "ring.media.file")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }
}
