internal import RingCore
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

#if !os(iOS) && !os(tvOS) && !os(watchOS) && !os(visionOS)
/// A real child process, for tests of what survives a kill and of what a program prints.
///
/// Nothing is polled: two threads drain its output, one waits for its end. It runs until it ends by itself or by a
/// signal.
public final class ChildProcess: Sendable {
    /// How a process ended.
    public enum Ending: Hashable, Sendable {
        /// It returned this status.
        case exited(Int32)
        /// This signal ended it.
        case signalled(Int32)
    }

    /// What a process printed, and how it ended.
    public struct Outcome: Sendable {
        /// How it ended.
        public var ending: Ending
        /// Everything it wrote to standard output.
        package var output: [UInt8]
        /// Everything it wrote to standard error.
        package var error: [UInt8]
        /// Standard output as text.
        package var outputText: String { String(decoding: self.output, as: UTF8.self) }
        /// Standard error as text.
        package var errorText: String { String(decoding: self.error, as: UTF8.self) }
    }

    private struct Watcher {
        var isSatisfied: @Sendable (State) -> Bool
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var output: [UInt8] = []
        var error: [UInt8] = []
        var openStreams = 2
        var ending: Ending?
        var isInputOpen = true
        var watchers: [Watcher] = []
    }

    /// The process's number.
    public let pid: Int32
    private let input: Int32
    private let state = Mutex(State())

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - path: The program's file.
    ///   - arguments: Its arguments, without its name.
    ///   - environment: Its whole environment; `nil` for this process's own. Variables of coverage and of sanitizers are passed
    ///     on in any case.
    ///   - input: What it reads from standard input, which then ends; `nil` keeps it open for writing from the test.
    /// - Throws: `RingError` with code `misconfigured` when it cannot be started.
    public init(
        _ path: String, _ arguments: [String] = [], environment: [String: String]? = nil, input: [UInt8]? = []
    ) throws {
        let started = try Self.start(path, arguments, environment)
        self.pid = started.pid
        self.input = started.input
        let (output, error) = (started.output, started.error)
        RawThread.start { self.drain(output) { .output($0) } }
        RawThread.start { self.drain(error) { .error($0) } }
        RawThread.start { self.reap() }
        if let input {
            self.write(input)
            self.closeInput()
        }
    }

    deinit { self.closeInput() }

    /// Writes to its standard input; does nothing once that has ended.
    package func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty, self.state.withLock({ $0.isInputOpen }) {
            let count = unsafe rest.withUnsafeBytes { unsafe Self.send(self.input, $0) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Ends its standard input. Another call does nothing: the descriptor may by then belong to another process.
    package func closeInput() {
        let isFirst = self.state.withLock { state in
            defer { state.isInputOpen = false }
            return state.isInputOpen
        }
        if isFirst { close(self.input) }
    }

    /// Sends it a signal.
    package func signal(_ number: Int32) {
        if self.state.withLock({ $0.ending == nil }) { _ = kill(self.pid, number) }
    }

    /// Everything it has written to standard output so far, as text.
    package var outputSoFar: String { self.state.withLock { String(decoding: $0.output, as: UTF8.self) } }

    /// Waits until a line that matches stands in its standard output, or it ends.
    ///
    /// - Returns: The line; `nil` when it ended without one.
    public func line(where matches: @escaping @Sendable (String) -> Bool) async -> String? {
        let find: @Sendable (State) -> String? = { state in
            state.output.split(separator: UInt8(ascii: "\n")).lazy.map { String(decoding: $0, as: UTF8.self) }
                .first(where: matches)
        }
        await self.wait { find($0) != nil || ($0.ending != nil && $0.openStreams == 0) }
        return self.state.withLock { find($0) }
    }

    /// Waits for its end and for all of its output.
    package func outcome() async -> Outcome {
        await self.wait { $0.ending != nil && $0.openStreams == 0 }
        return self.state.withLock {
            Outcome(ending: $0.ending ?? .exited(-1), output: $0.output, error: $0.error)
        }
    }

    private func wait(until isSatisfied: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isAlready = self.state.withLock { state in
                if isSatisfied(state) { return true }
                state.watchers.append(Watcher(isSatisfied: isSatisfied, continuation: continuation))
                return false
            }
            if isAlready { continuation.resume() }
        }
    }

    /// What the process did.
    private enum News: Sendable {
        case output([UInt8])
        case error([UInt8])
        case streamEnded
        case ended(Ending)
    }

    private func note(_ news: News) {
        let satisfied = self.state.withLock { state in
            switch news {
            case .output(let bytes): state.output += bytes
            case .error(let bytes): state.error += bytes
            case .streamEnded: state.openStreams -= 1
            case .ended(let ending): state.ending = ending
            }
            let now = state
            state.watchers.removeAll { $0.isSatisfied(now) }
            return now.watchers.filter { $0.isSatisfied(now) }.map(\.continuation)
        }
        for continuation in satisfied { continuation.resume() }
    }

    private func drain(_ descriptor: Int32, _ news: ([UInt8]) -> News) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            if count > 0 {
                self.note(news(Array(buffer[..<count])))
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        close(descriptor)
        self.note(.streamEnded)
    }

    private func reap() {
        var status: Int32 = 0
        while unsafe waitpid(self.pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        let ending = signal == 0 ? Ending.exited((status >> 8) & 0xFF) : .signalled(signal)
        self.note(.ended(ending))
    }

    /// One at a time: a pipe of another child must not be inherited between its making and its marking.
    private static let starting = Mutex(())

    private static func start(
        _ path: String, _ arguments: [String], _ environment: [String: String]?
    ) throws -> (pid: Int32, input: Int32, output: Int32, error: Int32) {
        try self.starting.withLock { _ in
            var pipes: [[Int32]] = []
            for _ in 0..<3 {
                var ends: [Int32] = [0, 0]
                guard unsafe pipe(&ends) == 0 else {
                    throw RingError(code: .misconfigured, message: "no pipe could be made for a child process")
                }
                for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
                pipes.append(ends)
            }
            var actions = unsafe posix_spawn_file_actions_t()
            unsafe posix_spawn_file_actions_init(&actions)
            unsafe posix_spawn_file_actions_adddup2(&actions, pipes[0][0], 0)
            unsafe posix_spawn_file_actions_adddup2(&actions, pipes[1][1], 1)
            unsafe posix_spawn_file_actions_adddup2(&actions, pipes[2][1], 2)
            defer { unsafe posix_spawn_file_actions_destroy(&actions) }
            // A child starts with the default signals, whatever the test runner blocks.
            var attributes = posix_spawnattr_t()
            unsafe posix_spawnattr_init(&attributes)
            defer { unsafe posix_spawnattr_destroy(&attributes) }
            var none = sigset_t()
            unsafe sigemptyset(&none)
            unsafe posix_spawnattr_setsigmask(&attributes, &none)
            unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

            let variables = environment.map { Self.instrumented($0).map { "\($0.key)=\($0.value)" } }
            var pid: pid_t = 0
            let status = unsafe Self.withCStrings([path] + arguments) { words in
                guard let variables else {
                    return unsafe posix_spawn(&pid, path, &actions, &attributes, words, environ)
                }
                return unsafe Self.withCStrings(variables) {
                    unsafe posix_spawn(&pid, path, &actions, &attributes, words, $0)
                }
            }
            for end in [pipes[0][0], pipes[1][1], pipes[2][1]] { close(end) }
            guard status == 0 else {
                for end in [pipes[0][1], pipes[1][0], pipes[2][0]] { close(end) }
                throw RingError(code: .misconfigured, message: "\(path) cannot be started (\(status))")
            }
            return (pid, pipes[0][1], pipes[1][0], pipes[2][0])
        }
    }

    /// An environment in which an instrumented program is measured and checked as this process is.
    private static func instrumented(_ environment: [String: String]) -> [String: String] {
        var environment = environment
        for name in ["LLVM_PROFILE_FILE", "LD_PRELOAD", "ASAN_OPTIONS", "TSAN_OPTIONS"] where environment[name] == nil {
            environment[name] = unsafe getenv(name).map { unsafe String(cString: $0) }
        }
        return environment
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: texts.count + 1)
        for (index, text) in texts.enumerated() { unsafe pointers[index] = unsafe strdup(text) }
        unsafe pointers[texts.count] = nil
        defer {
            for index in texts.indices { unsafe free(pointers[index]) }
            unsafe pointers.deallocate()
        }
        return unsafe body(pointers)
    }

    private static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        // SIGPIPE must not end the test process when the child stopped reading.
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        #if canImport(Glibc)
        return unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        return unsafe Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}

extension ChildProcess {
    /// The folder of the programs that were built with the running tests.
    package static var builtPrograms: String {
        let runner = CommandLine.arguments.first ?? ""
        return runner.lastIndex(of: "/").map { String(runner[..<$0]) } ?? "."
    }

    /// Runs a program to its end.
    ///
    /// - Throws: `RingError` with code `misconfigured` when it cannot be started.
    public static func run(
        _ path: String, _ arguments: [String] = [], environment: [String: String]? = nil, input: [UInt8] = []
    ) async throws -> Outcome {
        try await ChildProcess(path, arguments, environment: environment, input: input).outcome()
    }
}
#endif
