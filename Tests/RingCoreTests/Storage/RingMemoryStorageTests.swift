import RingCore
import RingTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct RingMemoryStorageTests {
    @Test(arguments: RingStorageConformance.rules)
    func conforms(rule: RingStorageConformance.Rule) async throws {
        let clock = Uptime()
        let first = RingMemoryStorage(uptime: { clock.now })
        try await rule.check(
            .init(open: { first.anotherProcess() }, wait: { clock.advance(by: $0) }))
    }

    @Test func aCrashThatIsSeenEndsLeasesAtOnce() async throws {
        let (seen, unseen, other) = try await Self.threeProcesses()
        seen.crash(isVisible: true)
        unseen.crash(isVisible: false)
        let found = try await other.records(matching: RingStorageQuery(Self.things))
        #expect(found.map(\.leaseToken) == [nil, 2])
        await #expect { try await unseen.records([]) } throws: { ($0 as? RingError)?.code == .storageFailed }
    }

    private static let things = RingStorageCollection(name: "things", indexes: [])

    private static func threeProcesses() async throws -> (RingMemoryStorage, RingMemoryStorage, RingMemoryStorage) {
        let one = RingMemoryStorage()
        let processes = (one, one.anotherProcess(), one.anotherProcess())
        for (name, process) in [("a", processes.0), ("b", processes.1)] {
            let record = RingStorageRecord(id: RingStorageID(Self.things, name), version: 1)
            let lease = RingLeaseChange.take(token: name == "a" ? 1 : 2, for: .seconds(60))
            #expect(try await process.commit([.put(record, replacing: nil, lease: lease)]))
        }
        return processes
    }
}

/// A clock that a test moves.
private final class Uptime: Sendable {
    private let time = Mutex(Duration.zero)
    var now: Duration { self.time.withLock { $0 } }
    func advance(by duration: Duration) { self.time.withLock { $0 += duration } }
}
