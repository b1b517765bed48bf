import FoundationEssentials
import Glibc
import RingJSONAPI
import RingPartner

/// A folder of clips: one folder for each device, one file for each clip, named by its time.
///
/// `.ringctl-sync.json` keeps which folder belongs to which device, so that a renamed device keeps its folder, and how far
/// each is complete. One process at a time writes: the lock (`flock`) on `.ringctl-sync.lock` ends with its process.
final class ClipArchive {
    /// What is known about one device's folder.
    struct Shelf {
        var folder: String
        /// Everything that Ring has between these two moments is in the folder.
        var completeFrom: Date?
        var completeUntil: Date?
    }

    private static let indexName = ".ringctl-sync.json"
    private static let lockName = ".ringctl-sync.lock"
    let path: String
    private var shelves: [String: Shelf] = [:]
    private let lock: Int32

    /// Opens the archive, which is created when its parent is there.
    ///
    /// - Throws: `CommandFailure` when another process works on it, or it cannot be written.
    init(_ path: String) throws {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        if unsafe mkdir(self.path, 0o700) != 0, errno != EEXIST {
            throw UsageError("\(self.path): the folder cannot be created; its parent must exist")
        }
        self.lock = unsafe open(
            "\(self.path)/\(Self.lockName)", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard self.lock >= 0 else {
            throw UsageError("\(self.path): \(errno == ENOTDIR ? "not a folder" : "the folder cannot be written")")
        }
        guard flock(self.lock, LOCK_EX | LOCK_NB) == 0 else {
            close(self.lock)
            throw CommandFailure(
                .server, code: "sync_running", "another `clip sync` works on \(self.path); wait for its end")
        }
        self.shelves = try Self.read("\(self.path)/\(Self.indexName)")
    }

    deinit { close(self.lock) }

    // MARK: Shelves

    /// The folder of a device, which is created.
    func shelf(of device: RingDevice) throws -> Shelf {
        if let shelf = self.shelves[device.id.rawValue] {
            try self.make(shelf.folder)
            return shelf
        }
        let taken = Set(self.shelves.values.map(\.folder))
        let name = Self.fileName(device.name ?? "device")
        let folder = taken.contains(name) ? "\(name)-\(Self.short(device.id.rawValue))" : name
        let shelf = Shelf(folder: folder)
        try self.make(folder)
        try self.keep(shelf, of: device.id)
        return shelf
    }

    /// - Throws: `FolderFailure`.
    private func make(_ folder: String) throws {
        let path = "\(self.path)/\(folder)"
        guard unsafe mkdir(path, 0o700) != 0 else { return }
        let reason = errno
        guard reason == EEXIST else {
            throw FolderFailure(
                "\(path): the folder cannot be created (\(Self.text(reason))); its clips come with the next run")
        }
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw FolderFailure(
                "\(path): something else is in the place of the device's folder; move it away, then run again")
        }
    }

    private static func text(_ reason: Int32) -> String { unsafe String(cString: strerror(reason)) }

    /// The folder of one device cannot be used; those of the others can.
    struct FolderFailure: Error {
        /// What the command says of it: the result could not be written.
        let failure: CommandFailure

        init(_ message: String) { self.failure = CommandFailure(.server, code: "output_failed", message) }
    }

    /// Writes what is known about a device, whole or not at all.
    func keep(_ shelf: Shelf, of device: RingDeviceID) throws {
        self.shelves[device.rawValue] = shelf
        let members = self.shelves.sorted { $0.key < $1.key }.map { id, shelf in
            (
                id,
                JSONAPILiteral.object([
                    ("folder", .string(shelf.folder)),
                    ("complete_from", shelf.completeFrom.map { .int($0.epochMilliseconds) } ?? .null),
                    ("complete_until", shelf.completeUntil.map { .int($0.epochMilliseconds) } ?? .null),
                ])
            )
        }
        do {
            try Data(JSONAPILiteral.object(members).bytes).write(
                to: URL(filePath: "\(self.path)/\(Self.indexName)"), options: .atomic)
        } catch {
            throw CommandFailure(.server, code: "output_failed", "\(self.path): the index cannot be written")
        }
    }

    private static func read(_ path: String) throws -> [String: Shelf] {
        guard CommandStore.exists(path) else { return [:] }
        guard let data = try? Data(contentsOf: URL(filePath: path)), let index = try? JSONAPIValue(parsing: Array(data))
        else {
            throw UsageError("\(path) cannot be read; remove it, and what is complete is found out again")
        }
        var shelves: [String: Shelf] = [:]
        for member in index.members {
            guard let folder = member.value["folder"]?.string, Self.fileName(folder) == folder else { continue }
            func date(_ name: String) -> Date? {
                member.value[name]?.int64.map { Date(timeIntervalSince1970: Double($0) / 1_000) }
            }
            shelves[member.name] = Shelf(
                folder: folder, completeFrom: date("complete_from"), completeUntil: date("complete_until"))
        }
        return shelves
    }

    // MARK: Files

    /// `2026-11-18T11-06-40.500Z_motion.mp4`, with the lens of a device with several.
    static func name(_ event: RingHistoryEvent, start: Date, component: RingComponentID?) -> String {
        let time = JSONAPITime.format(start, fractionDigits: 3).replacing(":", with: "-")
        let lens = component.map { "_\(Self.fileName($0.rawValue))" } ?? ""
        return "\(time)_\(Self.fileName(event.kind.historyType))\(lens).mp4"
    }

    /// When the clip of a file began; `nil` for a file that is none of this archive.
    static func start(ofFile name: String) -> Date? {
        let parts = name.split(separator: "_", maxSplits: 1)
        guard name.hasSuffix(".mp4"), parts.count == 2 else { return nil }
        let (day, time) = (parts[0].prefix { $0 != "T" }, parts[0].drop { $0 != "T" })
        return time.isEmpty ? nil : JSONAPITime.parse("\(day)\(time.replacing("-", with: ":"))")
    }

    /// Removes clips that began before a moment, of all devices that are or were here.
    ///
    /// - Returns: How many, and the first one that could not be removed.
    func removeClips(before moment: Date) throws -> (count: Int, failure: FolderFailure?) {
        var count = 0
        var failure: FolderFailure?
        for (device, shelf) in self.shelves.sorted(by: { $0.key < $1.key }) {
            var shelf = shelf
            // Noted first: what is removed is not here, also after a kill.
            if let from = shelf.completeFrom, from < moment {
                shelf.completeFrom = moment
                try self.keep(shelf, of: RingDeviceID(rawValue: device))
            }
            do { count += try self.removeClips(in: "\(self.path)/\(shelf.folder)", before: moment) } catch {
                failure = failure ?? error
            }
        }
        return (count, failure)
    }

    private func removeClips(in folder: String, before moment: Date) throws(FolderFailure) -> Int {
        guard CommandStore.exists(folder) else { return 0 }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw FolderFailure("\(folder): the folder cannot be read, so nothing older than --keep is removed there")
        }
        var count = 0
        var failure: FolderFailure?
        for name in names {
            guard let start = Self.start(ofFile: name), start < moment else { continue }
            if unsafe unlink("\(folder)/\(name)") == 0 {
                count += 1
            } else if errno != ENOENT {
                failure =
                    failure
                    ?? FolderFailure(
                        "\(folder)/\(name): it is older than --keep and cannot be removed; remove it, then run again")
            }
        }
        if let failure { throw failure }
        return count
    }

    /// Letters, digits and hyphens of a name, at most eighty bytes.
    private static func fileName(_ name: String) -> String {
        var result = ""
        for character in name.split(whereSeparator: { !$0.isLetter && !$0.isNumber }).joined(separator: "-") {
            guard result.utf8.count + character.utf8.count <= 80 else { break }
            result.append(character)
        }
        return result.isEmpty ? "device" : result
    }

    private static func short(_ id: String) -> String {
        var digest = RingMediaSHA256()
        digest.update(Array(id.utf8))
        return String(digest.hexadecimal().prefix(8))
    }
}
