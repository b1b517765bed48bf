import RingPartner
import Testing

/// The retry matrix of the fact sheet, row by row; a change of an operation has to change this table, too.
@Suite struct RetryTableTests {
    typealias Expected = (
        operations: [RingOperation], refusals: Set<Int>, limited: RingRetryBehavior.Repeats,
        failure: RingRetryBehavior.Repeats, notSent: RingRetryBehavior.Repeats, ambiguous: RingRetryBehavior.Repeats
    )

    @Test(
        arguments: [
            (
                [
                    .integrationStatus, .subscriptions, .devices, .device, .deviceStatus, .deviceCapabilities,
                    .deviceConfigurations, .deviceLocation, .locations, .history,
                ], [401], .always, .always, .always, .always
            ),
            ([.userProfile], [401, 403], .always, .always, .always, .always),
            // The media client repeats both steps together, as one attempt.
            ([.clipRequest, .stillRequest], [401], .always, .never, .never, .never),
            ([.clipDownload, .stillDownload], [], .always, .never, .never, .never),
            ([.confirmLink, .updateLink, .removeLink], [401], .always, .always, .always, .always),
            ([.startLive, .updateLive], [401], .always, .never, .never, .never),
            ([.endLive], [401], .never, .once, .once, .never),
            ([.playChime], [401], .always, .never, .never, .never),
            ([.tokenRefresh], [], .always, .never, .always, .never),
            ([.codeExchange], [], .never, .never, .never, .never),
        ] as [Expected])
    func readsLikeTheMatrix(expected: Expected) {
        for operation in expected.operations {
            let retry = operation.retry
            #expect(retry.tokenRefusals == expected.refusals, "\(operation)")
            #expect(retry.rateLimited == expected.limited, "\(operation)")
            #expect(retry.serverFailure == expected.failure, "\(operation)")
            #expect(retry.notSent == expected.notSent, "\(operation)")
            #expect(retry.ambiguous == expected.ambiguous, "\(operation)")
        }
    }

    /// The other traits, as they were before operations carried them.
    @Test func tokensAndDownloadsCarryNoAccessToken() {
        for operation in [RingOperation.tokenRefresh, .codeExchange, .clipDownload, .stillDownload] {
            #expect(!operation.carriesAccessToken && !operation.redaction.quotesResponses, "\(operation)")
        }
        for operation in [RingOperation.devices, .clipRequest, .startLive, .endLive, .playChime, .confirmLink] {
            #expect(operation.carriesAccessToken && operation.redaction.quotesResponses, "\(operation)")
        }
        #expect(!RingOperation.clipDownload.countsAgainstRateLimit && RingOperation.clipRequest.countsAgainstRateLimit)
        #expect(RingOperation.clipDownload.lane == .media && RingOperation.clipRequest.lane == .media)
        #expect(RingOperation.tokenRefresh.countsAgainstRateLimit && RingOperation.tokenRefresh.lane == .documents)
    }
}
