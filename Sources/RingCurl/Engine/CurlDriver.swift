internal import Synchronization

/// Who works for a loop: its own thread when the network has something, and the thread of whoever submits a command, if no other
/// works for it. So a request is sent on the caller's thread, and the loop's thread wakes for the response alone.
final class CurlDriver: Sendable {
    private let mailbox: CurlMailbox
    private let loop: Mutex<CurlLoop>

    init(mailbox: CurlMailbox) {
        self.mailbox = mailbox
        self.loop = Mutex(CurlLoop(mailbox.loop))
    }

    /// Carries out `command` at once, or leaves it to the thread when that is awake anyway, or when another thread works for
    /// the loop: many commands at once are served best by one thread, and the others need not wait for it.
    ///
    /// Never waits. Tasks are woken after the lock is free.
    func perform(_ command: CurlEngine.Command) {
        guard CurlGlobal.servesAnyThread, self.mailbox.isAsleep else { return self.mailbox.submit(command) }
        let outcome = self.loop.withLockIfAvailable { loop in
            _ = loop.runTurn(command)
            return (wakeUps: loop.takeWakeUps(), isTooLate: loop.expectsEarlierTurn())
        }
        guard let outcome else { return self.mailbox.submit(command) }
        if outcome.isTooLate { self.mailbox.wake() }
        for wakeUp in outcome.wakeUps { wakeUp.perform() }
    }

    /// What the loop's thread does until it is told to stop.
    func run() {
        var commands: [CurlEngine.Command] = []
        while true {
            self.mailbox.drain(into: &commands)
            let outcome = self.loop.withLock { loop in
                let continues = loop.runTurn(commands)
                return (wakeUps: loop.takeWakeUps(), sleep: continues ? loop.timeToSleep() : nil)
            }
            for wakeUp in outcome.wakeUps { wakeUp.perform() }
            let isLate = self.runJobs(commands)
            commands.removeAll(keepingCapacity: true)
            guard let sleep = outcome.sleep else { return self.loop.withLock { $0.end() } }
            self.mailbox.sleep(milliseconds: isLate ? 0 : sleep)
        }
    }

    /// Runs the jobs among `commands`. They may release the transport; their requests are handled in the next turn.
    ///
    /// - Returns: Whether there were any. Then an unknown time has passed.
    private func runJobs(_ commands: [CurlEngine.Command]) -> Bool {
        var hasRun = false
        for case .run(let job) in commands {
            job.run()
            hasRun = true
        }
        return hasRun
    }
}
