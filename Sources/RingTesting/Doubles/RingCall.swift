package import RingCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// A request with its context, for tests that pass both around together.
@dynamicMemberLookup
package struct RingCall: Sendable {
    package var request: RingHTTPRequest
    package var context: RingRequestContext

    package init(
        method: RingHTTPMethod = .get, url: URL, headerFields: RingHTTPFields = [:], body: RingHTTPBody = .empty,
        operation: RingOperation, account: RingAccountID? = nil, priority: RingPriority = .interactive,
        deadline: RingDeadline? = nil, timeouts: RingTimeouts? = nil
    ) {
        self.request = RingHTTPRequest(method: method, url: url, headerFields: headerFields, body: body)
        self.context = RingRequestContext(
            operation: operation, account: account, priority: priority, deadline: deadline, timeouts: timeouts)
    }

    package subscript<Value>(dynamicMember member: WritableKeyPath<RingHTTPRequest, Value>) -> Value {
        get { self.request[keyPath: member] }
        set { self.request[keyPath: member] = newValue }
    }

    package subscript<Value>(dynamicMember member: WritableKeyPath<RingRequestContext, Value>) -> Value {
        get { self.context[keyPath: member] }
        set { self.context[keyPath: member] = newValue }
    }
}

extension RingTransport {
    /// Sends a request with its context.
    package func send(_ call: RingCall) async throws -> RingHTTPResponse {
        try await self.send(call.request, context: call.context)
    }
}

/// Operations for tests of transports, with the traits that a transport looks at.
extension RingOperation {
    package static let testRead = Self("test.read", retry: .idempotent)
    package static let testChange = Self("test.change", retry: .whenRateLimited)
    package static let testMediaRequest = Self("test.media_request", retry: .idempotent, lane: .media)
    package static let testDownload = Self(
        "test.download", retry: .idempotent, carriesAccessToken: false, countsAgainstRateLimit: false, lane: .media,
        redaction: .query)
}
