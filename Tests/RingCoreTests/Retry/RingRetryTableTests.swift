import RingCore
import Testing

/// The retry matrix of the fact sheet, row by row; a change of the table has to change this one too.
@Suite struct RingRetryTableTests {
    typealias Expected = (
        kind: RingOperation.Kind, refreshes: Bool, limited: RingRetryTable.Answer, failure: RingRetryTable.Answer,
        notSent: RingRetryTable.Answer, ambiguous: RingRetryTable.Answer
    )

    @Test(
        arguments: [
            (.get, true, .yes, .yes, .yes, .yes),
            (.mediaRequest, true, .yes, .yes, .yes, .yes),
            (.presignedGet, false, .yes, .yes, .yes, .no),
            (.confirmLink, true, .yes, .yes, .yes, .yes),
            (.updateLink, true, .yes, .yes, .yes, .yes),
            (.removeLink, true, .yes, .yes, .yes, .yes),
            (.startLive, true, .yes, .no, .no, .no),
            (.updateLive, true, .yes, .no, .no, .no),
            (.endLive, true, .no, .once, .once, .no),
            (.playChime, true, .yes, .no, .no, .no),
            (.tokenRefresh, false, .yes, .no, .yes, .no),
            (.codeExchange, false, .no, .no, .no, .no),
        ] as [Expected])
    func readsLikeTheMatrix(expected: Expected) {
        let row = RingRetryTable.row(expected.kind)
        #expect(row.refreshesToken == expected.refreshes)
        #expect(row.rateLimited == expected.limited)
        #expect(row.serverFailure == expected.failure)
        #expect(row.notSent == expected.notSent)
        #expect(row.ambiguous == expected.ambiguous)
    }
}
