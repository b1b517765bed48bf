import RingCore
import RingTesting
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.timeLimit(.minutes(1))) struct RingCallTests {
    private func call(_ text: String = "https://api.example.com/v1/x", operation: RingOperation = .testRead) throws
        -> RingCall
    {
        RingCall(url: try #require(URL(string: text)), operation: operation)
    }

    @Test func defaultsAreAPlainRead() throws {
        let call = try self.call()
        #expect(call.method == .get)
        #expect(call.headerFields.isEmpty)
        #expect(call.body.bytes?.isEmpty == true)
        #expect(call.priority == .interactive)
        #expect((call.account, call.deadline) == (nil, nil))
        #expect(call.timeouts == nil)
    }

    @Test func membersWriteThroughToRequestAndContext() throws {
        let deadline = RingDeadline(in: .seconds(5), clock: ManualClock())
        var call = try self.call()
        call.method = .patch
        call.headerFields["X-A"] = "1"
        call.account = "account-1"
        call.deadline = deadline
        call.timeouts = RingTimeouts(firstByte: .seconds(1))
        #expect(call.request.method == .patch)
        #expect(call.request.headerFields["X-A"] == "1")
        #expect(call.context.account == "account-1")
        #expect(call.context.deadline == deadline)
        #expect(call.context.timeouts?.firstByte == .seconds(1))
    }

    @Test func aTransportGetsBothParts() async throws {
        let transport = StubTransport { request, context in
            .json(#"{"target":"\#(request.url.path)","operation":"\#(context.operation.name)"}"#)
        }
        let operations = [RingOperation.testRead, .testChange, .testMediaRequest, .testDownload]
        for operation in operations {
            let response = try await transport.send(self.call(operation: operation))
            let text = String(decoding: try await response.body.collect(upTo: 4_096), as: UTF8.self)
            #expect(text == #"{"target":"/v1/x","operation":"\#(operation.name)"}"#)
        }
        #expect(transport.contexts.map(\.operation) == operations)
        #expect(transport.requests.count == operations.count)
    }

    @Test func onlyDownloadsGoWithoutAnAccessToken() {
        let operations = [RingOperation.testRead, .testChange, .testMediaRequest, .testDownload]
        #expect(operations.map(\.carriesAccessToken) == [true, true, true, false])
        #expect(operations.map(\.countsAgainstRateLimit) == [true, true, true, false])
        #expect(Set(operations.map(\.name)).count == operations.count)
    }

    @Test func aStubCanRouteByPathAndFailOneRoute() async throws {
        let transport = StubTransport { request in
            switch request.url.path {
            case "/v1/good": RingHTTPResponse(status: 204)
            case "/v1/down": throw RingError(code: .connectionFailed, message: "down", delivery: .notSent)
            default: .json("{}", status: 404)
            }
        }
        let origin = "https://api.example.com"
        #expect(try await transport.send(self.call(origin + "/v1/good")).status == 204)
        #expect(try await transport.send(self.call(origin + "/v1/other?x=1")).status == 404)
        let error = await #expect(throws: RingError.self) { try await transport.send(self.call(origin + "/v1/down")) }
        #expect(error?.delivery == .notSent)
        #expect(transport.targets == ["/v1/good", "/v1/other?x=1", "/v1/down"])
    }

    @Test func aStubThatWaitsCanBeCancelled() async throws {
        let clock = ManualClock()
        let transport = StubTransport { _ in
            try await clock.sleep(for: .seconds(60))
            return RingHTTPResponse(status: 200)
        }
        let call = try self.call()
        let task = Task { try await transport.send(call).status }
        await clock.sleepers(atLeast: 1)
        // It was recorded before the response exists.
        #expect(transport.requests.count == 1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func aStubGivesEachOfManyCallsOneResponse() async throws {
        let transport = StubTransport(
            RingHTTPResponse(status: 201), RingHTTPResponse(status: 202), RingHTTPResponse(status: 203))
        let call = try self.call()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await transport.send(call).status } }
            return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(statuses == [201: 1, 202: 1, 203: 18])
        #expect(transport.requests.count == 20)
    }
}
