import Foundation

/// Prints what happens, and how long each step took.
final class Stage {
    private let isTerminal = isatty(1) == 1
    private let start = ContinuousClock.now
    private var count = 0

    /// Runs one step under a headline.
    func step<Value>(_ headline: String, _ body: () async throws -> Value) async throws -> Value {
        self.count += 1
        print("\n\(self.bold("\(self.count). \(headline)"))")
        let begin = ContinuousClock.now
        let value = try await body()
        let taken = (ContinuousClock.now - begin) / .milliseconds(1)
        print("   \(self.dim(String(format: "%.0f ms", taken)))")
        return value
    }

    /// A line about what happened.
    func say(_ text: String) { print("   \(text)") }

    func close() {
        let taken = (ContinuousClock.now - self.start) / .seconds(1)
        print("\n\(self.bold("Finished in \(String(format: "%.1f", taken)) s.")) What to read next:")
        print("   README.md                      a service of twelve lines that keeps a clip of every motion")
        print("   Documentation/FirstSteps.md    the same step by step, from a shell")
        print("   Examples/Sources               one program for each task a partner has")
        print("   make dashboard                 devices, live video, events and clips in the browser")
    }

    func fail(_ text: String, status: Int32 = 1) -> Never {
        FileHandle.standardError.write(Data("\nThe demo stopped: \(text)\n".utf8))
        exit(status)
    }

    private func bold(_ text: String) -> String { self.isTerminal ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
    private func dim(_ text: String) -> String { self.isTerminal ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}
