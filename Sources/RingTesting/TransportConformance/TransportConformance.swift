public import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What every transport must do, as checks on real sockets that any test framework can run.
///
/// <!-- given: func MyTransport() -> any RingTransport -->
/// ```swift
/// @Test(arguments: TransportConformance.checks)
/// func conforms(_ check: TransportConformance.Check) async throws {
///     try await check.run(TransportConformance(MyTransport()))
/// }
/// ```
///
/// Each check brings the server it needs, on loopback. It throws ``TransportConformanceFailure`` when the transport
/// falls short.
public struct TransportConformance: Sendable {
    /// The transport under test.
    let transport: any RingTransport
    /// What the transport can do beyond what every one must.
    let abilities: Set<Ability>
    /// The size of the large bodies, in bytes.
    var largeBody: Int64
    /// How long a cancelled call may take to return.
    let cancellationLimit: Duration
    let clock = RingSystemClock()

    /// Something not every platform's HTTP library can do.
    public enum Ability: String, Hashable, Sendable, CaseIterable {
        /// Repeated header fields of a response stay apart.
        case keepsRepeatedFieldsApart
        /// Limits for connecting, the first byte and silence are kept each by itself.
        case limitsEachPhase
        /// A request body may stream.
        case streamsUploads
        /// A response that is not valid HTTP/1.1 is distinguished from a lost connection.
        case namesProtocolViolations
        /// Header fields are sent with the case they were written in, repeated ones apart.
        case sendsFieldsVerbatim
    }

    /// Prepares the checks for one transport.
    ///
    /// - Parameters:
    ///   - transport: A transport with default limits.
    ///   - abilities: What it can do beyond what every one must; all of it unless said otherwise.
    ///   - largeBody: The size of the large bodies; 1 GB for a thorough run.
    ///   - cancellationLimit: How long a cancelled call may take to return.
    public init(
        _ transport: any RingTransport, abilities: Set<Ability> = Set(Ability.allCases),
        largeBody: Int64 = 64 * 1024 * 1024, cancellationLimit: Duration = .milliseconds(100)
    ) {
        self.transport = transport
        self.abilities = abilities
        self.largeBody = largeBody
        self.cancellationLimit = cancellationLimit
    }

    /// One thing a transport must do.
    public struct Check: Sendable, CustomStringConvertible {
        /// What it must do, in words.
        public let name: String
        let body: @Sendable (TransportConformance) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (TransportConformance) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// The name.
        public var description: String { self.name }

        /// Checks it.
        ///
        /// - Throws: ``TransportConformanceFailure``, or whatever unexpected error came up on the way.
        public func run(_ subject: TransportConformance) async throws { try await self.body(subject) }
    }

    /// Every check but those that measure.
    public static let checks: [Check] =
        messageChecks + bodyChecks + faultChecks + limitChecks + connectionChecks + secrecyChecks

    /// Checks that measure how soon a cancelled call returns, or what the whole process holds. Nothing else may run beside
    /// them: use a process of its own.
    public static let measuredChecks: [Check] = cancellationChecks + resourceChecks
}

/// A transport that falls short of a check.
public struct TransportConformanceFailure: Error, CustomStringConvertible {
    /// What was expected, and what was found.
    public let description: String
}

// MARK: Helpers

extension TransportConformance {
    func expect(_ isMet: Bool, _ expectation: @autoclosure () -> String) throws {
        if !isMet { throw TransportConformanceFailure(description: expectation()) }
    }

    func expect<Value: Equatable>(_ found: Value, is expected: Value, _ what: String) throws {
        try self.expect(found == expected, "\(what): expected \(expected), found \(found)")
    }

    /// A URL of a server under test.
    func url(_ origin: String, _ target: String = "/") throws -> URL {
        guard let url = URL(string: origin + target) else {
            throw TransportConformanceFailure(description: "no URL: \(origin)\(target)")
        }
        return url
    }

    /// A request to a server under test.
    func request(
        _ server: RawServer, _ target: String = "/", method: RingHTTPMethod = .get, fields: RingHTTPFields = [:],
        body: RingHTTPBody = .empty, operation: RingOperation = .testRead, timeouts: RingTimeouts? = nil
    ) throws -> RingCall {
        RingCall(
            method: method, url: try self.url(server.origin, target), headerFields: fields, body: body,
            operation: operation, timeouts: timeouts)
    }

    /// Sends, and reads the response's body.
    @discardableResult
    func exchange(_ request: RingCall) async throws -> (response: RingHTTPResponse, body: [UInt8]) {
        let response = try await self.transport.send(request)
        return (response, try await response.body.collect(upTo: 1 << 30))
    }

    /// The error of a call that must fail, in sending or in reading the body.
    func failure(of request: RingCall, _ what: String) async throws -> RingError {
        do {
            let (response, body) = try await self.exchange(request)
            throw TransportConformanceFailure(
                description: "\(what): expected an error, found status \(response.status) and \(body.count) bytes")
        } catch let error as RingError {
            return error
        }
    }

    /// Waits until something holds.
    func eventually(_ what: String, within limit: Duration = .seconds(10), _ holds: () -> Bool) async throws {
        let end = self.clock.uptime() + limit
        while !holds() {
            try self.expect(self.clock.uptime() < end, "\(what): it did not happen")
            try await self.clock.sleep(for: .milliseconds(1))
        }
    }
}
