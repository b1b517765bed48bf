/// Runs calls that wait together: each reading in its own snapshot, the changes in one commit.
///
/// Calls that wait together are concurrent with each other, so their order is free: readings go first and see no
/// change that is not yet on the disk.
struct RingSQLiteBatch {
    var connection: RingSQLiteConnection
    var maximumGroup: Int

    func run(_ jobs: [RingSQLiteJob]) {
        self.connection.leases.forgetProcesses()
        for job in jobs where !job.isWrite { job.finish(self.failure { try self.read(job) }) }
        var rest = jobs.filter(\.isWrite)[...]
        while !rest.isEmpty {
            let group = rest.prefix(max(self.maximumGroup, 1))
            rest = rest.dropFirst(group.count)
            self.change(Array(group))
        }
    }

    private func read(_ job: RingSQLiteJob) throws {
        // One statement alone is a snapshot by itself.
        guard job.isSnapshot else { return try job.run(self.connection) }
        try self.connection.run(.begin)
        do {
            try job.run(self.connection)
            try self.connection.run(.commit)
        } catch {
            self.rollBack()
            throw error
        }
    }

    private func change(_ group: [RingSQLiteJob]) {
        if group.count > 1, let outcomes = self.together(group) {
            for (job, outcome) in zip(group, outcomes) { job.finish(outcome) }
            return
        }
        // Alone, or after a shared commit failed as a whole: each change then gets its own verdict.
        for job in group { job.finish(self.failure { try self.alone(job) }) }
    }

    /// One commit for all.
    ///
    /// - Returns: Each change's error; `nil` as a whole when nothing was committed.
    private func together(_ group: [RingSQLiteJob]) -> [(any Error)?]? {
        do {
            try self.connection.beginWriting()
            var outcomes: [(any Error)?] = []
            for job in group {
                guard job.hasSavepoint else {
                    try job.run(self.connection)
                    outcomes.append(nil)
                    continue
                }
                try self.connection.execute("SAVEPOINT change")
                let error = self.failure { try job.run(self.connection) }
                // A full disk may have ended the whole transaction, with the changes before this one.
                if self.connection.isAutocommit { return nil }
                if error != nil { try self.connection.execute("ROLLBACK TO change") }
                try self.connection.execute("RELEASE change")
                outcomes.append(error)
            }
            if group.contains(where: \.shrinks) { try self.connection.shrink() }
            try self.connection.run(.commit)
            return outcomes
        } catch {
            self.rollBack()
            return nil
        }
    }

    private func alone(_ job: RingSQLiteJob) throws {
        do {
            try self.connection.beginWriting()
            try job.run(self.connection)
            if job.shrinks { try self.connection.shrink() }
            try self.connection.run(.commit)
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
