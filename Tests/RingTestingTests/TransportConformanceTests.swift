import Foundation
import RingCore
import RingCurl
import RingTesting
import Synchronization
import Testing

/// The suite finds transports that break the contract of `RingTransport`, and says what they did.
@Suite(.serialized, .timeLimit(.minutes(2))) struct TransportConformanceTests {
    @Test(arguments: TransportFlaw.allCases) func findsAFlaw(_ flaw: TransportFlaw) async throws {
        let all = TransportConformance.checks + TransportConformance.measuredChecks
        let check = try #require(all.first { $0.name == flaw.check })
        do {
            try await check.run(TransportConformance(FlawedTransport(flaw)))
            Issue.record("“\(check.name)” passes a transport that \(flaw.rawValue)")
        } catch let failure as TransportConformanceFailure {
            #expect(!failure.description.isEmpty)
        } catch is RingError {
            // A broken transport may also fail where a check expects a response.
            #expect(flaw == .throwsStatuses)
        }
    }

    @Test(arguments: TransportFlaw.allCases) func findsNothingWithoutAFlaw(_ flaw: TransportFlaw) async throws {
        let all = TransportConformance.checks + TransportConformance.measuredChecks
        let check = try #require(all.first { $0.name == flaw.check })
        try await check.run(TransportConformance(FlawedTransport(nil)))
    }

    @Test func everyCheckHasItsOwnName() {
        let names = (TransportConformance.checks + TransportConformance.measuredChecks).map(\.name)
        #expect(Set(names).count == names.count)
    }
}

/// What a transport does wrong.
enum TransportFlaw: String, CaseIterable, Sendable {
    case followsRedirects = "follows redirects"
    case repeatsPosts = "sends a lost POST again"
    case keepsCookies = "keeps cookies"
    case showsURLs = "writes the URL into its errors"
    case showsFields = "writes header fields into its errors"
    case ignoresDeadlines = "ignores deadlines"
    case sendsLate = "sends although the deadline has passed"
    case ignoresTimeouts = "ignores the timeout of the first byte"
    case ignoresCancellation = "sends for a cancelled task"
    case takesInsecureURLs = "makes a response for an insecure URL"
    case throwsStatuses = "throws for statuses of 400 and above"
    case hidesCuts = "ends a cut body as if it were complete"
    case deniesDelivery = "says that a lost request was not sent"
    case losesFields = "keeps only the last of repeated fields"
    case decodesPaths = "decodes the path"
    case readsAhead = "reads the whole body before it returns"
    case opensConnections = "opens a connection for every request"
    case sendsGETAlone = "sends every request as GET"
    case dropsFields = "sends no header fields"
    case cutsUploads = "leaves the last byte of a sent body out"
    case cutsDownloads = "leaves the last byte of a body out"
    case forgetsLengths = "sends streamed bodies without their length"
    case hidesSources = "hides why the source of a body failed"
    case misnamesRefusals = "takes a refused connection for one that timed out"
    case misnamesNonsense = "takes nonsense for a lost connection"

    /// The name of the check that has to find it.
    var check: String {
        switch self {
        case .followsRedirects: "follows no redirect"
        case .repeatsPosts: "never repeats what may have had an effect"
        case .keepsCookies: "keeps no cookies and sends no credentials"
        case .showsURLs, .showsFields: "prints no secret, whatever goes wrong"
        case .ignoresDeadlines: "keeps the deadline before the response"
        case .sendsLate: "sends nothing when the deadline has passed"
        case .ignoresTimeouts: "keeps the limit for the first byte"
        case .ignoresCancellation: "sends nothing for a task that is cancelled already"
        case .takesInsecureURLs: "refuses insecure URLs"
        case .throwsStatuses: "gives any status as a response"
        case .hidesCuts: "gives what arrived of a cut body, then an error"
        case .deniesDelivery: "tells that a connection was reset before the response"
        case .losesFields: "reads header fields whatever their case"
        case .decodesPaths: "sends path and query as they are"
        case .readsAhead: "lets a slow reader hold up the server"
        case .opensConnections: "keeps its connections for the next request"
        case .sendsGETAlone: "sends every method"
        case .dropsFields: "sends header fields"
        case .cutsUploads: "sends bodies of many sizes"
        case .cutsDownloads: "reads bodies of many sizes"
        case .forgetsLengths: "refuses a streamed body of another length than promised"
        case .hidesSources: "ends a request whose body's source fails"
        case .misnamesRefusals: "tells that no connection could be made"
        case .misnamesNonsense: "tells that a response is not valid HTTP"
        }
    }
}

/// A transport with one flaw, or none, over one that works.
private final class FlawedTransport: RingTransport {
    private let base = RingCurlTransport()
    private let flaw: TransportFlaw?
    private let cookie = Mutex<String?>(nil)

    init(_ flaw: TransportFlaw?) { self.flaw = flaw }

    func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        var (request, context) = (request, context)
        self.change(&request, &context)
        do {
            return try await self.changed(self.sendOnce(request, context), request, context)
        } catch let error as RingError {
            return try await self.recover(from: error, request, context)
        }
    }

    private func change(_ request: inout RingHTTPRequest, _ context: inout RingRequestContext) {
        switch self.flaw {
        case .ignoresDeadlines, .sendsLate: context.deadline = nil
        case .ignoresTimeouts: context.timeouts?.firstByte = nil
        case .keepsCookies: request.headerFields["Cookie"] = self.cookie.withLock { $0 }
        case .decodesPaths:
            let text = request.url.absoluteString.replacingOccurrences(of: "%2e", with: ".")
            request.url = URL(string: text) ?? request.url
        case .sendsGETAlone: request.method = .get
        case .dropsFields: request.headerFields = [:]
        case .cutsUploads: request.body = RingHTTPBody(Array((request.body.bytes ?? []).dropLast()))
        case .forgetsLengths where request.body.bytes == nil: request.body = RingHTTPBody(streaming: request.body)
        default: break
        }
    }

    private func sendOnce(_ request: RingHTTPRequest, _ context: RingRequestContext) async throws -> RingHTTPResponse {
        switch self.flaw {
        case .opensConnections: return try await RingCurlTransport().send(request, context: context)
        case .ignoresCancellation:
            let base = self.base
            return try await Task { try await base.send(request, context: context) }.value
        default: return try await self.base.send(request, context: context)
        }
    }

    private func changed(
        _ response: RingHTTPResponse, _ request: RingHTTPRequest, _ context: RingRequestContext
    ) async throws -> RingHTTPResponse {
        var response = response
        switch self.flaw {
        case .followsRedirects:
            guard let target = response.headerFields[.location].flatMap(URL.init(string:)) else { break }
            var next = request
            next.url = target
            return try await self.base.send(next, context: context)
        case .keepsCookies:
            let value = response.headerFields["Set-Cookie"]
            self.cookie.withLock { $0 = value ?? $0 }
        case .throwsStatuses where response.status >= 400:
            throw RingError(
                code: .serverFailure, message: "a status", status: response.status, delivery: .unknown)
        case .hidesCuts: response.body = RingHTTPBody(streaming: CutBody(base: response.body))
        case .losesFields:
            var last = RingHTTPFields()
            for field in response.headerFields { last[field.name] = field.value }
            response.headerFields = last
        case .cutsDownloads:
            response.body = RingHTTPBody(Array(try await response.body.collect(upTo: 1 << 30).dropLast()))
        case .readsAhead: response.body = RingHTTPBody(try await response.body.collect(upTo: 1 << 30))
        default: break
        }
        return response
    }

    private func recover(
        from error: RingError, _ request: RingHTTPRequest, _ context: RingRequestContext
    ) async throws -> RingHTTPResponse {
        var error = error
        switch self.flaw {
        case .repeatsPosts where error.code == .connectionLost:
            return try await self.base.send(request, context: context)
        case .takesInsecureURLs where error.code == .insecureURL: return RingHTTPResponse(status: 200)
        case .showsURLs: error.message += " at \(request.url)"
        case .showsFields: error.message += " with \(request.headerFields[.authorization] ?? "")"
        case .deniesDelivery: error.delivery = .notSent
        case .hidesSources: error.cause = nil
        case .misnamesRefusals where error.code == .connectionFailed: error.code = .timedOut
        case .misnamesNonsense where error.code == .protocolViolation: error.code = .connectionLost
        default: break
        }
        throw error
    }
}

/// A body whose failure looks like its end.
private struct CutBody: AsyncSequence, Sendable {
    let base: RingHTTPBody

    func makeAsyncIterator() -> Iterator { Iterator(base: self.base.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        var base: RingHTTPBody.Iterator

        mutating func next() async throws -> [UInt8]? {
            do { return try await self.base.next() } catch { return nil }
        }

        mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> [UInt8]? {
            do { return try await self.base.next(isolation: actor) } catch { return nil }
        }
    }
}
