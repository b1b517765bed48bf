package import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What the requests of all processes meet at the other end.
package protocol SimulatedServer: Sendable {
    /// A request is sent.
    ///
    /// - Returns: A number that stands for the exchange.
    func sends(_ request: RingHTTPRequest, for operation: RingOperation, from process: SimulatedProcess) -> Int

    /// A request arrives, perhaps after its sender has ended.
    func respond(
        to request: RingHTTPRequest, for operation: RingOperation, exchange: Int, from process: SimulatedProcess
    ) -> RingHTTPResponse

    /// The sender of a request learns how it ended, or has ended itself.
    func ends(exchange: Int, _ result: SimulatedTransport.Result)
}

/// The network of one simulated process, with faults.
///
/// A request travels for some time, arrives, and its response travels back. What has been sent arrives even when its
/// sender ends on the way, or is cancelled. A request can be lost, or its response.
package struct SimulatedTransport: RingTransport {
    /// How one exchange ended, as its sender saw it.
    package enum Result: Hashable, Sendable {
        /// The sender has the response.
        case responded
        /// The sender knows that the request was not sent.
        case notSent
        /// The sender does not know whether it arrived.
        case unknown
        /// The sender's task was cancelled before the response came.
        case cancelled
        /// The sender has ended.
        case ended
    }

    private let process: SimulatedProcess
    private let server: any SimulatedServer
    /// The time after which a sender gives up.
    private let limit: Duration

    /// Creates the network of a process.
    ///
    /// - Parameters:
    ///   - process: The sender.
    ///   - server: The other end.
    ///   - limit: The time after which the sender gives up waiting for a response.
    package init(_ process: SimulatedProcess, server: any SimulatedServer, limit: Duration = .seconds(30)) {
        self.process = process
        self.server = server
        self.limit = limit
    }

    package func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        try self.process.checkAlive()
        try Task.checkCancellation()
        let exchange = self.server.sends(request, for: context.operation, from: self.process)
        do {
            let response = try await self.exchange(request, context, exchange)
            self.server.ends(exchange: exchange, .responded)
            return response
        } catch {
            let isNotSent = (error as? RingError)?.delivery == .notSent
            let isOver = context.deadline.map { $0.uptime <= self.process.uptime } ?? false
            let isCancelled = error is CancellationError && !isOver
            self.server.ends(
                exchange: exchange,
                !self.process.isAlive ? .ended : isNotSent ? .notSent : isCancelled ? .cancelled : .unknown)
            throw error
        }
    }

    private func exchange(
        _ request: RingHTTPRequest, _ context: RingRequestContext, _ exchange: Int
    ) async throws -> RingHTTPResponse {
        let (process, server, simulation) = (self.process, self.server, self.process.simulation)
        let faults = simulation.faults.transport
        let fate = simulation.fate(faults)
        simulation.note(
            "sends", process, "\(request.method) \(request.url.path())\(fate == .success ? "" : ", \(fate)")")
        if fate == .endBefore { process.end() }
        try process.checkAlive()
        if fate == .failBefore, simulation.chance(0.5) {
            try await process.delay(faults.time(simulation))
            throw RingError(
                code: .connectionFailed, message: "the simulated network is down", operation: context.operation,
                delivery: .notSent)
        }
        let (there, back) = (faults.time(simulation), faults.time(simulation))
        return try await process.call(isCancellable: true) {
            (finish: @escaping @Sendable (Swift.Result<RingHTTPResponse, any Error>) -> Void) in
            let lost = RingError(
                code: .connectionLost, message: "the simulated connection broke", operation: context.operation,
                delivery: .unknown)
            var left = self.limit
            if let timeout = context.timeouts?.firstByte { left = min(left, timeout) }
            if let deadline = context.deadline { left = min(left, deadline.uptime - process.uptime) }
            let timer = simulation.after(max(left, .zero)) {
                finish(
                    .failure(
                        RingError(
                            code: .timedOut, message: "no response in time", operation: context.operation,
                            delivery: .unknown)))
            }
            simulation.after(there) {
                if fate == .failBefore {
                    simulation.note("request lost", process)
                    simulation.cancel(timer)
                    return finish(.failure(lost))
                }
                let response = server.respond(
                    to: request, for: context.operation, exchange: exchange, from: process)
                simulation.note("responds", process, "\(response.status)")
                if fate == .endAfter { process.end() }
                simulation.after(back) {
                    if fate == .failAfter {
                        simulation.note("response lost", process)
                        // A response that never comes, or a connection that breaks.
                        if simulation.chance(0.5) { return }
                    }
                    simulation.cancel(timer)
                    finish(fate == .failAfter ? .failure(lost) : .success(response))
                }
            }
        }
    }
}
