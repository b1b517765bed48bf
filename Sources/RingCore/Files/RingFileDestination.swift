#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The path of a file that does not exist yet, or will be replaced.
package struct RingFileDestination: Sendable {
    /// What a file is called before it has its final name.
    package enum TemporaryName: Sendable {
        /// A hidden name. What a killed process leaves is removed by the next writer into the folder.
        case removable
        /// The final name with a word of its own and `part`. What a killed process leaves is of use, and stays.
        case lasting
    }

    /// The final path, as requested.
    package let path: String
    /// The folder of the file.
    package let folder: String

    /// Checks the path before anything is sent: the folder exists and is writable, and the path is free or a file.
    ///
    /// - Throws: `RingError` with `invalidArgument`, `storageFailed` or `diskFull`.
    package init(_ path: String) throws(RingError) {
        guard !path.isEmpty, !path.utf8.contains(0), path.utf8.last != UInt8(ascii: "/") else {
            throw .invalidArgument("“\(path)” is not the path of a file; pass an existing folder and a file name")
        }
        self.path = path
        if let slash = path.lastIndex(of: "/") {
            let folder = String(path[..<slash])
            self.folder = folder.isEmpty ? "/" : folder
        } else {
            self.folder = "."
        }
        guard let folderMode = Self.mode(of: self.folder) else { throw .file("write to", path, errno) }
        guard folderMode & S_IFMT == S_IFDIR else { throw .file("write to", path, ENOTDIR) }
        guard unsafe access(self.folder, W_OK | X_OK) == 0 else { throw .file("write to", path, errno) }
        if let mode = Self.mode(of: path), mode & S_IFMT != S_IFREG {
            throw .invalidArgument(
                "“\(path)” exists and is no ordinary file; it is not replaced, so choose another name")
        }
    }

    /// Whether there is a file with the final name.
    package var exists: Bool { Self.mode(of: self.path) != nil }

    /// Removes what killed writers left in the folder, and creates an empty file with a name of its own beside the final
    /// one: readable by this user alone, and locked until ``RingOutputFile`` has given it its final name.
    ///
    /// - Returns: The open file and its path.
    func createTemporary(_ naming: TemporaryName) throws(RingError) -> (descriptor: Int32, path: String) {
        RingPartFiles.removeAbandoned(in: self.folder)
        for _ in 0..<16 {
            let path: String
            switch naming {
            case .removable:
                path = (self.folder == "/" ? "" : self.folder) + "/" + RingPartFiles.makeName()
            case .lasting: path = RingPartFiles.lastingName(for: self.path)
            }
            let descriptor = unsafe open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else {
                guard errno == EEXIST || errno == EINTR else { throw .file("create a file beside", self.path, errno) }
                continue
            }
            guard RingPartFiles.lock(descriptor) else {
                close(descriptor)
                unsafe unlink(path)
                continue
            }
            return (descriptor, path)
        }
        throw .file("create a file beside", self.path, EEXIST)
    }

    /// Forces the folder's entries to the disk. The file has its name already, so a failure changes nothing.
    func saveFolder() {
        let descriptor = unsafe open(self.folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        close(descriptor)
    }

    private static func mode(of path: String) -> mode_t? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return status.st_mode
    }
}
