import Foundation
import RingPartner

/// Pictures that were read a moment ago: several open pages make one request to Ring.
actor StillCache {
    private struct Entry {
        var task: Task<RingMediaData, any Error>
        var ends: ContinuousClock.Instant
        var number: Int
    }

    private static let maximumCount = 200

    private var entries: [String: Entry] = [:]
    private var nextNumber = 0

    /// The picture of a key, read when it is not there or too old.
    ///
    /// - Throws: What `read` throws; a failure is not kept.
    func picture(
        _ key: String, for lifetime: Duration, read: @escaping @Sendable () async throws -> RingMediaData
    ) async throws -> RingMediaData {
        if let entry = self.entries[key], entry.ends > .now { return try await entry.task.value }
        while self.entries.count >= Self.maximumCount,
            let oldest = self.entries.min(by: { $0.value.number < $1.value.number })
        {
            self.entries[oldest.key] = nil
        }
        self.nextNumber += 1
        let number = self.nextNumber
        let task = Task { try await read() }
        self.entries[key] = Entry(task: task, ends: .now + lifetime, number: number)
        do { return try await task.value } catch {
            if self.entries[key]?.number == number { self.entries[key] = nil }
            throw error
        }
    }

    func removeAll() { self.entries = [:] }
}
