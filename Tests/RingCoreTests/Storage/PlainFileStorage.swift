import Foundation
import RingCore
import Synchronization

/// A storage engine on plain files, as an adopter might write one: a JSON file that every write replaces whole, and a lock
/// file that keeps processes apart. Whoever takes leases keeps a file of its own locked, so that everybody sees when it has
/// ended. Leases run by the clock that counts since the machine was started.
final class PlainFileStorage: RingStorage {
    private struct Row: Codable {
        var record: RingStorageRecord
        var lease: Lease?
    }
    private struct Lease: Codable {
        var token: Int64
        var holder, boot: String
        var until: ContinuousClock.Instant
    }
    private typealias Rows = [RingStorageID: Row]

    let location: String
    private let boot = (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? ""
    private let holder: String
    private let ownLock: Mutex<Int32?>

    init(folder: String) throws {
        self.location = folder
        self.holder = folder + "/holder-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        self.ownLock = Mutex(try Self.locked(self.holder))
    }

    func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] {
        try self.exclusively { rows in ids.compactMap { rows[$0].map(self.seen) } }
    }

    func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
        try self.exclusively { rows in
            let found = rows.values.map(self.seen).filter(query.matches).sorted(by: query.precedes)
            return Array(found.prefix(query.limit ?? .max))
        }
    }

    func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        try self.exclusively(isWrite: true) { rows in
            for change in changes {
                switch change {
                case .put(let record, let version, _) where rows[record.id]?.record.version == version: continue
                case .delete(let id, let version) where rows[id]?.record.version == version: continue
                default: return false
                }
            }
            for change in changes {
                switch change {
                case .put(let record, _, .keep): rows[record.id] = Row(record: record, lease: rows[record.id]?.lease)
                case .put(let record, _, .release): rows[record.id] = Row(record: record)
                case .put(let record, _, .take(let token, let duration)):
                    rows[record.id] = Row(record: record, lease: self.lease(token, duration))
                case .delete(let id, _): rows[id] = nil
                }
            }
            return true
        }
    }

    func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
        try self.exclusively(isWrite: true) { rows in
            let kept = leases.filter { rows[$0.id]?.lease?.token == $0.token }
            for lease in kept { rows[lease.id]?.lease = self.lease(lease.token, duration) }
            return kept
        }
    }

    func close() async {
        if let descriptor = self.ownLock.withLock({ $0.take() }) { _ = Foundation.close(descriptor) }
        try? FileManager.default.removeItem(atPath: self.holder)
    }

    private func lease(_ token: Int64, _ duration: Duration) -> Lease {
        Lease(token: token, holder: self.holder, boot: self.boot, until: .now + duration)
    }

    /// A record as a reader sees it now. A holder whose file is missing, or can be locked, has ended.
    private func seen(_ row: Row) -> RingStorageRecord {
        var record = row.record
        record.leaseToken = nil
        guard let lease = row.lease, lease.boot == self.boot, lease.until > .now else { return record }
        let descriptor = unsafe open(lease.holder, O_RDWR | O_CLOEXEC)
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK { record.leaseToken = lease.token }
        if descriptor >= 0 { _ = Foundation.close(descriptor) }
        return record
    }

    private func exclusively<Value>(isWrite: Bool = false, _ body: (inout Rows) -> Value) throws -> Value {
        guard self.ownLock.withLock({ $0 != nil }) else { throw Self.failed("\(self.location): closed") }
        let lock = try Self.locked(self.location + "/lock")
        defer { _ = Foundation.close(lock) }
        let folder = URL(fileURLWithPath: self.location)
        let (file, part) = (folder.appending(path: "records.json"), folder.appending(path: "records.part"))
        do {
            let old = FileManager.default.fileExists(atPath: file.path) ? try Data(contentsOf: file) : Data("[]".utf8)
            var rows = try JSONDecoder().decode(Rows.self, from: old)
            let value = body(&rows)
            guard isWrite else { return value }
            // On the disk under another name first, so that a crash leaves the old file or the new one.
            try JSONEncoder().encode(rows).write(to: part)
            try FileHandle(forReadingFrom: part).synchronize()
            guard unsafe rename(part.path, file.path) == 0 else { throw Self.failed("\(file.path): not replaced") }
            try FileHandle(forReadingFrom: folder).synchronize()
            return value
        } catch { throw Self.failed("\(self.location): \(error)") }
    }

    private static func locked(_ path: String) throws -> Int32 {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else { throw Self.failed("\(path) cannot be locked") }
        return descriptor
    }

    private static func failed(_ message: String) -> RingError { RingError(code: .storageFailed, message: message) }
}
