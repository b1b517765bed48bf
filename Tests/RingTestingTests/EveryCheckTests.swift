import RingCore
import RingTesting
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Every check and every rule of the conformance suites can fail: something that does nothing right passes none of them.
@Suite(.timeLimit(.minutes(5))) struct EveryCheckTests {
    private static let checks = TransportConformance.checks + TransportConformance.measuredChecks

    /// Checks that no useless transport here fails by what it expects; the transport's own error ends them.
    private static let endedByErrors: Set = [
        "keeps no cookies and sends no credentials", "reaches IPv6", "survives a storm of cancellations",
        "holds no descriptor and no memory after 10,000 calls", "lets a slow reader hold up the server",
    ]

    @Test(arguments: Self.checks) func aTransportThatDoesNothingRightFails(_ check: TransportConformance.Check)
        async throws
    {
        // A broken transport's own error may also end a check, which says little about the check.
        var hasEnded = false
        for transport in UselessTransport.allCases {
            let subject = TransportConformance(transport, largeBody: 1 << 20)
            do { try await check.run(subject) } catch let failure as TransportConformanceFailure {
                return #expect(!failure.description.isEmpty)
            } catch { hasEnded = true }
        }
        if hasEnded, Self.endedByErrors.contains(check.name) { return }
        Issue.record("“\(check.name)” is failed by no useless transport")
    }

    @Test(arguments: RingStorageConformance.rules)
    func anEngineThatDoesNothingRightFails(_ rule: RingStorageConformance.Rule) async throws {
        for storage in UselessStorage.allCases {
            do { try await rule.check(.init(open: { storage }, wait: { _ in })) } catch {
                if let violation = error as? RingStorageConformance.Violation {
                    #expect(!violation.description.isEmpty)
                }
                return
            }
        }
        Issue.record("“\(rule.name)” passes every useless engine")
    }

    /// Which engines a rule finds useless is told by violations, not by the engine's own errors alone.
    @Test func mostRulesSayWhatAForgetfulEngineDidWrong() async {
        var words: [String] = []
        for rule in RingStorageConformance.rules {
            do { try await rule.check(.init(open: { UselessStorage.forgetful }, wait: { _ in })) } catch {
                if let violation = error as? RingStorageConformance.Violation { words.append(violation.description) }
            }
        }
        #expect(words.count >= RingStorageConformance.rules.count - 2)
        #expect(words.allSatisfy { !$0.isEmpty })
    }
}

/// Transports that are none.
private enum UselessTransport: RingTransport, CaseIterable {
    case refusing, silent, talkative

    func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        switch self {
        case .refusing:
            throw RingError(code: .relinkRequired, message: "nothing is sent", delivery: .notSent)
        case .silent: return RingHTTPResponse(status: 200)
        case .talkative:
            // Every secret of the request in one error.
            throw RingError(
                code: .connectionLost, message: "\(request.url) \(request.headerFields)", delivery: .unknown)
        }
    }
}

/// Engines that are none.
private enum UselessStorage: RingStorage, CaseIterable {
    case broken, forgetful, stubborn

    var location: String { "nowhere" }

    func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] { try self.nothing() }
    func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] { try self.nothing() }
    func count(matching query: RingStorageQuery) async throws -> Int { try self.nothing().count }
    func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] { leases }
    func close() async {}

    func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        _ = try self.nothing()
        return self == .forgetful
    }

    private func nothing() throws -> [RingStorageRecord] {
        guard self != .broken else { throw RingError(code: .storageFailed, message: "the engine is broken") }
        return []
    }
}
