internal import Synchronization

/// Who works for a loop: its own thread when the network has something, and whoever asks for something, if nobody else is at
/// it. A request so goes out on the caller's thread, and the loop's thread wakes for the answer alone.
final class CurlDriver: Sendable {
    private let mailbox: CurlMailbox
    private let loop: Mutex<CurlLoop>

    init(mailbox: CurlMailbox) {
        self.mailbox = mailbox
        self.loop = Mutex(CurlLoop(mailbox.loop))
    }

    /// Carries out `command` at once, or leaves it to the thread when that is awake anyway, or when somebody else works for
    /// the loop: many at once are served best by one, who need not wait for the others.
    ///
    /// Never waits. Whoever is told about news is told after the lock is free.
    func perform(_ command: CurlEngine.Command) {
        guard CurlGlobal.servesAnyThread, self.mailbox.isAsleep else { return self.mailbox.submit(command) }
        let outcome = self.loop.withLockIfAvailable { loop in
            _ = loop.turn(command)
            return (news: loop.takeNews(), isTooLate: loop.expectsEarlierTurn())
        }
        guard let outcome else { return self.mailbox.submit(command) }
        if outcome.isTooLate { self.mailbox.wake() }
        for news in outcome.news { news.tell() }
    }

    /// What the loop's thread does until it is told to stop.
    func run() {
        var commands: [CurlEngine.Command] = []
        while true {
            self.mailbox.drain(into: &commands)
            let outcome = self.loop.withLock { loop in
                let goesOn = loop.turn(commands)
                return (news: loop.takeNews(), sleep: goesOn ? loop.timeToSleep() : nil)
            }
            for news in outcome.news { news.tell() }
            let isLate = self.runJobs(commands)
            commands.removeAll(keepingCapacity: true)
            guard let sleep = outcome.sleep else { return self.loop.withLock { $0.end() } }
            self.mailbox.sleep(milliseconds: isLate ? 0 : sleep)
        }
    }

    /// Runs the jobs among `commands`. They may let go of the transport; what they ask for is seen to in the next turn.
    ///
    /// - Returns: Whether there were any. Then time has passed, and nobody knows how much.
    private func runJobs(_ commands: [CurlEngine.Command]) -> Bool {
        var hasRun = false
        for case .run(let job) in commands {
            job.run()
            hasRun = true
        }
        return hasRun
    }
}
