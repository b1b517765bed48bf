internal import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Keeps the state in a file, soon after each change and at the end.
///
/// A response is sent when the file has what its request changed, so a kill after it loses nothing of it. The file is written
/// under another name and then renamed, so whoever reads it finds a whole document, also after a kill.
final class StateFile: Sendable {
    /// How long changes are collected that no response waits for.
    private static let interval = Duration.milliseconds(200)

    private struct Progress {
        /// The version that the file has.
        var written: UInt64 = 0
        /// The responses that wait.
        var waiting = 0
        /// Whether the last attempt to write failed, which is told once.
        var isFailing = false
        var isStopped = false
    }

    private let path: String
    private let engine: SimulatorEngine
    private let warn: @Sendable (String) -> Void
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let progress = Mutex(Progress())
    /// Two at one time would write one file.
    private let writing = Mutex(())
    /// Signalled when a response waits.
    private let isWanted = RingSignal()
    /// Signalled after each attempt to write.
    private let isDone = RingSignal()

    /// Reads the file if there is one.
    ///
    /// - Throws: ``RingSimulatorError`` when it cannot be read, or not be written; what is wrong is found at the start.
    init(
        path: String, engine: SimulatorEngine, warn: @escaping @Sendable (String) -> Void
    ) throws(RingSimulatorError) {
        self.path = path
        self.warn = warn
        self.engine = engine
        self.removeLeftovers()
        if Self.exists(at: path) {
            let data: Data
            do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
                throw RingSimulatorError(message: "state file \(path): it cannot be read: \(error)")
            }
            do { try engine.restore(Array(data), continuing: true) } catch {
                throw RingSimulatorError(message: "state file \(path): \(error.message)")
            }
        }
        do { try self.save(always: true) } catch {
            throw RingSimulatorError(message: "state file \(path): it cannot be written: \(error)")
        }
        // Not when the task begins to run: what changes until then would wait for the next change.
        let version = self.progress.withLock { $0.written }
        self.task.withLock { $0 = Task { [weak self] in await Self.follow(engine, from: version) { self } } }
    }

    /// Whether a state was read, so that the events of a scenario have happened already.
    static func exists(at path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// The version of the last change that belongs into the file.
    var version: UInt64 { self.engine.changes.version(of: .kept) }

    /// Waits until the file has what was changed since a version. When it cannot be written, which was told, nobody waits.
    func keep(since version: UInt64) async {
        let wanted = self.version
        guard wanted > version else { return }
        self.progress.withLock { $0.waiting += 1 }
        self.isWanted.signal()
        await self.isDone.wait(until: {
            self.progress.withLock { $0.written >= wanted || $0.isFailing || $0.isStopped }
        })
        self.progress.withLock { $0.waiting -= 1 }
    }

    private static func follow(_ engine: SimulatorEngine, from written: UInt64, _ file: () -> StateFile?) async {
        let clock = RingSystemClock()
        var version = written
        while let change = await engine.changes.next(after: version) {
            version = change.version
            guard !change.topics.isDisjoint(with: .kept), let file = file() else { continue }
            await file.pause(interval)
            let start = clock.uptime()
            file.saveOrWarn()
            // A large state takes a small part of the time.
            await file.pause(min(.seconds(10), (clock.uptime() - start) * 20))
            if Task.isCancelled { return }
        }
    }

    /// Waits, but no longer when a response does.
    private func pause(_ duration: Duration) async {
        await self.isWanted.wait(
            until: { self.progress.withLock { $0.waiting > 0 } }, atMost: duration, in: RingEnvironment())
    }

    /// Writes the state as it is now.
    ///
    /// - Parameter always: Whether also when nothing has changed.
    private func save(always: Bool = false) throws {
        try self.writing.withLock { _ in
            let version = self.engine.changes.version
            guard always || self.progress.withLock({ $0.written < self.version }) else { return }
            try self.write(try self.engine.exported())
            self.progress.withLock { $0.written = version }
        }
    }

    /// Writes the state, or says that it could not: a failure may be over at the next change, as a full disk is.
    private func saveOrWarn(always: Bool = false) {
        do {
            try self.save(always: always)
            let wasFailing = self.progress.withLock { progress in
                defer { progress.isFailing = false }
                return progress.isFailing
            }
            if wasFailing { self.warn("state file \(self.path): it is written again") }
        } catch {
            let wasFailing = self.progress.withLock { progress in
                defer { progress.isFailing = true }
                return progress.isFailing
            }
            if !wasFailing {
                self.warn(
                    "state file \(self.path): it could not be written: \(error); a restart loses what changes until it "
                        + "can be")
            }
        }
        self.isDone.signal()
    }

    private func temporaryPath(_ process: pid_t) -> String { "\(self.path).\(process).tmp" }

    /// Removes what processes that were killed while they wrote have left.
    private func removeLeftovers() {
        let folder = URL(fileURLWithPath: self.path).deletingLastPathComponent()
        let start = URL(fileURLWithPath: self.path).lastPathComponent + "."
        // Whether the folder can be read is found when the file is.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        where name.hasPrefix(start) && name.hasSuffix(".tmp") {
            guard let process = pid_t(name.dropFirst(start.count).dropLast(".tmp".count)), process > 0,
                kill(process, 0) != 0, errno == ESRCH
            else { continue }
            unsafe unlink(self.temporaryPath(process))
        }
    }

    private func write(_ bytes: [UInt8]) throws {
        let temporary = self.temporaryPath(getpid())
        unsafe unlink(temporary)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemFailure() }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Self.write(descriptor, $0) }
            guard count > 0 || errno == EINTR else {
                let failure = SystemFailure()
                close(descriptor)
                unsafe unlink(temporary)
                throw failure
            }
            rest = rest.dropFirst(max(0, count))
        }
        let isWhole = fsync(descriptor) == 0
        close(descriptor)
        guard isWhole, unsafe rename(temporary, self.path) == 0 else {
            let failure = SystemFailure()
            unsafe unlink(temporary)
            throw failure
        }
    }

    private static func write(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
        unsafe Musl.write(descriptor, buffer.baseAddress, buffer.count)
        #else
        unsafe Darwin.write(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }

    /// Writes the last state and ends.
    func stop() {
        self.task.withLock { $0.take() }?.cancel()
        self.saveOrWarn(always: true)
        self.progress.withLock { $0.isStopped = true }
        self.isDone.signal()
    }
}

/// What the system said.
private struct SystemFailure: Error, CustomStringConvertible {
    let description: String

    init() { self.description = unsafe String(cString: strerror(errno)) }
}
