import RingCore
import RingCrypto
import RingOAuth
import RingTesting
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.timeLimit(.minutes(10))) struct RingModelTests {
    private func form(_ text: String, _ operation: RingOperation) throws -> RingCall {
        RingCall(
            method: .post, url: try #require(URL(string: "https://oauth.example/oauth/token")),
            body: RingHTTPBody(text), operation: operation)
    }

    @Test func aRefreshTokenWorksOnceAndLostResponsesHaveTheirEffect() throws {
        let simulation = Simulation(seed: 1)
        let model = RingModel(simulation, key: try RingHMACKey("key"))
        let process = SimulatedProcess(simulation, name: "p", number: 1)
        let transport = SimulatedTransport(process, server: model)
        let code = model.connect("a")
        let exchange = try self.form("grant_type=authorization_code&code=\(code)", .codeExchange)
        let statuses = Mutex<[String]>([])
        process.run {
            for _ in 0..<2 {
                let response = try? await transport.send(exchange)
                statuses.withLock { $0.append("\(response?.status ?? 0) \(response?.headerFields["Date"] ?? "")") }
            }
            var faults = SimulatedFaultPlan()
            faults.transport = SimulatedFaults(failAfter: 1)
            simulation.faults = faults
            guard let refresh = try? self.form("grant_type=refresh_token&refresh_token=rt-a-2", .tokenRefresh) else {
                return
            }
            do {
                _ = try await transport.send(refresh)
            } catch {
                let delivery = (error as? RingError)?.delivery
                statuses.withLock { $0.append("\(delivery.map { "\($0)" } ?? "none")") }
            }
        }
        #expect(simulation.run() == .idle)
        let date = "Wed, 18 Nov 2026 11:06:40 GMT"
        #expect(statuses.withLock { $0 } == ["200 \(date)", "400 \(date)", "unknown"])
        #expect(!model.accepts(refreshToken: "rt-a-2"))
        #expect(model.accepts(refreshToken: "rt-a-3"))
        let refresh = try #require(model.refreshes.values.first)
        #expect(refresh.result == .unknown)
        #expect(refresh.successor == "rt-a-3")
        simulation.finish([process])
    }

    /// A request that was sent arrives, although its sender has ended meanwhile.
    @Test func aRequestArrivesWithoutItsSender() throws {
        let simulation = Simulation(seed: 2)
        let model = RingModel(simulation, key: try RingHMACKey("key"))
        let process = SimulatedProcess(simulation, name: "p", number: 1)
        let transport = SimulatedTransport(process, server: model)
        let exchange = try self.form("grant_type=authorization_code&code=\(model.connect("a"))", .codeExchange)
        var faults = SimulatedFaultPlan()
        faults.transport = SimulatedFaults(slow: 1, slowTime: .seconds(10))
        simulation.faults = faults
        process.run { _ = try? await transport.send(exchange) }
        simulation.after(.microseconds(1)) { process.end() }
        #expect(simulation.run() == .idle)
        #expect(model.accepts(refreshToken: "rt-a-2"))
        simulation.finish([process])
    }
}
