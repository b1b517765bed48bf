internal import RingJSONAPI
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Writes events to standard error, a line each: `warning webhook.received outcome=forged status=401 ms=0`.
///
/// `RingPartnerConfiguration.fromEnvironment` uses it unless `RING_LOG` is `off`, so that a service whose requests are
/// refused leaves a trace. The lines hold no secret and have no time, which the journal or the container adds. Ten lines of a kind
/// are written in a minute, then one that says that the next ones are left out. A standard error that nobody reads delays nothing:
/// lines that it cannot take are dropped.
public struct RingStandardErrorLog: RingObserver {
    private let minimumLevel: RingObservationLevel
    private let budget = LineBudget()
    private let uptime: @Sendable () -> Duration
    private let sink: @Sendable ([UInt8]) -> Void

    /// - Parameter minimumLevel: Less severe events are not written.
    public init(minimumLevel: RingObservationLevel = .warning) {
        let clock = RingSystemClock()
        self.init(minimumLevel: minimumLevel, uptime: { clock.uptime() }, sink: { Self.write($0, to: STDERR_FILENO) })
    }

    package init(
        minimumLevel: RingObservationLevel, uptime: @escaping @Sendable () -> Duration,
        sink: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.minimumLevel = minimumLevel
        self.uptime = uptime
        self.sink = sink
    }

    /// Writes an event that is severe enough.
    public func observe(_ event: any RingObservation) {
        guard event.level >= self.minimumLevel else { return }
        let attributes = event.attributes
        // The outcome of a webhook or the operation of a request: a flood of one must not hide another. It is no identifier.
        let word = attributes.first.flatMap { RingPlainName.isWord($0.value) ? " \($0.value)" : nil } ?? ""
        let kind = "\(event.level) \(event.name)\(word)"
        switch self.budget.take(kind, at: self.uptime()) {
        case .write: self.sink(Self.line(event, attributes))
        case .last(let rest):
            self.sink(Self.line(event, attributes))
            let notice = "\(kind): more of these are left out for \(rest.components.seconds) s"
            self.sink(Array("\(notice)\n".utf8))
        case .leaveOut: break
        }
    }

    private static func line(_ event: any RingObservation, _ attributes: [(key: String, value: String)]) -> [UInt8] {
        var text = "\(event.level) \(event.name)"
        for (key, value) in attributes {
            let value = PrintableText.line(value).replacing("\"", with: "'")
            text += value.contains(" ") || value.isEmpty ? " \(key)=\"\(value)\"" : " \(key)=\(value)"
        }
        // A pipe takes as much in one piece. An index inside of a character is rounded down.
        let end = text.utf8.prefix(2_000).endIndex
        return Array(text[..<end].utf8) + [UInt8(ascii: "\n")]
    }

    /// Writes a line if that neither waits nor ends the process.
    package static func write(_ line: [UInt8], to file: Int32) {
        var state = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&state, 1, 0) == 1, Int32(state.revents) & (POLLERR | POLLHUP | POLLNVAL) == 0 else { return }
        // A terminal that nobody reads is ready when it takes a part of a line, and would wait with the rest.
        let terminal = isatty(file) == 1 ? Self.openWithoutWaiting(file) : -1
        defer { if terminal >= 0 { close(terminal) } }
        // What was not written cannot be reported anywhere.
        _ = unsafe line.withUnsafeBytes { bytes in
            unsafe bytes.baseAddress.map {
                unsafe RingDescriptor.write(terminal >= 0 ? terminal : file, $0, bytes.count)
            }
        }
    }

    /// Opens a terminal once more, since the flags of the descriptor are those of every process that has it; -1 if that is not
    /// possible.
    private static func openWithoutWaiting(_ file: Int32) -> Int32 {
        unsafe open("/dev/fd/\(file)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    }
}

/// How many lines of each kind may be written.
private final class LineBudget: Sendable {
    enum Decision {
        case write
        /// The last one, and how long the next ones are left out.
        case last(Duration)
        case leaveOut
    }

    private static let maximumLines = 10
    private static let interval = Duration.seconds(60)
    /// An application's own events may have any name.
    private static let maximumKinds = 256
    private let kinds = Mutex<[String: (count: Int, end: Duration)]>([:])

    func take(_ kind: String, at now: Duration) -> Decision {
        self.kinds.withLock { kinds in
            if kinds[kind] == nil, kinds.count >= Self.maximumKinds { kinds = kinds.filter { $0.value.end > now } }
            let kind = kinds[kind] == nil && kinds.count >= Self.maximumKinds ? "" : kind
            var entry = kinds[kind] ?? (0, now + Self.interval)
            if entry.end <= now { entry = (0, now + Self.interval) }
            entry.count = min(entry.count + 1, Self.maximumLines + 1)
            kinds[kind] = entry
            if entry.count > Self.maximumLines { return .leaveOut }
            return entry.count < Self.maximumLines ? .write : .last(max(.seconds(1), entry.end - now))
        }
    }
}
