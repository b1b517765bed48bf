import Foundation
import RingCurl
import RingTesting
import Testing

/// The suite every transport passes, on real sockets.
@Suite(.serialized, .timeLimit(.minutes(3))) struct RingCurlConformanceTests {
    @Test(arguments: TransportConformance.checks)
    func conforms(_ check: TransportConformance.Check) async throws {
        try await check.run(TransportConformance(RingCurlTransport()))
    }

    /// Cancellation within 100 ms at every stage; no descriptor and no memory after 10,000 calls; large bodies in bounded
    /// memory. In a process of its own, where no other test takes the threads or the memory.
    ///
    /// `RING_CONFORMANCE_BODY=1073741824` sends and receives the whole gigabyte.
    @Test func conformsByMeasure() async {
        await #expect(processExitsWith: .success) {
            let size = ProcessInfo.processInfo.environment["RING_CONFORMANCE_BODY"].flatMap { Int64($0) }
            let subject = TransportConformance(RingCurlTransport(), largeBody: size ?? 128 * 1024 * 1024)
            for check in TransportConformance.measuredChecks {
                do { try await check.run(subject) } catch {
                    FileHandle.standardError.write(Data("\(check): \(error)\n".utf8))
                    throw error
                }
            }
        }
    }
}
