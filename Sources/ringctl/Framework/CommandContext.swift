import RingCore

/// What a running command works with.
struct CommandContext: Sendable {
    /// The settings.
    private(set) var settings: Settings
    /// The words of the command line.
    let arguments: Arguments
    /// Where results, progress and remarks go.
    let output: Output
    /// The clock and the observer.
    let environment: RingEnvironment
    /// When the whole command must have ended; `nil` when it runs until it is stopped.
    private(set) var deadline: RingDeadline?
    /// Whether tokens may be refreshed; not when the token endpoint is known to be none.
    var mayRefreshTokens = true

    init(
        settings: Settings, arguments: Arguments, output: Output, environment: RingEnvironment, deadline: RingDeadline?
    ) {
        self.settings = settings
        self.arguments = arguments
        self.output = output
        self.environment = environment
        self.deadline = deadline
    }

    /// The same with a part of the time that is left.
    func limited(to share: Int, of total: Int) -> Self {
        guard let deadline else { return self }
        let left = deadline.remaining(self.environment.clock) * share / total
        var limited = self
        limited.deadline = RingDeadline(in: left, clock: self.environment.clock)
        // What opens a store waits as long as its command lasts.
        limited.settings.timeout = max(left, .milliseconds(1))
        return limited
    }

    /// Reads standard input to its end.
    ///
    /// - Throws: `UsageError` when there is more than `limit`; `CancellationError` when the command is ended.
    func readInput(upTo limit: Int = 4 << 20) throws -> [UInt8] { try StandardInput.readAll(upTo: limit) }

    /// Reads one line of text from standard input, without white space at its ends.
    ///
    /// - Throws: `UsageError` when there is none, or it is no UTF-8.
    func readInputText(_ what: String) throws -> String {
        guard let text = String(validating: try self.readInput(upTo: 64 << 10), as: UTF8.self) else {
            throw UsageError("\(what) on standard input is not UTF-8")
        }
        let trimmed = text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        guard !trimmed.isEmpty else { throw UsageError("\(what) is read from standard input, which is empty") }
        return String(trimmed)
    }
}
