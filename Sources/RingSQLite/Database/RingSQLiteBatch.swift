/// Runs calls that wait together: each reading in its own snapshot, the changes in one commit.
///
/// Calls that wait together are concurrent with each other, so their order is free: readings go first and see no
/// change that is not yet on the disk.
struct RingSQLiteBatch {
    var connection: RingSQLiteConnection
    var maximumGroup: Int

    func run(_ jobs: [RingSQLiteJob]) {
        for job in jobs where !job.isWrite { job.finish(self.failure { try self.transaction("BEGIN", job) }) }
        var rest = jobs.filter(\.isWrite)[...]
        while !rest.isEmpty {
            let group = rest.prefix(max(self.maximumGroup, 1))
            rest = rest.dropFirst(group.count)
            self.change(Array(group))
        }
    }

    private func change(_ group: [RingSQLiteJob]) {
        if group.count > 1, let outcomes = self.together(group) {
            for (job, outcome) in zip(group, outcomes) { job.finish(outcome) }
            return
        }
        // Alone, or after a shared commit failed as a whole: each change then gets its own verdict.
        for job in group { job.finish(self.failure { try self.transaction("BEGIN IMMEDIATE", job) }) }
    }

    /// One commit for all, one savepoint each.
    ///
    /// - Returns: Each change's error; `nil` as a whole when nothing was committed.
    private func together(_ group: [RingSQLiteJob]) -> [(any Error)?]? {
        do {
            try self.connection.execute("BEGIN IMMEDIATE")
            var outcomes: [(any Error)?] = []
            for job in group {
                try self.connection.execute("SAVEPOINT change")
                let error = self.failure { try job.run(self.connection) }
                // A full disk may have ended the whole transaction, with the changes before this one.
                if self.connection.isAutocommit { return nil }
                if error != nil { try self.connection.execute("ROLLBACK TO change") }
                try self.connection.execute("RELEASE change")
                outcomes.append(error)
            }
            try self.connection.execute("COMMIT")
            return outcomes
        } catch {
            self.rollBack()
            return nil
        }
    }

    private func transaction(_ begin: String, _ job: RingSQLiteJob) throws {
        try self.connection.execute(begin)
        do {
            try job.run(self.connection)
            try self.connection.execute("COMMIT")
        } catch {
            self.rollBack()
            throw error
        }
    }

    private func rollBack() {
        guard !self.connection.isAutocommit else { return }
        // Its failure leaves nothing to do: the next BEGIN reports what is wrong.
        _ = self.failure { try self.connection.execute("ROLLBACK") }
    }

    private func failure(_ body: () throws -> Void) -> (any Error)? {
        do {
            try body()
            return nil
        } catch { return error }
    }
}
