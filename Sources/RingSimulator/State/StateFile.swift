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
/// The file is written under another name and then renamed, so whoever reads it finds a whole document, also after a kill.
final class StateFile: Sendable {
    /// How long changes are collected, at least.
    private static let interval = Duration.milliseconds(200)

    private let path: String
    private let engine: SimulatorEngine
    private let task = Mutex<Task<Void, Never>?>(nil)
    /// The version that the file holds.
    private let written = Mutex<UInt64?>(nil)
    private let warn: @Sendable (String) -> Void
    /// Whether the last attempt to write failed, which is told once.
    private let isFailing = Mutex(false)

    /// Reads the file if there is one.
    ///
    /// - Throws: ``RingSimulatorError`` when it cannot be read, or not be written; what is wrong is found at the start.
    init(
        path: String, engine: SimulatorEngine, warn: @escaping @Sendable (String) -> Void
    ) throws(RingSimulatorError) {
        self.path = path
        self.warn = warn
        self.engine = engine
        if Self.exists(at: path) {
            let data: Data
            do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
                throw RingSimulatorError(message: "state file \(path): it cannot be read: \(error)")
            }
            do { try engine.restore(Array(data), continuing: true) } catch {
                throw RingSimulatorError(message: "state file \(path): \(error.message)")
            }
        }
        do { try self.save() } catch {
            throw RingSimulatorError(message: "state file \(path): it cannot be written: \(error)")
        }
        // From the version that the file holds: a change that comes before the task runs counts.
        let version = self.written.withLock { $0 } ?? 0
        self.task.withLock { $0 = Task { [weak self] in await Self.follow(engine, from: version) { self } } }
    }

    /// Whether a state was read, so that the events of a scenario have happened already.
    static func exists(at path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    private static func follow(_ engine: SimulatorEngine, from known: UInt64, _ file: () -> StateFile?) async {
        let clock = RingSystemClock()
        var version = known
        while let change = await engine.changes.next(after: version) {
            version = change.version
            let start = clock.uptime()
            do { try await clock.sleep(for: Self.interval) } catch { return }
            file()?.saveOrWarn()
            // A large state takes a small part of the time.
            let pause = min(.seconds(10), (clock.uptime() - start - Self.interval) * 20)
            do { try await clock.sleep(for: max(.zero, pause)) } catch { return }
        }
    }

    /// Writes the state as it is now.
    ///
    /// - Parameter always: Whether also when nothing has changed.
    private func save(always: Bool = false) throws {
        // Two at one time would write one file.
        try self.written.withLock { written in
            let version = self.engine.changes.version
            guard always || written != version else { return }
            try self.write(try self.engine.exported())
            written = version
        }
    }

    /// Writes the state, or says that it could not: a failure may be over at the next change, as a full disk is.
    private func saveOrWarn(always: Bool = false) {
        do {
            try self.save(always: always)
            if self.isFailing.exchange(false) { self.warn("state file \(self.path): it is written again") }
        } catch {
            guard !self.isFailing.exchange(true) else { return }
            self.warn(
                "state file \(self.path): it could not be written: \(error); a restart loses what changes until it can be"
            )
        }
    }

    private func write(_ bytes: [UInt8]) throws {
        let temporary = "\(self.path).\(getpid()).tmp"
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
    }
}

extension Mutex<Bool> {
    /// Sets a value, and returns the one before.
    fileprivate borrowing func exchange(_ value: Bool) -> Bool {
        self.withLock { current in
            defer { current = value }
            return current
        }
    }
}

/// What the system said.
private struct SystemFailure: Error, CustomStringConvertible {
    let description: String

    init() { self.description = unsafe String(cString: strerror(errno)) }
}
