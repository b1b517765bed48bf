import Foundation
import RingPartner

/// Clips of events, as files: a player asks for their parts.
actor ClipCache {
    enum State: Sendable {
        case ready(path: String)
        /// Ring is still recording it, or it is on its way.
        case loading
        case failed(String)
    }

    private struct Entry {
        var account: RingAccountID
        var state: State
        var used: ContinuousClock.Instant = .now
        var task: Task<Void, Never>?
    }

    private static let maximumCount = 50
    private static let maximumDownloads = 4

    private let folder: URL
    private var entries: [Int: Entry] = [:]

    /// Begins with an empty folder: clips are read again when somebody wants to see them.
    init(folder: URL) throws {
        self.folder = folder
        if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// How far the clip of an event is; the first question begins the download, and so does the first one after a failure.
    func state(of event: FeedEvent, media: RingMediaClient) -> State {
        if var entry = self.entries[event.number] {
            entry.used = .now
            self.entries[event.number] = entry
            guard case .failed = entry.state else { return entry.state }
            self.entries[event.number] = nil
            return entry.state
        }
        guard let moment = event.media,
            let request = media.clips(for: moment, before: .seconds(3), after: .seconds(12)).first
        else { return .failed("there is no recording of this event") }
        guard self.entries.values.count(where: { $0.task != nil }) < Self.maximumDownloads else { return .loading }
        self.removeOldest()
        let path = self.folder.appendingPathComponent("\(event.number).mp4").path
        var entry = Entry(account: event.account, state: .loading)
        entry.task = Task {
            do {
                _ = try await media.download(request, to: path)
                self.finish(event.number, .ready(path: path))
            } catch {
                self.finish(event.number, .failed(error.forPeople))
            }
        }
        self.entries[event.number] = entry
        return .loading
    }

    private func finish(_ number: Int, _ state: State) {
        guard self.entries[number] != nil else {
            // The account was unlinked meanwhile.
            if case .ready(let path) = state { Self.delete(path) }
            return
        }
        self.entries[number]?.state = state
        self.entries[number]?.task = nil
    }

    /// Deletes the clips of an account.
    ///
    /// - Throws: The last reason why a clip is still there.
    func remove(_ account: RingAccountID) throws {
        var failure: (any Error)?
        for (number, entry) in self.entries where entry.account == account {
            do { try self.remove(number, entry) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    private func removeOldest() {
        while self.entries.count >= Self.maximumCount,
            let oldest = self.entries.filter({ $0.value.task == nil }).min(by: { $0.value.used < $1.value.used })
        {
            if case .ready(let path) = oldest.value.state { Self.delete(path) }
            self.entries[oldest.key] = nil
        }
    }

    /// Deletes a file; one that cannot be deleted stays until the next start, which empties the folder.
    private static func delete(_ path: String) {
        do { try PrivateFile.remove(URL(fileURLWithPath: path)) } catch {
            WarningObserver.write("clip: \(error.forLogs)")
        }
    }

    /// A clip that cannot be deleted stays in the list, so that it is tried again.
    private func remove(_ number: Int, _ entry: Entry) throws {
        entry.task?.cancel()
        if case .ready(let path) = entry.state {
            // A player that is reading it has it open.
            try PrivateFile.remove(URL(fileURLWithPath: path))
        }
        self.entries[number] = nil
    }
}
