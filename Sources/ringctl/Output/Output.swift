import Glibc
import RingJSONAPI
import Synchronization

/// Standard output carries results alone; progress, remarks and errors go to standard error.
///
/// Every text passes ``PrintableText`` here: what a server or a user named cannot act on the terminal. A result that cannot be
/// written is a failure of the command; nobody can be told that a remark was not.
final class Output: Sendable {
    /// Whether results are one JSON object a line.
    let json: Bool
    /// Whether remarks and progress are left out.
    let quiet: Bool
    /// Whether standard output is a terminal that shows colour.
    private let hasColour: Bool
    /// Whether standard error is a terminal, so that progress can be drawn.
    let drawsProgress: Bool
    private let progressLine = Mutex(false)
    /// Whether the command draws progress of its own.
    private let hasOwnProgress = Mutex(false)

    init(json: Bool, quiet: Bool, noColour: Bool) {
        self.json = json
        self.quiet = quiet
        self.hasColour = !json && !noColour && isatty(1) == 1
        self.drawsProgress = !json && !quiet && isatty(2) == 1
    }

    /// One result: a JSON line for programs, lines of text for people.
    ///
    /// - Throws: `CommandFailure` when it cannot be written, as every function here that writes results.
    func result(_ object: JSONAPILiteral, lines: @autoclosure () -> [String]) throws {
        if self.json { try self.object(object) } else { try self.lines(lines()) }
    }

    /// One result: a JSON line for programs, one line of text for people.
    func result(_ object: JSONAPILiteral, text: @autoclosure () -> String) throws {
        try self.result(object, lines: [text()])
    }

    /// One JSON line, for programs and people alike.
    func object(_ object: JSONAPILiteral) throws {
        self.endProgress()
        try Self.write(object.line + "\n", to: 1)
    }

    /// Lines of text.
    func lines(_ lines: [String]) throws {
        self.endProgress()
        try Self.write(Self.text(lines), to: 1)
    }

    /// A script of this program, as it stands: it holds nothing from outside.
    func script(_ text: String) throws { try Self.write(text + "\n", to: 1) }

    /// A table, its header in bold on a terminal.
    func table(_ table: Table) throws {
        let lines = table.lines()
        guard self.hasColour, let head = lines.first else { return try self.lines(lines) }
        self.endProgress()
        try Self.write("\u{1B}[1m\(head)\u{1B}[0m\n" + Self.text(lines.dropFirst()), to: 1)
    }

    /// An SDP description, byte for byte; on a terminal without what could act on it.
    func description(_ bytes: [UInt8]) throws {
        guard isatty(1) == 1 else { return try Self.write(bytes, to: 1) }
        let lines = String(decoding: bytes, as: UTF8.self).split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        try self.lines(lines.dropLast(lines.last == "" ? 1 : 0).map(String.init))
    }

    /// Bytes for a program, such as a picture.
    func bytes(_ bytes: [UInt8]) throws {
        self.endProgress()
        try Self.write(bytes, to: 1)
    }

    /// A result on standard error, where standard output has another one.
    func secondResult(_ object: JSONAPILiteral, lines: [String]) throws {
        try Self.write(self.json ? object.line + "\n" : Self.text(lines), to: 2)
    }

    /// A remark on standard error.
    func remark(_ text: String) {
        guard !self.quiet else { return }
        self.error(text)
    }

    /// Says that a list may have more.
    func repeatedLink() {
        self.remark(
            "ringctl: warning: the link to the next page leads to a page that was there before; the list may have more")
    }

    /// A line of standard error, whatever the settings.
    func error(_ text: String) { self.writeError(PrintableText.line(text)) }

    /// The failure of the command.
    func failure(_ failure: Failure) {
        self.writeError(self.json ? failure.json.line : PrintableText.line(failure.text))
    }

    private func writeError(_ line: String) {
        let clear = self.progressLine.withLock { isDrawn in
            defer { isDrawn = false }
            return isDrawn ? "\r\u{1B}[K" : ""
        }
        try? Self.write(clear + line + "\n", to: 2)
    }

    /// Draws a line of progress over the last one, on a terminal.
    ///
    /// - Parameter onlyWhenIdle: Whether it gives way to progress that the command itself draws.
    func progress(_ text: String, onlyWhenIdle: Bool = false) {
        guard self.drawsProgress else { return }
        let isLeft = self.hasOwnProgress.withLock { hasOwn in
            if !onlyWhenIdle { hasOwn = true }
            return onlyWhenIdle && hasOwn
        }
        guard !isLeft else { return }
        self.progressLine.withLock { $0 = true }
        try? Self.write("\r\u{1B}[K\(PrintableText.line(text))", to: 2)
    }

    /// Removes the line of progress.
    func endProgress() {
        let isDrawn = self.progressLine.withLock { isDrawn in
            defer { isDrawn = false }
            return isDrawn
        }
        if isDrawn { try? Self.write("\r\u{1B}[K", to: 2) }
    }

    private static func text(_ lines: some Sequence<String>) -> String {
        lines.reduce(into: "") { $0 += PrintableText.line($1) + "\n" }
    }

    private static func write(_ text: String, to descriptor: Int32) throws {
        try self.write(Array(text.utf8), to: descriptor)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Somebody made it non-blocking, and the reader is slow.
                var isReady = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&isReady, 1, -1)
            } else if errno != EINTR {
                let reason = unsafe String(cString: strerror(errno))
                throw CommandFailure(
                    .server, code: "output_failed",
                    "standard \(descriptor == 1 ? "output" : "error") cannot be written (\(reason)); the result is lost"
                )
            }
        }
    }
}
