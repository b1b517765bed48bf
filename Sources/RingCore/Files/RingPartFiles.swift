internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The temporary files that are of no use without their process, and how those of killed processes are removed.
///
/// A writer holds a lock (`flock`) on its file for as long as the file has its temporary name. The system ends the lock
/// with the process, so a file without a lock is abandoned.
package enum RingPartFiles {
    /// The most names of a folder that are looked at, except by a process's first file in it.
    static let maximumNames = 10_000
    /// The folders in which this process has looked at every name.
    private static let swept = Mutex<Set<FolderID>>([])

    private struct FolderID: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    private static let prefix = ".ring-"
    private static let suffix = ".part"
    private static let lastingWordLength = 6

    static func makeName() -> String { "\(Self.prefix)\(Self.word())\(Self.suffix)" }

    /// A word that is used once.
    static func word() -> String { String(UInt64.random(in: .min ... .max), radix: 36) }

    /// The final name with a word and `part`.
    static func lastingName(for path: String) -> String {
        "\(path).\(Self.word().suffix(Self.lastingWordLength))\(Self.suffix)"
    }

    /// The final name of a file with a lasting temporary one; `nil` for other names.
    package static func finalPath(of path: String) -> String? {
        guard path.hasSuffix(Self.suffix) else { return nil }
        let rest = path.dropLast(Self.suffix.count)
        guard let dot = rest.lastIndex(of: "."), let before = rest[..<dot].last, before != "/",
            rest[dot...].utf8.count == Self.lastingWordLength + 1
        else { return nil }
        return String(rest[..<dot])
    }

    /// A file with a lasting temporary name.
    package struct Lasting: Sendable {
        package var path: String
        /// Whether a process is writing it.
        package var isBeingWritten: Bool
        /// Its first bytes, as many as were wanted.
        package var beginning: [UInt8]
    }

    /// The files with a lasting temporary name in a folder, sorted.
    ///
    /// - Parameter count: How many bytes of each are read.
    /// - Throws: `RingError` with `storageFailed` when the folder cannot be read.
    package static func lasting(in folder: String, reading count: Int = 0) throws(RingError) -> [Lasting] {
        guard let directory = unsafe opendir(folder) else { throw .file("read the folder", folder, errno) }
        defer { unsafe closedir(directory) }
        var files: [Lasting] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard Self.finalPath(of: name) != nil else { continue }
            let file = unsafe openat(dirfd(directory), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            guard file >= 0 else { continue }
            defer { close(file) }
            var status = stat()
            guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            // A shared lock, which two that look can have. Without locks nobody knows, so nothing is touched.
            let isFree = flock(file, LOCK_SH | LOCK_NB) == 0
            let beginning = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                filled = max(0, unsafe pread(file, buffer.baseAddress, count, 0))
            }
            files.append(
                Lasting(
                    path: (folder.hasSuffix("/") ? folder : folder + "/") + name, isBeingWritten: !isFree,
                    beginning: beginning))
        }
        return files.sorted { $0.path < $1.path }
    }

    /// Opens a file whose writer was killed, and takes its lock.
    ///
    /// - Returns: The open file and its length.
    static func openAbandoned(_ path: String) throws(RingError) -> (descriptor: Int32, length: Int64) {
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT: throw .invalidArgument("“\(path)” does not exist")
            case ELOOP: throw .invalidArgument("“\(path)” is a symbolic link; pass the file itself")
            case EISDIR: throw .invalidArgument("“\(path)” is a folder; pass the files in it")
            case let number: throw .file("open", path, number)
            }
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            close(descriptor)
            guard number == EWOULDBLOCK else { throw .file("lock", path, number) }
            throw .invalidArgument("“\(path)” is being written; wait for the end of the process that writes it")
        }
        var (file, named) = (stat(), stat())
        // A writer that has just ended gave the file its final name; it is complete then.
        guard unsafe fstat(descriptor, &file) == 0, unsafe lstat(path, &named) == 0, file.st_ino == named.st_ino,
            file.st_dev == named.st_dev, file.st_mode & S_IFMT == S_IFREG
        else {
            close(descriptor)
            throw .invalidArgument("“\(path)” is no ordinary file, or was completed just now")
        }
        return (descriptor, Int64(file.st_size))
    }

    /// Takes the lock of a new file.
    ///
    /// - Returns: Whether the file is this writer's. It is not when another writer has just looked for files without
    ///   a lock; the file is removed then, and needs another name.
    static func lock(_ descriptor: Int32) -> Bool {
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            // A file system without locks: then no process removes the file either.
            return errno != EWOULDBLOCK
        }
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && status.st_nlink > 0
    }

    /// Removes the files in a folder whose writer has ended without removing them.
    static func removeAbandoned(in folder: String) {
        guard let directory = unsafe opendir(folder) else { return }
        defer { unsafe closedir(directory) }
        let descriptor = unsafe dirfd(directory)
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return }
        let id = FolderID(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        let isFirst = Self.swept.withLock { swept in
            // Bounds the memory of a process that writes into very many folders.
            if swept.count >= 1_024 { swept = [] }
            return swept.insert(id).inserted
        }
        var left = isFirst ? Int.max : Self.maximumNames
        while left > 0, let entry = unsafe readdir(directory) {
            left -= 1
            guard let name = unsafe Self.partName(entry) else { continue }
            Self.removeIfAbandoned(name, in: descriptor)
        }
    }

    private static func removeIfAbandoned(_ name: String, in folder: Int32) {
        // Opened for writing, because some network file systems require it for an exclusive lock.
        let file = unsafe openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            flock(file, LOCK_EX | LOCK_NB) == 0
        else { return }
        // A writer that ended in the meantime has given the file its final name; this name is then unused.
        unsafe unlinkat(folder, name, 0)
    }

    /// The name of an entry, when it is that of a temporary file.
    private static func partName(_ entry: UnsafeMutablePointer<dirent>) -> String? {
        unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes -> String? in
            // Most names do not match: compare bytes before a string is made.
            guard unsafe bytes.starts(with: Self.prefix.utf8) else { return nil }
            let name = unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            // A recording can have such a name, too; its temporary file is lasting.
            return name.hasSuffix(Self.suffix) && Self.finalPath(of: name) == nil ? name : nil
        }
    }
}
