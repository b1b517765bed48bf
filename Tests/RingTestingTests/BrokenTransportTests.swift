import RingTesting
import Testing

/// Each check says in its failure what a transport with one fault did.
@Suite(.serialized, .timeLimit(.minutes(2))) struct BrokenTransportTests {
    private func check(_ fault: TransportFault) throws -> TransportConformance.Check {
        try #require(TransportConformance.checks.first { $0.name == fault.check })
    }

    @Test(arguments: TransportFault.allCases) func theFailureNamesTheFault(_ fault: TransportFault) async throws {
        let check = try self.check(fault)
        let failure = await #expect(throws: TransportConformanceFailure.self, "\(fault.rawValue)") {
            try await check.run(TransportConformance(BrokenTransport(fault)))
        }
        let text = failure?.description ?? ""
        #expect(text.contains(fault.words), "\(fault.rawValue): \(text)")
    }

    @Test(arguments: TransportFault.allCases) func theSameCheckPassesWithoutTheFault(_ fault: TransportFault)
        async throws
    {
        try await self.check(fault).run(TransportConformance(BrokenTransport(nil)))
    }
}
