import RingCore

/// One check has its share of the time of its part.
extension Probe {
    /// A check that got so much time says something about what it checked. Ring waits as long for the response to a webhook.
    private static let fair = Duration.seconds(5)

    /// Makes one check, and turns what it throws into a finding.
    ///
    /// A check without a response in its time is a failure when it had a fair time, and else unchecked: then only the command's
    /// time was too short.
    ///
    /// - Parameters:
    ///   - check: The stable word of the check.
    ///   - fix: What to do when it fails.
    ///   - count: How many checks of the part are left, this one included.
    ///   - body: The check.
    /// - Throws: `CancellationError` when it was the command that ended.
    func attempt(
        _ check: String, fix: String, of count: Int = 1, _ body: @escaping @Sendable () async throws -> [Finding]
    ) async throws -> [Finding] {
        let clock = self.context.environment.clock
        var limit = Self.longest
        if let left = self.context.deadline?.remaining(clock) {
            // Somewhat more than fair, so that a check that ends in it is not cut.
            limit = min(limit, max(left / count, min(Self.fair + .milliseconds(300), left)))
        }
        guard limit > .zero else {
            return [.cut(check, "not checked: the checks before it have used its time")]
        }
        let start = clock.uptime()
        do {
            guard let findings = try await Self.run(body, within: limit, clock) else {
                let seconds = "\(Int((limit / .seconds(1)).rounded(.down))) s"
                return [
                    limit < Self.fair
                        ? .cut(check, "no response in \(seconds), which was its share of the time")
                        : .failure(check, "no response in \(seconds)", fix: fix, exit: .network)
                ]
            }
            return findings
        } catch let error as RingError where error.code == .deadlineExceeded && clock.uptime() - start < Self.fair {
            return [.cut(check, "no response in its share of the time")]
        } catch {
            return [try .failed(check, error, fix: fix)]
        }
    }

    /// - Returns: `nil` when the time was over first. Whatever the body returns after that does not count: it was cancelled.
    private static func run(
        _ body: @escaping @Sendable () async throws -> [Finding], within limit: Duration, _ clock: any RingClock
    ) async throws -> [Finding]? {
        try await withThrowingTaskGroup(of: [Finding]?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await clock.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
