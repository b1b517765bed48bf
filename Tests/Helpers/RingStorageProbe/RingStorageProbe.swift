import Foundation
import RingCore
import RingPostgres
import RingSQLite

/// A process that uses a storage as its standard input says: `RingStorageProbe FILE`, or `RingStorageProbe URL SCHEMA`.
///
/// `CLOCK_AHEAD` sets how many seconds its date is ahead. It prints `open`, then one line for each command. When its input ends it closes the storage and ends.
@main struct RingStorageProbe {
    static func main() async {
        do {
            let storage = try await Self.open(Array(CommandLine.arguments.dropFirst()))
            Self.say("open")
            while let line = readLine() {
                let words = line.split(separator: " ").map(String.init)
                Self.say(try await Self.perform(words, storage))
            }
            await storage.close()
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    private static func open(_ arguments: [String]) async throws -> any RingStorage {
        guard arguments.count > 1 else {
            return try await RingSQLiteDatabase.open(
                .file(arguments[0]), options: RingSQLiteOptions(busyTimeout: .seconds(30)))
        }
        var options = RingPostgresOptions()
        (options.schema, options.maximumConnections) = (arguments[1], 2)
        let ahead = Double(ProcessInfo.processInfo.environment["CLOCK_AHEAD"] ?? "") ?? 0
        return try await RingPostgresDatabase.open(
            arguments[0], options: options, machine: .current,
            environment: RingEnvironment(clock: RingSystemClock(ahead: ahead)))
    }

    private static let things = RingStorageCollection(name: "things", indexes: ["key"])

    private static func perform(_ words: [String], _ storage: any RingStorage) async throws -> String {
        let number = words.count > 2 ? Int64(words[2]) ?? 0 : 0
        let id = words.count > 1 ? RingStorageID(Self.things, words[1]) : nil
        switch (words.first, id) {
        case ("put", let id?):
            let isPut = try await storage.commit([.put(RingStorageRecord(id: id, version: 1), replacing: nil)])
            return "put \(isPut)"
        case ("take", let id?):
            guard var record = try await storage.record(id) else { return "take missing" }
            record.version += 1
            let lease = RingLeaseChange.take(token: number, for: .seconds(3_600))
            let change = RingStorageChange.put(record, replacing: record.version - 1, lease: lease)
            return "take \(try await storage.commit([change]))"
        case ("token", let id?):
            return "token \(try await storage.record(id)?.leaseToken.map { "\($0)" } ?? "none")"
        case ("due", let id?):
            // As a machine that lets something wait for some milliseconds.
            guard let now = (storage as? any RingStorageClock)?.now else { return "due unknown" }
            let due = RingStorageKey.date(now + Double(number) / 1_000)
            let record = RingStorageRecord(id: id, version: 1, keys: [due])
            return "due \(try await storage.commit([.put(record, replacing: nil)]))"
        case ("next", _):
            guard let now = (storage as? any RingStorageClock)?.now else { return "next unknown" }
            let query = RingStorageQuery(Self.things, index: 0, through: .date(now), limit: 1)
            let taken = try await storage.take(matching: query, excluding: [], token: 9, for: .seconds(3_600))
            return "next \(words.last ?? "") \(taken?.first?.id.name ?? "none")"
        case ("add", let id?):
            for _ in 0..<number { try await Self.addOne(to: id, storage) }
            return "add done"
        case ("integrity", _):
            guard let storage = storage as? RingSQLiteDatabase else { return "integrity unknown" }
            let result = try await storage.read { try $0.query("PRAGMA integrity_check") { $0.text(0) } }
            return "integrity \(result.joined(separator: ", "))"
        case ("lock", _):
            guard let storage = storage as? RingSQLiteDatabase else { return "lock unknown" }
            try await storage.write { _ in
                Self.say("locked")
                _ = readLine()
            }
            return "unlocked"
        default: return "unknown command"
        }
    }

    /// Counts in the version.
    private static func addOne(to id: RingStorageID, _ storage: any RingStorage) async throws {
        while true {
            guard var record = try await storage.record(id) else { return }
            record.version += 1
            if try await storage.commit([.put(record, replacing: record.version - 1)]) { return }
        }
    }

    private static func say(_ line: String) {
        // One write, so that a line is complete or absent when the process is killed.
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
