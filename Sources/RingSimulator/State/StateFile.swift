internal import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Keeps the state in a file, soon after each change and at the end.
///
/// A response is sent when the file has what its request changed, so a kill after it loses nothing of it. The file is written
/// under another name and then renamed, so whoever reads it finds a whole document, also after a kill. While the disk fails or
/// does not respond, which is told, no response waits.
final class StateFile: Sendable {
    /// How long changes are collected that no response waits for.
    private static let interval = Duration.milliseconds(200)
    /// How long anything waits for the disk.
    private static let patience = Duration.seconds(10)
    private static let silence = "the disk has not responded for 10 seconds"

    /// What keeps the state out of the file.
    private enum Trouble {
        case failing
        /// The disk does not respond.
        case late
    }

    private struct Progress {
        /// The version that the file has.
        var written: UInt64 = 0
        /// The responses that wait.
        var waiting = 0
        /// What was told of, and is not over.
        var trouble: Trouble?
        var isStopped = false
    }

    private let path: String
    private let disk: StateDisk
    private let environment: RingEnvironment
    private let engine: SimulatorEngine
    private let warn: @Sendable (String) -> Void
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let progress = Mutex(Progress())
    /// Signalled when a response waits.
    private let isWanted = RingSignal()
    /// Signalled after each attempt to write, and when nobody waits any longer.
    private let isDone = RingSignal()

    /// Reads the file of a configuration if there is one, and writes it.
    ///
    /// - Returns: `nil` when the configuration names no file.
    /// - Throws: ``RingSimulatorError`` when it cannot be read, or not be written; what is wrong is found at the start.
    static func open(
        _ configuration: RingSimulatorConfiguration, _ engine: SimulatorEngine
    ) async throws(RingSimulatorError) -> StateFile? {
        guard let path = configuration.stateFile else { return nil }
        let file = StateFile(path, configuration, engine)
        do throws(RingSimulatorError) { try await file.begin() } catch {
            file.disk.release()
            throw RingSimulatorError(message: "state file \(path): \(error.message)")
        }
        return file
    }

    private init(_ path: String, _ configuration: RingSimulatorConfiguration, _ engine: SimulatorEngine) {
        self.path = path
        self.disk = StateDisk(path, write: configuration.stateWrite)
        self.environment = RingEnvironment(clock: configuration.stateClock)
        self.warn = configuration.warningLog ?? { _ in }
        self.engine = engine
    }

    private func begin() async throws(RingSimulatorError) {
        guard let read = await self.patiently({ [disk = self.disk] in await disk.read() }) else {
            throw RingSimulatorError(message: "it cannot be read: \(Self.silence)")
        }
        if let bytes = try read.get() { try self.engine.restore(bytes, continuing: true) }
        guard let failure = await self.patiently({ await self.save(always: true) }) else {
            throw RingSimulatorError(message: "it cannot be written: \(Self.silence)")
        }
        if let failure { throw RingSimulatorError(message: "it cannot be written: \(failure)") }
        // Not when the task begins to run: what changes until then would wait for the next change.
        let version = self.progress.withLock { $0.written }
        self.task.withLock { $0 = Task { [weak self, engine] in await Self.follow(engine, from: version) { self } } }
    }

    /// Whether a state was read, so that the events of a scenario have happened already.
    static func exists(at path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// The version of the last change that belongs into the file.
    var version: UInt64 { self.engine.changes.version(of: .kept) }

    /// Waits for work of the disk, which goes on when the time is up.
    ///
    /// - Returns: `nil` when the time was up.
    private func patiently<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value? {
        await RingFirstResult.wait(atMost: Self.patience, in: self.environment, for: work)
    }

    /// Waits until the file has what was changed since a version. While it cannot be written, which was told, nobody waits.
    func keep(since version: UInt64) async {
        let wanted = self.version
        guard wanted > version else { return }
        self.progress.withLock { $0.waiting += 1 }
        self.isWanted.signal()
        let isOver = await self.isDone.wait(
            until: { self.progress.withLock { $0.written >= wanted || $0.trouble != nil || $0.isStopped } },
            atMost: Self.patience, in: self.environment)
        self.progress.withLock { $0.waiting -= 1 }
        // The task of a response is cancelled when its client leaves.
        if !isOver, !Task.isCancelled { self.noteSilence() }
    }

    private static func follow(_ engine: SimulatorEngine, from written: UInt64, _ file: () -> StateFile?) async {
        var version = written
        while let change = await engine.changes.next(after: version) {
            version = change.version
            guard !change.topics.isDisjoint(with: .kept), let file = file() else { continue }
            await file.pause(interval)
            let clock = file.environment.clock
            let start = clock.uptime()
            await file.saveOrWarn()
            // A large state takes a small part of the time.
            await file.pause(min(.seconds(10), (clock.uptime() - start) * 20))
            if Task.isCancelled { return }
        }
    }

    /// Waits, but no longer when a response does.
    private func pause(_ duration: Duration) async {
        await self.isWanted.wait(
            until: { self.progress.withLock { $0.waiting > 0 } }, atMost: duration, in: self.environment)
    }

    /// Writes the state as it is when the disk begins.
    ///
    /// - Parameter always: Whether also when nothing has changed.
    /// - Returns: Why it could not be written; `nil` when it was.
    private func save(always: Bool = false) async -> String? {
        let engine = self.engine
        guard always || self.progress.withLock({ $0.written < engine.changes.version }) else { return nil }
        do {
            let version = try await self.disk.save { (engine.changes.version, try engine.exported()) }
            self.progress.withLock { $0.written = version }
            return nil
        } catch { return (error as? RingError)?.message ?? "\(error)" }
    }

    /// Writes the state, or says that it could not: a failure may be over at the next change, as a full disk is.
    private func saveOrWarn(always: Bool = false) async {
        let failure = await self.save(always: always)
        let before = self.progress.withLock { progress in
            defer { progress.trouble = failure == nil ? nil : .failing }
            return progress.trouble
        }
        if let failure, before != .failing {
            self.warn(
                "state file \(self.path): it could not be written: \(failure); a restart loses what changes until it can "
                    + "be")
        } else if failure == nil, before != nil {
            self.warn("state file \(self.path): it is written again")
        }
        self.isDone.signal()
    }

    /// Says once that the disk does not respond. No response waits then, until the file is written again.
    private func noteSilence() {
        let isNew = self.progress.withLock { progress in
            guard progress.trouble == nil, !progress.isStopped else { return false }
            progress.trouble = .late
            return true
        }
        guard isNew else { return }
        self.warn(
            "state file \(self.path): \(Self.silence); responses no longer wait for it, and a restart loses what changes "
                + "until it is written")
        self.isDone.signal()
    }

    /// Writes the last state and ends.
    func stop() async {
        self.task.withLock { $0.take() }?.cancel()
        if await self.patiently({ await self.saveOrWarn(always: true) }) == nil { self.noteSilence() }
        self.progress.withLock { $0.isStopped = true }
        self.isDone.signal()
        self.disk.release()
    }
}
