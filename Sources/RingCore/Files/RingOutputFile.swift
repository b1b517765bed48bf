#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A file that is written under a temporary name in its folder and gets its final name when it is complete.
///
/// One actor uses it, best on a thread of its own (``RingFileExecutor``), because a disk can block for seconds. A file that is
/// released without ``finish(mode:isDurable:)`` is closed, and removed unless its name is lasting.
package final class RingOutputFile {
    /// The final path.
    package let destination: RingFileDestination
    /// The path before ``finish(mode:isDurable:)``.
    package let temporary: String
    /// The length of the file.
    package private(set) var length: Int64 = 0
    private let naming: RingFileDestination.TemporaryName
    private var descriptor: Int32

    /// Creates the file, readable by this user alone.
    ///
    /// - Throws: `RingError` with `storageFailed` or `diskFull`, as every function here.
    package init(_ destination: RingFileDestination, _ naming: RingFileDestination.TemporaryName) throws(RingError) {
        self.destination = destination
        self.naming = naming
        (self.descriptor, self.temporary) = try destination.createTemporary(naming)
    }

    /// Opens a file that a killed process has left under its temporary name.
    ///
    /// - Throws: `RingError` with `invalidArgument` when it is still being written, or is no ordinary file.
    package init(resuming temporary: String, as destination: RingFileDestination) throws(RingError) {
        self.destination = destination
        self.naming = .lasting
        self.temporary = temporary
        (self.descriptor, self.length) = try RingPartFiles.openAbandoned(temporary)
    }

    deinit {
        guard self.descriptor >= 0 else { return }
        close(self.descriptor)
        if self.naming == .removable { unsafe unlink(self.temporary) }
    }

    /// Writes a whole file at once: a reader sees the old one or the new one.
    package static func replace(_ path: String, with bytes: [UInt8], mode: UInt32, isDurable: Bool) throws(RingError) {
        let file = try RingOutputFile(try RingFileDestination(path), .removable)
        try file.write(bytes)
        try file.finish(mode: mode, isDurable: isDurable)
    }

    /// Appends bytes.
    package func write(_ bytes: [UInt8]) throws(RingError) {
        try self.write(bytes, at: self.length)
        self.length += Int64(bytes.count)
    }

    /// Replaces bytes inside the file.
    package func overwrite(_ bytes: [UInt8], at offset: Int64) throws(RingError) {
        try self.write(bytes, at: offset)
    }

    /// Reads bytes, fewer at the end of the file.
    package func read(_ count: Int, at offset: Int64) throws(RingError) -> [UInt8] {
        var number: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let base = buffer.baseAddress {
                let result = unsafe pread(self.descriptor, base + filled, count - filled, off_t(offset) + off_t(filled))
                if result > 0 {
                    filled += result
                } else if result == 0 || errno != EINTR {
                    number = result == 0 ? 0 : errno
                    return
                }
            }
        }
        if number != 0 { throw .file("read", self.destination.path, number) }
        return bytes
    }

    /// Removes what is behind an offset.
    package func cut(to length: Int64) throws(RingError) {
        guard ftruncate(self.descriptor, off_t(length)) == 0 else {
            throw .file("shorten", self.destination.path, errno)
        }
        self.length = length
    }

    /// Forces what is written to the disk.
    package func save() throws(RingError) {
        if fsync(self.descriptor) != 0 { throw .file("save to the disk", self.destination.path, errno) }
    }

    /// Forces the file to the disk, gives it its mode and its name, and forces the name to the disk.
    ///
    /// - Parameter replaces: Whether a file that has the name is replaced. If not, the error has the code `invalidArgument`.
    package func finish(mode: UInt32, isDurable: Bool, replaces: Bool = true) throws(RingError) {
        if isDurable { try self.save() }
        guard fchmod(self.descriptor, mode_t(mode & 0o777)) == 0 else {
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
            self.removeIfRemovable()
            throw .file("close", self.destination.path, number)
        }
        let failure = replaces ? self.replaceName() : self.addName(lock)
        guard failure == 0 else {
            self.removeIfRemovable()
            if !replaces, failure == EEXIST {
                throw .invalidArgument("“\(self.destination.path)” exists and is not replaced; choose another name")
            }
            if failure == EXDEV {
                throw .invalidArgument(
                    "“\(self.destination.path)” is in another file system than “\(self.temporary)”; choose a name in "
                        + "the same one")
            }
            throw .file("give the final name to", self.destination.path, failure)
        }
        if isDurable { self.destination.saveFolder() }
    }

    /// Removes the file, unless it has its final name.
    package func discard() {
        guard self.descriptor >= 0 else { return }
        close(self.descriptor)
        self.descriptor = -1
        unsafe unlink(self.temporary)
    }

    /// Whether the file has its final name already, and its temporary one, too.
    package var hasBothNames: Bool { self.hasBothNames(self.descriptor) }

    private func hasBothNames(_ descriptor: Int32) -> Bool {
        // Only for names that differ: the temporary one is removed then.
        guard RingPartFiles.finalPath(of: self.temporary) == self.destination.path else { return false }
        var (file, named) = (stat(), stat())
        guard unsafe fstat(descriptor, &file) == 0, unsafe lstat(self.destination.path, &named) == 0 else {
            return false
        }
        return file.st_ino == named.st_ino && file.st_dev == named.st_dev
    }

    /// - Returns: The error number, or 0.
    private func replaceName() -> Int32 {
        unsafe rename(self.temporary, self.destination.path) == 0 ? 0 : errno
    }

    /// Gives the file its final name in one step with the check that no file has it.
    ///
    /// - Returns: The error number, or 0.
    private func addName(_ descriptor: Int32) -> Int32 {
        if unsafe link(self.temporary, self.destination.path) != 0 {
            switch errno {
            case EEXIST where self.hasBothNames(descriptor): break
            case EPERM, EOPNOTSUPP, ENOSYS, EMLINK:
                // A file system without hard links.
                return self.destination.exists ? EEXIST : self.replaceName()
            case let number: return number
            }
        }
        return unsafe unlink(self.temporary) == 0 ? 0 : errno
    }

    private func removeIfRemovable() {
        if self.naming == .removable { unsafe unlink(self.temporary) }
    }

    private func write(_ bytes: [UInt8], at offset: Int64) throws(RingError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return 0 }
                let place = off_t(offset) + off_t(written)
                return unsafe pwrite(self.descriptor, base + written, bytes.count - written, place)
            }
            if count < 0 {
                guard errno != EINTR else { continue }
                throw .file("write to", self.destination.path, errno)
            }
            written += count
        }
    }
}
