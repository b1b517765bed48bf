internal import CRingSQLite

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Which file systems a database may be on.
package enum RingSQLiteFileSystem {
    /// The name of a network file system, by the type that Linux reports; `nil` for every other one. FUSE is not among
    /// them: it carries local file systems as well.
    package static func networkName(type: UInt32) -> String? {
        switch type {
        case 0x6969: "NFS"
        case 0x517B: "SMB"
        case 0xFF53_4D42: "CIFS"
        case 0xFE53_4D42: "SMB2"
        case 0x00C3_6400: "Ceph"
        case 0x0102_1997: "9p"
        case 0x5346_414F, 0x6B41_4653: "AFS"
        case 0x7375_7245: "Coda"
        case 0x0000_564C: "NCP"
        case 0x0BD0_0BD0: "Lustre"
        case 0x4750_4653: "GPFS"
        case 0x2003_0528: "OrangeFS"
        default: nil
        }
    }

    /// The name of a network file system, by the name that Darwin reports; `nil` for every other one.
    package static func networkName(name: String) -> String? {
        ["nfs", "smbfs", "afpfs", "webdav", "ftp", "cifs"].contains(name) ? name : nil
    }

    /// Whether a file is a mount of its own, as when a container is given one file and not the folder.
    package static func isMountedAlone(_ path: String) -> Bool {
        #if os(Linux) || os(Android)
        guard let full = unsafe realpath(path, nil) else { return false }
        defer { unsafe free(full) }
        guard let list = unsafe fopen("/proc/self/mounts", "re") else { return false }
        defer { unsafe fclose(list) }
        var (line, capacity): (UnsafeMutablePointer<CChar>?, Int) = (nil, 0)
        defer { unsafe free(line) }
        while unsafe getline(&line, &capacity, list) > 0 {
            guard let line = unsafe line else { break }
            let fields = unsafe String(cString: line).split(separator: " ")
            if fields.count > 1, String(fields[1]) == Self.mountName(unsafe String(cString: full)) { return true }
        }
        #endif
        return false
    }

    /// A path as the list of mounts writes it.
    private static func mountName(_ path: String) -> String {
        var name = ""
        for character in path.unicodeScalars {
            switch character {
            case " ": name += "\\040"
            case "\t": name += "\\011"
            case "\n": name += "\\012"
            case "\\": name += "\\134"
            default: name.unicodeScalars.append(character)
            }
        }
        return name
    }

    /// The name of the network file system that a path is on; `nil` for a local one, and when it is unknown.
    package static func networkName(ofPath path: String) -> String? {
        var status = statfs()
        guard unsafe statfs(path, &status) == 0 else { return nil }
        #if os(Linux) || os(Android)
        return Self.networkName(type: UInt32(truncatingIfNeeded: status.f_type))
        #else
        let name = unsafe withUnsafeBytes(of: status.f_fstypename) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return Self.networkName(name: name)
        #endif
    }
}
