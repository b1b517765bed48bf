import Foundation
import RingCore
import RingTesting
import Testing

/// What every transport refuses to send.
@Suite struct RingTransportChecksTests {
    private func request(_ url: String, _ method: RingHTTPMethod = .get) throws -> RingHTTPRequest {
        RingHTTPRequest(method: method, url: try #require(URL(string: url)))
    }

    private func code(_ work: () throws -> some Any) -> RingError.Code? {
        do { _ = try work() } catch let error as RingError {
            #expect(error.operation == .devices && error.delivery == .notSent)
            return error.code
        } catch { Issue.record(error) }
        return nil
    }

    @Test(arguments: [
        "https://example.com", "https://example.com:8443/a?b=c", "http://localhost/", "http://127.0.0.1:80/%2F?",
        "http://[::1]:80/x",
    ])
    func acceptsSecureURLs(_ text: String) throws {
        let request = try self.request(text)
        #expect(try RingTransportChecks.url(request, .devices) == text)
    }

    @Test(
        arguments: [
            ("http://example.com/", .insecureURL), ("ftp://127.0.0.1/", .insecureURL),
            ("file:///etc/hosts", .insecureURL),
            ("http://localhost.example.com/", .insecureURL), ("http://127.0.0.1.example.com/", .insecureURL),
            ("https://user@example.com/", .invalidArgument), ("https://user:password@example.com/", .invalidArgument),
        ] as [(String, RingError.Code)])
    func refusesOtherURLs(_ text: String, _ code: RingError.Code) throws {
        let request = try self.request(text)
        #expect(self.code { try RingTransportChecks.url(request, .devices) } == code)
    }

    @Test func acceptsTokensAsMethods() throws {
        #expect(try RingTransportChecks.method(self.request("https://a.example", .patch), .devices) == "PATCH")
        for method in ["", "GE T", "GET\r\nX: y", "GÉT"] {
            let request = try self.request("https://a.example", RingHTTPMethod(rawValue: method))
            #expect(self.code { try RingTransportChecks.method(request, .devices) } == .invalidArgument)
        }
    }

    @Test func refusesFieldsThatEndTheirLine() {
        for value in ["a\r\nX: y", "a\nb", "a\u{0}b", "a\u{7F}"] {
            let field = RingHTTPField(name: "X-A", value: value)
            #expect(self.code { try RingTransportChecks.isSent(field, .devices) } == .invalidArgument)
        }
        for name in ["", "X A", "X:A", "X\r\nA", "Ä"] {
            let field = RingHTTPField(name: RingHTTPField.Name(name), value: "a")
            #expect(self.code { try RingTransportChecks.isSent(field, .devices) } == .invalidArgument)
        }
    }

    @Test func leavesFramingToTheTransport() throws {
        for name in ["Content-Length", "transfer-encoding", "Host", "Connection", "TE", "Upgrade", "Expect"] {
            let field = RingHTTPField(name: RingHTTPField.Name(name), value: "a")
            #expect(try !RingTransportChecks.isSent(field, .devices))
        }
        #expect(try RingTransportChecks.isSent(RingHTTPField(name: "X-A", value: "a\tb é"), .devices))
    }

    /// Secrets are often read from files, with the line break at their end.
    @Test func namesTheAccessTokenThatHasALineBreak() {
        let token = RingHTTPField(name: "authorization", value: "Bearer s3cr3t\n")
        let error = #expect(throws: RingError.self) { try RingTransportChecks.isSent(token, .devices) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("the access token has a control character, such as a line break") == true)
        let other = RingHTTPField(name: "X-A", value: "s3cr3t\n")
        let named = #expect(throws: RingError.self) { try RingTransportChecks.isSent(other, .devices) }
        #expect(named?.message.contains("X-A") == true)
        #expect([error, named].allSatisfy { $0?.description.contains("s3cr3t") == false })
    }

    @Test func takesTheLimitsOfTheRequestFirst() throws {
        let clock = ManualClock()
        let standard = RingHTTPExchangeProgress.Limits(RingTimeouts(connect: .seconds(1)))
        var context = RingRequestContext(operation: .devices)
        #expect(try RingTransportChecks.limits(context, standard: standard, clock: clock) == standard)
        context.timeouts = RingTimeouts(connect: .seconds(2), firstByte: nil, silence: .milliseconds(3), total: nil)
        context.deadline = RingDeadline(in: .seconds(4), clock: clock)
        let limits = try RingTransportChecks.limits(context, standard: standard, clock: clock)
        #expect(limits == .init(connect: 2_000_000_000, silence: 3_000_000, deadline: 4_000_000_000))
        context.deadline = RingDeadline(in: .zero, clock: clock)
        #expect(
            self.code { try RingTransportChecks.limits(context, standard: standard, clock: clock) }
                == .deadlineExceeded)
    }
}

@Suite struct RingTransportFailureTests {
    private let failure = RingTransportFailure(.devices, host: "a.example")

    @Test(arguments: [
        (RingHTTPExchangeProgress.Limit.connect, "no connection to a.example could be made in time (limit: 1 ms)"),
        (.firstByte, "a.example did not begin to respond in time (limit: 2 ms)"),
        (.silence, "nothing more was received from a.example, or sent to it, for too long (limit: 3 ms)"),
        (.total, "the exchange with a.example took longer than its limit (limit: 4 ms)"),
    ])
    func namesTheLimitThatHasPassed(_ limit: RingHTTPExchangeProgress.Limit, _ text: String) {
        let limits = RingHTTPExchangeProgress.Limits(
            connect: 1_000_000, firstByte: 2_000_000, silence: 3_000_000, total: 4_000_000)
        let error = self.failure.overdue(limit, limits, status: 200, delivery: .unknown)
        #expect(error.code == .timedOut)
        #expect(error.message == text + "; try again later, or allow more")
        #expect(error.operation == .devices && error.status == 200 && error.delivery == .unknown)
    }

    @Test func namesThePassedDeadlineAsSuch() {
        let error = self.failure.overdue(.deadline, .init(deadline: 1), status: 200, delivery: .notSent)
        #expect(error.code == .deadlineExceeded)
        #expect(error.status == 200 && error.delivery == .notSent)
    }

    @Test func countsWhatTheSourceOfABodySupplied() {
        let short = self.failure.wrongLength(promised: 9, supplied: 4, delivery: .unknown)
        #expect(short.code == .invalidArgument)
        #expect(short.message == "the request's body ended after 4 of the 9 bytes it was said to have")
        let long = self.failure.wrongLength(promised: 9, supplied: nil, delivery: .unknown)
        #expect(long.message == "the request's body is longer than the 9 bytes it was said to have")
    }

    @Test func keepsTheErrorOfASourceAsCause() {
        let error = self.failure.sourceFailed(CancellationError(), delivery: .notSent)
        #expect(error.code == .storageFailed)
        #expect(error.cause is CancellationError)
    }

    @Test func translatesPartsOutOfOrder() throws {
        let disorder = RingHTTPError(code: .partsOutOfOrder, message: "a second head")
        let error = try #require(self.failure.thrown(disorder) as? RingError)
        #expect(error.code == .protocolViolation && error.delivery == .unknown && error.operation == .devices)
        #expect(error.message == "the response of a.example cannot be used: a second head")
        #expect(self.failure.thrown(CancellationError()) is CancellationError)
    }

    /// Messages are fragments with the host, and end without a full stop.
    @Test func describesEveryReason() {
        let reasons = [
            self.failure.hostNotFound, self.failure.connectionFailed, self.failure.connectionTimedOut,
            self.failure.connectionBroke, self.failure.closedDuringTLS, self.failure.tlsFailed, self.failure.notHTTP,
            self.failure.closedWithoutResponse, self.failure.closedWithinHead, self.failure.closedWithinBody,
            self.failure.connectionLost, self.failure.cannotInflate,
        ]
        for reason in reasons {
            #expect(reason.message.contains("a.example") && !reason.message.hasSuffix("."))
            #expect(self.failure.error(reason, delivery: .unknown).message == reason.message)
        }
        #expect(Set(reasons.map(\.message)).count == reasons.count)
    }
}
