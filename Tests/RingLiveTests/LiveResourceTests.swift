import Foundation
import RingCore
import RingTesting
import Testing

/// Nothing grows with the number of sessions. In a process of its own, because tests run side by side.
///
/// `RING_LIVE_SESSIONS=1000` makes it as many sessions.
@Suite(.enabled(LivePeer.reason) { await LivePeer.isReady() }, .timeLimit(.minutes(30))) struct LiveResourceTests {
    private static let count = ProcessInfo.processInfo.environment["RING_LIVE_SESSIONS"].flatMap { Int($0) } ?? 30

    private struct Sample {
        var firstFrame: Int
        var kilobytes: Int
        var threads: Int
        var descriptors: Int
    }

    @Test func sessionsLeaveNothingBehind() async throws {
        let peer = try await LivePeer.running()
        let process = try ChildProcess(
            ChildProcess.builtPrograms + "/LiveProbe",
            ["receive", "memory", peer.origin.absoluteString, peer.device().rawValue, "\(Self.count)", "3"])

        let outcome = await process.outcome()

        let samples = outcome.outputText.split(separator: "\n").compactMap { line -> Sample? in
            let numbers = line.split(separator: " ").compactMap { Int($0) }
            return numbers.count == 4
                ? Sample(firstFrame: numbers[0], kilobytes: numbers[1], threads: numbers[2], descriptors: numbers[3])
                : nil
        }
        #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
        #expect(samples.count == Self.count)
        // The first sessions load plugins and fill pools.
        let settled = samples.dropFirst(samples.count / 3)
        let (first, last) = try (#require(settled.first), #require(settled.last))
        let median = samples.map(\.firstFrame).sorted()[samples.count / 2]
        print(
            "\(samples.count) sessions: first picture after \(median) ms (median); \(first) after a third, \(last) at the end"
        )
        #expect(last.threads <= first.threads + 2)
        #expect(last.descriptors <= first.descriptors + 2)
        #expect(last.kilobytes <= first.kilobytes + 4096)
    }
}
