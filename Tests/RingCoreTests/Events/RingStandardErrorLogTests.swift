import RingCore
import RingTesting
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// What a service without an observer of its own writes.
@Suite struct RingStandardErrorLogTests {
    private struct Event: RingObservation {
        static let name = "test.event"
        var level = RingObservationLevel.warning
        var attributes: [(key: String, value: String)] = [("outcome", "forged")]
    }

    private final class Lines: Sendable {
        let uptime = Mutex(Duration.zero)
        let all = Mutex<[String]>([])

        func take() -> [String] {
            self.all.withLock { all in
                defer { all = [] }
                return all
            }
        }
    }

    private let lines = Lines()

    private func log(_ level: RingObservationLevel = .warning) -> RingStandardErrorLog {
        let lines = self.lines
        return RingStandardErrorLog(
            minimumLevel: level, uptime: { lines.uptime.withLock { $0 } },
            sink: { line in lines.all.withLock { $0.append(String(decoding: line, as: UTF8.self)) } })
    }

    @Test func whatIsSevereEnoughIsOneLine() {
        let log = self.log()
        log.observe(Event(level: .info))
        log.observe(
            Event(attributes: [("outcome", "forged"), ("reason", "no \"time\"\nat\u{1B}[1m /meta"), ("x", "")]))
        #expect(self.lines.take() == ["warning test.event outcome=forged reason=\"no 'time' at [1m /meta\" x=\"\"\n"])
        log.observe(Event(level: .error, attributes: [("path", String(repeating: "x", count: 9_000))]))
        let long = self.lines.take()
        #expect(long.count == 1 && long[0].utf8.count == 2_001 && long[0].hasSuffix("x\n"))
        self.log(.debug).observe(Event(level: .debug))
        #expect(self.lines.take().count == 1)
    }

    @Test func aLongLineIsNotCutInsideOfACharacter() {
        let log = self.log()
        for padding in 0..<2 {
            log.observe(
                Event(attributes: [
                    ("path", String(repeating: "x", count: padding) + String(repeating: "é", count: 2_000))
                ]))
        }
        let lines = self.lines.take()
        #expect(lines.count == 2)
        for line in lines {
            #expect(line.hasSuffix("é\n"))
            #expect(line.utf8.count <= 2_001)
        }
    }

    @Test func theNoticeNamesAnEventWithoutAttributes() {
        let log = self.log()
        for _ in 0..<20 { log.observe(Event(attributes: [])) }
        #expect(self.lines.take().last == "warning test.event: more of these are left out for 60 s\n")
    }

    @Test func aFloodIsTenLinesAMinuteAndHidesNothingElse() {
        let log = self.log()
        for _ in 0..<1_000 { log.observe(Event()) }
        let first = self.lines.take()
        #expect(first.count == 11)
        #expect(first.last == "warning test.event forged: more of these are left out for 60 s\n")
        log.observe(Event(attributes: [("outcome", "quarantined")]))
        log.observe(Event(level: .error))
        #expect(self.lines.take().count == 2)
        self.lines.uptime.withLock { $0 = .seconds(59) }
        log.observe(Event())
        #expect(self.lines.take() == [])
        self.lines.uptime.withLock { $0 = .seconds(60) }
        log.observe(Event())
        #expect(self.lines.take().count == 1)
    }

    /// Identifiers are no kinds; and an application's own events may have any words.
    @Test func thousandsOfKindsShareTheLines() {
        let log = self.log()
        for number in 0..<5_000 { log.observe(Event(attributes: [("account", "ava1.ring.account.\(number)")])) }
        #expect(self.lines.take().count == 11)
        for number in 0..<5_000 {
            // Words have few digits.
            let word = String(number, radix: 20).map { $0.wholeNumberValue.map { Array("qrstuvwxyz")[$0] } ?? $0 }
            log.observe(Event(attributes: [("word", String(word))]))
        }
        #expect(self.lines.take().count <= 256 + 11)
    }

    #if canImport(Glibc)
    /// The reader of standard error has gone, and `poll` does not say so: a signal would end the process.
    @Test func aSocketWhoseReaderHasGoneEndsNothing() {
        var ends: [Int32] = [-1, -1]
        #expect(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        shutdown(ends[0], Int32(SHUT_RD))
        RingStandardErrorLog.write(Array("line\n".utf8), to: ends[1])
        close(ends[0])
        close(ends[1])
    }

    /// A terminal says that it is ready when it takes a part of a line.
    @Test(.timeLimit(.minutes(1))) func aTerminalThatNobodyReadsDelaysNothing() throws {
        let leader = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
        try #require(leader >= 0)
        // TIOCSPTLCK and TIOCGPTPEER, which are macros.
        var isLocked: CInt = 0
        #expect(unsafe ioctl(leader, 0x4004_5431, &isLocked) == 0)
        let terminal = ioctl(leader, 0x5441, O_WRONLY | O_NOCTTY)
        try #require(terminal >= 0)
        defer {
            close(leader)
            close(terminal)
        }
        let flags = fcntl(terminal, F_GETFL)
        _ = fcntl(terminal, F_SETFL, flags | O_NONBLOCK)
        let text = [UInt8](repeating: UInt8(ascii: "x"), count: 64)
        while unsafe Glibc.write(terminal, text, text.count) > 0 {}
        while unsafe Glibc.write(terminal, text, 1) > 0 {}
        _ = fcntl(terminal, F_SETFL, flags)
        let line = [UInt8](repeating: UInt8(ascii: "y"), count: 2_000) + [UInt8(ascii: "\n")]
        var some = [UInt8](repeating: 0, count: 64)
        for _ in 0..<64 {
            RingStandardErrorLog.write(line, to: terminal)
            #expect(unsafe read(leader, &some, some.count) > 0)
        }
        // What others write is as before.
        #expect(fcntl(terminal, F_GETFL) == flags)
    }
    #endif
}
