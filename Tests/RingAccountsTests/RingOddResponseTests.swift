import Foundation
import RingAccounts
import RingCore
import RingOAuth
import RingTesting
import Synchronization
import Testing

/// Links while something other than Ring responds, or responds late.
@Suite(.timeLimit(.minutes(1))) struct RingOddResponseTests {
    /// A proxy responds in place of Ring, to each of the requests of a link.
    @Test(
        arguments: [200, 400, 403, 404],
        ["<html><h1>Bad Request</h1></html>", "", "Not Found", #"{"message":"no Route matched"}"#])
    func aResponseThatIsNotRingsRefusesNoLink(status: Int, body: String) async throws {
        // Success without a readable body is success, unless it is a page.
        guard status != 200 || body.hasPrefix("<") else { return }
        for isPatch in [false, true] {
            let bench = try LinkBench(attempts: 1)
            try await bench.arrive()
            let redirect = try bench.redirect()
            if isPatch {
                // The POST is done, and the PATCH failed.
                let failing = try LinkBench(
                    ring: StubRing { operation in
                        if operation == .updateLink { throw RingError(code: .connectionFailed, message: "down") }
                    }, endpoint: bench.endpoint, storage: bench.storage, clock: bench.time, attempts: 1)
                #expect(
                    await bench.code { _ = try await failing.linker.link(redirect, for: .robin) } == .connectionFailed)
                bench.ring.state.withLock { $0.integration = "awaiting" }
            }
            bench.ring.state.withLock { $0.faults = [.status(status, body: body)] }
            await #expect(throws: RingError.self) { try await bench.linker.link(redirect, for: .robin) }
            #expect(
                try await bench.store.record(for: "a")?.link?.step == (isPatch ? .confirmed : .confirming),
                "isPatch: \(isPatch)")
            #expect(try await bench.linker.link(redirect, for: .robin).account == "a")
            #expect(try await bench.state() == .linked && bench.ring.integration == "completed")
        }
    }

    /// A PATCH is slow, and its link is back at an earlier step when the response comes, such as in a restored backup: Ring has
    /// not confirmed the connection that the record stands for by then.
    @Test func aLatePatchCompletesOnlyAConfirmedLink() async throws {
        let (arrived, go) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        let ring = StubRing()
        let transport = StubTransport { request, context in
            let response = try ring.response(to: request, context)
            if context.operation == .updateLink {
                arrived.continuation.yield()
                for await _ in go.stream { break }
            }
            return response
        }
        let bench = try LinkBench(ring: ring, clock: ManualClock(), attempts: 1, transport: transport)
        try await bench.arrive()
        let redirect = try bench.redirect()
        let linking = Task { try await bench.linker.link(redirect, for: .robin) }
        for await _ in arrived.stream { break }
        var record = try #require(try await bench.store.record(for: "a"))
        #expect(record.link?.step == .confirmed)
        record.link?.step = .confirming
        record.version += 1
        #expect(try await bench.store.commit([.put(record, replacing: record.version - 1)]))
        // The POST that follows from this step fails.
        ring.state.withLock { $0.faults = [.status(500)] }
        go.continuation.yield()
        await #expect(throws: RingError.self) { try await linking.value }
        #expect(try await bench.store.record(for: "a")?.link?.step == .confirming)
        #expect(try await bench.state() == .claimed)
    }

    @Test func aKeyWithABlankIsNamedAsTheCause() async throws {
        let bench = try LinkBench(keys: [LinkBench.hmacKey + "\n"])
        try await bench.arrive()
        let error = await #expect(throws: RingError.self) {
            try await bench.linker.link(try bench.redirect(), for: .robin)
        }
        #expect(error?.code == .noMatchingAccount)
        #expect(error?.message.contains("a blank or a line break") == true)
        #expect(error?.message.contains(LinkBench.hmacKey) == false)
    }
}
