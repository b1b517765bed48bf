import Foundation
import RingPartner

/// Files that only this user may read, from their first byte on. Each failure names the file and the reason.
enum PrivateFile {
    /// Writes a file whole: after a crash it is the old one or the new one.
    static func write(_ data: Data, to file: URL) throws {
        let part = file.path + ".part"
        do {
            // One of an earlier crash has the mode that it was created with.
            guard unlink(part) == 0 || errno == ENOENT else { throw Self.failure(file, "replaced", errno) }
            try Self.write(data, part, O_EXCL, of: file)
            guard rename(part, file.path) == 0 else { throw Self.failure(file, "replaced", errno) }
        } catch {
            unlink(part)
            throw error
        }
    }

    /// Adds bytes at the end of a file, which is created when there is none.
    static func append(_ data: Data, to file: URL) throws { try Self.write(data, file.path, O_APPEND, of: file) }

    /// Deletes a file, if there is one.
    static func remove(_ file: URL) throws {
        guard unlink(file.path) == 0 || errno == ENOENT else { throw Self.failure(file, "deleted", errno) }
    }

    private static func write(_ data: Data, _ path: String, _ flags: Int32, of file: URL) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o600)
        guard descriptor >= 0 else { throw Self.failure(file, "written", errno) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        do {
            try handle.write(contentsOf: data)
        } catch {
            close(descriptor)
            throw Self.failure(file, "written", Self.number(of: error))
        }
        guard close(descriptor) == 0 else { throw Self.failure(file, "written", errno) }
    }

    private static func number(of error: any Error) -> Int32 {
        let error = error as NSError
        let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        return cause.domain == NSPOSIXErrorDomain ? Int32(truncatingIfNeeded: cause.code) : EIO
    }

    private static func failure(_ file: URL, _ what: String, _ number: Int32) -> RingError {
        RingError(
            code: .storageFailed,
            message: "\(file.lastPathComponent) cannot be \(what): \(String(cString: strerror(number)))")
    }
}
