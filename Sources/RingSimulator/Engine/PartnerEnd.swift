internal import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The partner's side: where webhooks and codes go, to a handler in this process or over the network.
final class PartnerEnd: RingTransport {
    typealias Handler = @Sendable (RingHTTPRequest) async -> RingHTTPResponse

    /// The partner's origin when it is in this process and has no URLs.
    static let origin = "https://partner.ring-simulator.test"

    private let clock: SimulatedClock
    private let network: (any RingTransport)?
    private let state = Mutex<Handler?>(nil)

    init(clock: SimulatedClock, network: (any RingTransport)?) {
        self.clock = clock
        self.network = network
    }

    var handler: Handler? {
        get { self.state.withLock { $0 } }
        set { self.state.withLock { $0 = newValue } }
    }

    /// Hands a request to the handler, which has the time that Ring gives it, by the simulated clock.
    func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        guard let handler else {
            guard let network else {
                throw RingError(
                    code: .connectionFailed, message: "the simulator in process has no receiver; call setReceiver",
                    operation: context.operation)
            }
            return try await network.send(request, context: context)
        }
        var request = request
        if let length = request.body.length { request.headerFields[.contentLength] = String(length) }
        let limit = context.timeouts?.total ?? .seconds(5)
        let environment = RingEnvironment(clock: SimulatorClock(self.clock))
        let response = await RingFirstResult.wait(atMost: limit, in: environment) { [request] in await handler(request)
        }
        guard let response else {
            throw RingError(
                code: .timedOut, message: "the receiver did not respond within \(limit.milliseconds) ms",
                operation: context.operation, delivery: .unknown)
        }
        return response
    }
}
