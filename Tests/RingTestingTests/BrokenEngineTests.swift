import RingCore
import RingTesting
import Synchronization
import Testing

/// Each rule says in its violation what an engine with one fault did. One after the other: together they would take the processor
/// from the tests beside them that have deadlines.
@Suite(.serialized, .timeLimit(.minutes(2))) struct BrokenEngineTests {
    private func rule(_ fault: EngineFault) throws -> RingStorageConformance.Rule {
        try #require(RingStorageConformance.rules.first { $0.name == fault.rule })
    }

    private func database(_ fault: EngineFault?) -> RingStorageConformance.Database {
        let time = Mutex(Duration.zero)
        let memory = RingMemoryStorage(uptime: { time.withLock { $0 } })
        return RingStorageConformance.Database(
            open: { BrokenEngine(memory, fault) },
            wait: { duration in if fault != .neverEndsLeases { time.withLock { $0 += duration } } })
    }

    @Test(arguments: EngineFault.allCases) func theViolationNamesTheFault(_ fault: EngineFault) async throws {
        let rule = try self.rule(fault)
        let violation = await #expect(throws: RingStorageConformance.Violation.self, "\(fault.rawValue)") {
            try await rule.check(self.database(fault))
        }
        let text = violation?.description ?? ""
        #expect(text.contains(fault.words), "\(fault.rawValue): \(text)")
    }

    @Test(arguments: EngineFault.allCases) func theSameRulePassesWithoutTheFault(_ fault: EngineFault) async throws {
        try await self.rule(fault).check(self.database(nil))
    }

    /// A rule that fails whatever an engine does would say nothing.
    @Test(arguments: EngineFault.allCases) func aFaultBreaksOnlyRulesThatDependOnIt(_ fault: EngineFault) async {
        var passed = 0
        for rule in RingStorageConformance.rules where rule.name != fault.rule {
            // Many writers wait for each other there, for ever with an engine that loses writes.
            guard !rule.name.contains("concurrent") else { continue }
            do {
                try await rule.check(self.database(fault))
                passed += 1
            } catch {}
        }
        #expect(passed > 0, "\(fault.rawValue)")
    }
}
