#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The database file and its folder, with the modes that keep secrets to their owner.
enum RingSQLiteFile {
    /// Makes the file (0600) and its missing folders (0700), and takes away what a wider mode gave to others.
    ///
    /// SQLite gives `-wal` and `-shm` the mode of the main file, so the main file must have it before SQLite comes.
    ///
    /// - Throws: ``RingSQLiteError``.
    static func prepare(_ path: String) throws {
        try Self.makeFolders(above: path)
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, "cannot be opened for writing") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Self.failure(path, "cannot be examined") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw RingSQLiteError(code: .cannotOpen, message: "\(path) is not a plain file. Name a file.")
        }
        if status.st_mode & 0o077 != 0 {
            guard fchmod(descriptor, 0o600) == 0 else { throw Self.failure(path, "is readable by others") }
            for suffix in ["-wal", "-shm"] { unsafe chmod(path + suffix, 0o600) }
        }
        Self.synchroniseFolder(of: path)
    }

    private static func makeFolders(above path: String) throws {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true).dropLast()
        var folder = path.hasPrefix("/") ? "" : "."
        for part in parts {
            folder += "/" + part
            if unsafe mkdir(folder, 0o700) != 0, errno != EEXIST, errno != EISDIR {
                // An existing folder above may refuse `mkdir` with other codes; what counts is whether it is there.
                var status = stat()
                guard unsafe stat(folder, &status) == 0 else { throw Self.failure(folder, "cannot be created") }
            }
        }
    }

    /// A new file's name is durable only once its folder is.
    private static func synchroniseFolder(of path: String) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func failure(_ path: String, _ what: String) -> RingSQLiteError {
        let number = errno
        let reason = unsafe String(cString: strerror(number))
        let code: RingSQLiteError.Code =
            switch number {
            case EACCES, EROFS, EPERM: .readOnly
            case ENOSPC, EDQUOT: .diskFull
            default: .cannotOpen
            }
        return RingSQLiteError(code: code, message: "\(path) \(what): \(reason). Check the path and its permissions.")
    }
}
