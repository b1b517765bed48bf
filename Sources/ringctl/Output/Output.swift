import Glibc
import RingJSONAPI
import Synchronization

/// Standard output carries results alone; progress, remarks and errors go to standard error.
final class Output: Sendable {
    /// Whether results are one JSON object a line.
    let json: Bool
    /// Whether remarks and progress are left out.
    let quiet: Bool
    /// Whether standard output is a terminal that shows colour.
    let hasColour: Bool
    /// Whether standard error is a terminal, so that progress can be drawn.
    let drawsProgress: Bool
    private let progressLine = Mutex(false)

    init(json: Bool, quiet: Bool, noColour: Bool) {
        self.json = json
        self.quiet = quiet
        self.hasColour = !json && !noColour && isatty(1) == 1
        self.drawsProgress = !json && !quiet && isatty(2) == 1
    }

    /// One result: a JSON line for programs, a text for people.
    func result(_ object: JSONAPILiteral, text: @autoclosure () -> String) {
        self.line(self.json ? object.line : text())
    }

    /// One line of standard output, as it is.
    func line(_ text: String) { Self.write(Array((text + "\n").utf8), to: 1) }

    /// Bytes of standard output, as they are.
    func bytes(_ bytes: [UInt8]) { Self.write(bytes, to: 1) }

    /// A remark on standard error.
    func remark(_ text: String) {
        guard !self.quiet else { return }
        self.error(text)
    }

    /// A line of standard error, whatever the settings.
    func error(_ text: String) {
        let clear = self.progressLine.withLock { isDrawn in
            defer { isDrawn = false }
            return isDrawn ? "\r\u{1B}[K" : ""
        }
        Self.write(Array((clear + text + "\n").utf8), to: 2)
    }

    /// Draws a line of progress over the last one, on a terminal.
    func progress(_ text: String) {
        guard self.drawsProgress else { return }
        self.progressLine.withLock { $0 = true }
        Self.write(Array("\r\u{1B}[K\(text)".utf8), to: 2)
    }

    /// Removes the line of progress.
    func endProgress() {
        let isDrawn = self.progressLine.withLock { isDrawn in
            defer { isDrawn = false }
            return isDrawn
        }
        if isDrawn { Self.write(Array("\r\u{1B}[K".utf8), to: 2) }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR || errno == EAGAIN { continue }
                return  // Nobody reads any more.
            }
            rest = rest.dropFirst(count)
        }
    }
}
