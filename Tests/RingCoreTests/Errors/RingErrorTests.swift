import FoundationEssentials
import RingCore
import RingJSONAPI
import RingTesting
import Testing

@Suite struct RingErrorTests {
    private func error(
        _ response: RingHTTPResponse, _ operation: RingOperation = .devices
    ) async throws -> RingError {
        let url = try #require(URL(string: "https://api.example.test"))
        let stub = StubTransport(response)
        let api = RingAPIClient(baseURL: url, transport: stub, environment: RingEnvironment(clock: ManualClock()))
        return try #require(
            await #expect(throws: RingError.self) {
                try await api.send(try api.request(path: ["v1", "x"]), for: operation)
            })
    }

    @Test func keepsEverythingSupportAsksFor() async throws {
        let error = try await self.error(
            .json(
                #"{"errors":[{"id":"5b0f","status":"416","code":"MEDIA_NOT_FOUND","detail":"Nothing recorded","#
                    + #""source":{"pointer":"timestamp"},"meta":{"timestamp":"2026-11-18T11:20:00Z"}}]}"#,
                status: 416, headerFields: [.requestID: "req-7", .retryAfter: "2"]), .clipRequest)
        #expect(error.status == 416)
        #expect(error.requestID == "req-7")
        #expect(error.retryAfter == .seconds(2))
        #expect(error.serverCodes == ["MEDIA_NOT_FOUND"])
        #expect(error.errors.first?.sourcePointer == "timestamp")
        #expect(error.errors.first?.raw["meta"]?["timestamp"]?.string == "2026-11-18T11:20:00Z")
        #expect(error.delivery == .responded)
        #expect(error.description.contains("MEDIA_NOT_FOUND"))
        #expect(error.description.contains("req-7"))
    }

    @Test(arguments: [
        (400, RingOperation.devices, RingError.Code.badRequest), (401, .devices, .unauthorized),
        (403, .devices, .forbidden), (404, .devices, .notFound), (404, .device, .deviceNotFound),
        (404, .startLive, .deviceNotFound), (404, .subscriptions, .notFound), (409, .devices, .conflict),
        (410, .clipDownload, .gone), (422, .subscriptions, .unprocessable), (429, .devices, .rateLimited),
        (500, .devices, .serverFailure), (503, .startLive, .deviceUnavailable), (503, .devices, .serverFailure),
        (302, .devices, .redirectRefused), (408, .devices, .serverFailure), (425, .devices, .serverFailure),
        (520, .devices, .serverFailure), (529, .startLive, .serverFailure), (418, .devices, .unexpectedStatus),
    ])
    func namesTheKind(status: Int, operation: RingOperation, code: RingError.Code) async throws {
        #expect(try await self.error(RingHTTPResponse(status: status), operation).code == code)
    }

    @Test(arguments: ["", "<html>", "[]", "null", #"{"errors":{}}"#, #"{"errors":[null,7]}"#])
    func anyBodyWillDo(body: String) async throws {
        let error = try await self.error(RingHTTPResponse(status: 500, body: RingHTTPBody(body)))
        #expect(error.code == .serverFailure)
    }

    @Test func invalidNonceIsKnownByTitleOrCode() async throws {
        for body in [#"{"errors":[{"title":"Invalid Nonce"}]}"#, #"{"errors":[{"code":"INVALID_NONCE"}]}"#] {
            #expect(try await self.error(.json(body, status: 400), .confirmLink).code == .invalidNonce)
        }
    }

    @Test(arguments: [
        RingError.Code.rateLimited, .serverFailure, .deviceUnavailable, .hostNotFound, .connectionFailed,
        .connectionLost,
        .timedOut, .deadlineExceeded,
    ])
    func passesByItself(code: RingError.Code) { #expect(RingError(code: code, message: "").isTransient) }

    @Test(arguments: [
        RingError.Code.invalidArgument, .badRequest, .misconfigured, .unauthorized, .relinkRequired, .invalidClient,
        .forbidden, .invalidNonce, .notFound, .deviceNotFound, .conflict, .gone, .unprocessable, .malformedResponse,
        .responseTooLarge, .unexpectedStatus, .redirectRefused, .tlsFailed, .insecureURL, .protocolViolation,
        .storageFailed,
        .closed,
    ])
    func staysUntilSomethingChanges(code: RingError.Code) { #expect(!RingError(code: code, message: "").isTransient) }

    @Test func takesKindsOfOtherModulesAtTheirWord() {
        let busy = RingError.Code("busy_elsewhere", isTransient: true)
        #expect(RingError(code: busy, message: "").isTransient)
        #expect(!RingError(code: .init("broken_elsewhere"), message: "").isTransient)
        // The word alone makes a kind.
        #expect(busy == RingError.Code("busy_elsewhere"))
        #expect(Set([busy, RingError.Code("busy_elsewhere")]).count == 1)
    }

    @Test func describesItselfInOneLineForALog() {
        var error = RingError(code: .forbidden, message: "not allowed")
        #expect(error.description == "forbidden: not allowed")
        error = error.during(.devices)
        #expect(error.during(.history).operation == .devices, "the first operation is the one that failed")
        (error.status, error.requestID) = (403, "r-1")
        #expect(error.description == "forbidden, devices.list, status 403, request r-1: not allowed")
        #expect(error.errorDescription == error.description)
    }

    /// A server's code is quoted when it has the form of Ring's; anything else may be somebody's data.
    @Test(arguments: [
        ("MEDIA_NOT_FOUND", true), ("A", true), ("media", false), ("A1", false), ("+49 170", false),
        (String(repeating: "A", count: 41), false),
    ])
    func quotesOnlyCodesThatLookLikeCodes(code: String, isQuoted: Bool) async throws {
        let error = try await self.error(.json(#"{"errors":[{"code":"\#(code)"}]}"#, status: 403), .codeExchange)
        #expect(error.serverCodes == [code])
        #expect(error.description.hasPrefix("forbidden, oauth.exchange, status 403, \(code): ") == isQuoted)
    }

    @Test func quotesAServersTextShortAndOnOneLine() async throws {
        let long = try await self.error(
            .json(#"{"errors":[{"detail":"first\nsecond \#(String(repeating: "x", count: 300))"}]}"#, status: 403))
        #expect(long.message.contains("“first second xxx"))
        #expect(!long.message.contains("\n") && long.message.count < 400)
        let url = try await self.error(
            .json(#"{"errors":[{"detail":"see https://x.test/a?token=abc"}]}"#, status: 403))
        #expect(url.message.contains("https://x.test/a…") && !url.message.contains("token"))
    }

    @Test(arguments: [
        (
            RingHTTPError(code: .bodyTooLarge, message: "m"), RingError.Code.responseTooLarge,
            RingError.Delivery.responded
        ),
        (RingHTTPError(code: .invalidPathSegment, message: "m"), .invalidArgument, .notSent),
        (RingHTTPError(code: .foreignOrigin, message: "m"), .redirectRefused, .responded),
        (RingHTTPError(code: .invalidURL, message: "m"), .misconfigured, .notSent),
    ])
    func translatesErrorsOfHTTPValues(error: RingHTTPError, code: RingError.Code, delivery: RingError.Delivery) {
        let translated = RingError(error, operation: .devices)
        #expect(translated.code == code && translated.delivery == delivery && translated.operation == .devices)
        #expect(translated.cause as? RingHTTPError == error)
        #expect("\(error)" == "\(error.code): m")
    }
}
