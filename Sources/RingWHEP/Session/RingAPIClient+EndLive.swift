internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingAPIClient {
    /// Sends the DELETE of a live session, with the token of this moment and within a time.
    func endLiveSession(_ url: URL, within limit: Duration) async -> WHEPCloseOutcome {
        let clock = self.environment.clock
        let deadline = RingDeadline(in: limit, clock: clock)
        let request = RingHTTPRequest(method: .delete, url: url)
        let context = self.context(
            for: .endLive, deadline: deadline, timeouts: RingTimeouts(connect: limit, firstByte: limit))
        do {
            let response = try await deadline.run(clock, of: .endLive) {
                try await self.exchange(request, context: context)
            }
            switch response.status {
            case 200..<300: return .closed
            case 404, 410: return .alreadyEnded
            default: return .failed(await self.error(for: response, to: .endLive))
            }
        } catch let error as RingError {
            return .failed(error)
        } catch {
            return .failed(
                RingError(
                    code: .connectionLost, message: "the live session could not be closed; it runs until Ring's limit",
                    operation: .endLive, delivery: .unknown, cause: error))
        }
    }
}
