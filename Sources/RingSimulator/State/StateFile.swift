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
    /// How long one reading or writing of the file may take before nobody waits for it.
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
            await file.release()
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
        // A slow disk is told of, and waited for: there is nothing that it holds up yet.
        let read = Task { [disk = self.disk] in await disk.read() }
        if await self.patiently({ await read.value }) == nil { self.noteSilence() }
        if let bytes = try await read.value.get() { try self.engine.restore(bytes, continuing: true) }
        let state: (version: UInt64, bytes: [UInt8])
        do { state = try self.encoded() } catch { throw RingSimulatorError(message: "it cannot be written: \(error)") }
        if case .failed(let reason)? = await self.write(state, isPatient: true) {
            throw RingSimulatorError(message: "it cannot be written: \(reason)")
        }
        let wasSilent = self.progress.withLock { $0.trouble.take() != nil }
        if wasSilent { self.warn("state file \(self.path): it is written again") }
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
        await self.isDone.wait(
            until: { self.progress.withLock { $0.written >= wanted || $0.trouble != nil || $0.isStopped } })
        self.progress.withLock { $0.waiting -= 1 }
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

    /// The state as it is now, which takes its time when it is large.
    private func encoded() throws -> (version: UInt64, bytes: [UInt8]) {
        (self.engine.changes.version, try self.engine.exported())
    }

    /// Writes a state.
    ///
    /// - Parameter isPatient: Whether to wait for a disk that does not respond, which is told then.
    /// - Returns: `nil` for a disk that does not respond.
    private func write(
        _ state: (version: UInt64, bytes: [UInt8]), isPatient: Bool
    ) async -> StateDisk.Outcome? {
        let work = Task { [disk = self.disk] in await disk.save(state.version, state.bytes) }
        var outcome = await self.patiently { await work.value }
        if outcome == nil, isPatient {
            self.noteSilence()
            outcome = await work.value
        }
        if case .written? = outcome { self.progress.withLock { $0.written = max($0.written, state.version) } }
        return outcome
    }

    /// Writes the state, or says that it could not: a failure may be over at the next change, as a full disk is.
    ///
    /// - Parameter isLast: Whether it is written also when nothing has changed, and a disk that does not respond is left.
    private func saveOrWarn(isLast: Bool = false) async {
        var failure: String?
        if isLast || self.progress.withLock({ $0.written < self.engine.changes.version }) {
            do {
                let state = try self.encoded()
                switch await self.write(state, isPatient: !isLast) {
                case .written?: break
                case .failed(let reason)?: failure = reason
                case nil: return self.noteSilence()
                }
            } catch { failure = "\(error)" }
        }
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
        await self.saveOrWarn(isLast: true)
        self.progress.withLock { $0.isStopped = true }
        self.isDone.signal()
        await self.release()
    }

    /// Nobody waits for a disk that does not respond; the file is released when it does.
    private func release() async {
        let released = Task { [disk = self.disk] in await disk.release() }
        guard self.progress.withLock({ $0.trouble }) != .late else { return }
        await released.value
    }
}
