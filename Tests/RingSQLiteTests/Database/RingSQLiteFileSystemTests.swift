import Foundation
import RingSQLite
import Testing

@Suite(.timeLimit(.minutes(1))) struct RingSQLiteFileSystemTests {
    @Test(
        arguments: [
            (0x6969, "NFS"), (0x517B, "SMB"), (0xFF53_4D42, "CIFS"), (0xFE53_4D42, "SMB2"), (0x00C3_6400, "Ceph"),
            (0x0102_1997, "9p"), (0x5346_414F, "AFS"), (0x6B41_4653, "AFS"), (0x7375_7245, "Coda"),
            (0x564C, "NCP"), (0x0BD0_0BD0, "Lustre"), (0x4750_4653, "GPFS"), (0x2003_0528, "OrangeFS"),
            // ext4, xfs, btrfs, tmpfs, overlay, zfs, f2fs, FUSE.
            (0xEF53, nil), (0x5846_5342, nil), (0x9123_683E, nil), (0x0102_1994, nil), (0x794C_7630, nil),
            (0x2FC1_2FC1, nil), (0xF2F5_2010, nil), (0x6573_5546, nil), (0, nil),
        ] as [(UInt32, String?)])
    func knowsNetworkFileSystemsOfLinux(type: UInt32, name: String?) {
        #expect(RingSQLiteFileSystem.networkName(type: type) == name)
    }

    @Test(arguments: [
        ("nfs", true), ("smbfs", true), ("afpfs", true), ("webdav", true), ("apfs", false), ("hfs", false),
    ])
    func knowsNetworkFileSystemsOfDarwin(name: String, isNetwork: Bool) {
        #expect((RingSQLiteFileSystem.networkName(name: name) != nil) == isNetwork)
    }

    @Test func aFileOnANetworkFileSystemIsNotMadeUnlessThatIsAllowed() throws {
        let folder = TemporaryFolder()
        #expect {
            try RingSQLiteFile.prepare(folder.file(), options: .init()) { $0 == folder.path ? "NFS" : nil }
        } throws: { error in
            let error = error as? RingSQLiteError
            return error?.code == .networkFileSystem && error?.message.contains("NFS") == true
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file()))
        let options = RingSQLiteOptions(allowsNetworkFileSystem: true)
        _ = try RingSQLiteFile.prepare(folder.file(), options: options) { _ in "NFS" }
        #expect(FileManager.default.fileExists(atPath: folder.file()))
        // The folder is local, but the file is a link to another place.
        #expect(throws: RingSQLiteError.self) {
            try RingSQLiteFile.prepare(folder.file(), options: .init()) { $0 == folder.file() ? "NFS" : nil }
        }
        _ = try RingSQLiteFile.prepare(folder.file(), options: .init())
    }

    /// Under each name SQLite would look for another log, and two processes would write without knowing of each other.
    @Test func aFileWithASecondNameIsRefused() throws {
        let folder = TemporaryFolder()
        _ = try RingSQLiteFile.prepare(folder.file(), options: .init())
        let second = folder.file() + ".second"
        try FileManager.default.linkItem(atPath: folder.file(), toPath: second)
        for path in [folder.file(), second] {
            #expect {
                try RingSQLiteFile.prepare(path, options: .init())
            } throws: { error in
                let error = error as? RingSQLiteError
                return error?.code == .cannotOpen && error?.message.contains("hard link") == true
            }
        }
        try FileManager.default.removeItem(atPath: second)
        _ = try RingSQLiteFile.prepare(folder.file(), options: .init())
        #if os(Linux)
        #expect(RingSQLiteFileSystem.isMountedAlone("/proc"))
        #endif
        #expect(!RingSQLiteFileSystem.isMountedAlone(folder.file()))
    }
}
