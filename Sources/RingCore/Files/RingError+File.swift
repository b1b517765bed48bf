#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension RingError.Code {
    /// The disk, or the quota on it, is full.
    public static let diskFull = Self("disk_full")
}

extension RingError {
    /// The error of a failed system call on a file.
    package static func file(_ doing: String, _ path: String, _ number: Int32) -> RingError {
        let isFull = number == ENOSPC || number == EDQUOT
        let reason: String
        switch number {
        case ENOSPC: reason = "the disk is full; free some space"
        case EDQUOT: reason = "the quota is used up; free some space"
        case EFBIG: reason = "the file would be larger than this process or file system allows"
        case EACCES, EPERM: reason = "permission is missing"
        case ENOENT: reason = "the folder does not exist; create it first"
        case ENOTDIR: reason = "a part of the path is not a folder"
        case EROFS: reason = "the file system is read-only"
        case ENAMETOOLONG: reason = "the name is too long"
        case EMFILE, ENFILE: reason = "too many files are open"
        case EBADF: reason = "it is closed"
        case EIO: reason = "the disk failed"
        case EISDIR: reason = "it is a folder"
        case ELOOP: reason = "it is a symbolic link, or a part of the path is one that leads to itself"
        case EXDEV: reason = "the names are in different file systems"
        case EEXIST: reason = "the name is taken"
        case EBUSY, ETXTBSY: reason = "it is in use"
        case ESTALE: reason = "the network file system no longer knows it"
        default: reason = unsafe String(cString: strerror(number)) + " (system error \(number))"
        }
        return RingError(
            code: isFull ? .diskFull : .storageFailed, message: "could not \(doing) “\(path)”: \(reason)")
    }
}
