#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The database file and its folder, with the modes that keep secrets to their owner.
package enum RingSQLiteFile {
    /// Tells a file from every other one, whatever path leads to it.
    package struct Identity: Hashable, Sendable {
        var device: UInt64
        var inode: UInt64
    }

    /// Makes the file (0600) and its missing folders (0700), and takes away what a wider mode gave to others.
    ///
    /// SQLite gives `-wal` and `-shm` the mode of the main file, so the main file must have it before SQLite comes. A file
    /// that exists is never opened here: closing it would drop the locks of this process.
    ///
    /// - Parameter networkName: The name of the network file system that a path is on.
    /// - Throws: ``RingSQLiteError``.
    package static func prepare(
        _ path: String, options: RingSQLiteOptions,
        networkName: (String) -> String? = RingSQLiteFileSystem.networkName(ofPath:)
    ) throws -> Identity {
        try Self.makeFolders(above: path)
        let folder = Self.folder(of: path)
        if !options.allowsNetworkFileSystem, let name = networkName(folder) { throw Self.networkFailure(path, name) }
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
            Self.synchronise(folder: folder)
        } else if errno != EEXIST {
            throw Self.failure(path, "cannot be created")
        }
        let status = try Self.status(of: path)
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw RingSQLiteError(code: .cannotOpen, message: "\(path) is not a plain file; name a file")
        }
        guard status.st_nlink <= 1, !RingSQLiteFileSystem.isMountedAlone(path) else { throw Self.aliasFailure(path) }
        // A link may lead to another file system.
        if !options.allowsNetworkFileSystem, let name = networkName(path) { throw Self.networkFailure(path, name) }
        guard unsafe access(path, R_OK | W_OK) == 0 else { throw Self.failure(path, "cannot be opened for writing") }
        if status.st_mode & 0o077 != 0 {
            guard unsafe chmod(path, 0o600) == 0 else { throw Self.failure(path, "is readable by others") }
            for suffix in ["-wal", "-shm"] { unsafe chmod(path + suffix, 0o600) }
        }
        return Identity(status)
    }

    /// Which file a path leads to now.
    static func identity(of path: String) throws -> Identity { Identity(try Self.status(of: path)) }

    private static func status(of path: String) throws -> stat {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw Self.failure(path, "cannot be examined") }
        return status
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

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    /// A new file's name is durable only once its folder is.
    private static func synchronise(folder: String) {
        let descriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func networkFailure(_ path: String, _ name: String) -> RingSQLiteError {
        RingSQLiteError(
            code: .networkFileSystem,
            message: """
                \(path) is on a network file system (\(name)), where the file locks that SQLite needs are not reliable and \
                stored tokens can be lost; put the file on a local disk, or set allowsNetworkFileSystem
                """)
    }

    /// SQLite finds the log beside the name that it was given.
    private static func aliasFailure(_ path: String) -> RingSQLiteError {
        RingSQLiteError(
            code: .cannotOpen,
            message: """
                \(path) is a hard link, or a file that is mounted by itself: its -wal file would not be found under its other \
                name, and what is in it would be lost; name the file itself, and mount the folder it is in
                """)
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
        return RingSQLiteError(code: code, message: "\(path) \(what): \(reason); check the path and its permissions")
    }
}

extension RingSQLiteFile.Identity {
    fileprivate init(_ status: stat) {
        self.device = UInt64(truncatingIfNeeded: status.st_dev)
        self.inode = UInt64(truncatingIfNeeded: status.st_ino)
    }
}
