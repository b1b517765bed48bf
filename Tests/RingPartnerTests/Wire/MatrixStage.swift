import Foundation
import RingCurl
import RingPartner
import RingTesting
import Synchronization

/// The standard pipeline over libcurl, against a server that fails in one way.
struct MatrixStage {
    let server: RawServer
    let tokens = Tokens()
    private let seen = Seen()
    private let fault: RetryMatrixTests.Fault

    /// A second access token after the first one.
    final class Tokens: RingTokenProvider {
        private let count = Mutex(0)
        var replaced: Int { self.count.withLock { $0 } }
        func accessToken() async throws -> RingAccessToken { RingAccessToken("first") }
        func accessToken(replacing refused: RingAccessToken) async throws -> RingAccessToken {
            self.count.withLock { $0 += 1 }
            return RingAccessToken("second")
        }
    }

    private final class Seen: Sendable {
        let requests = Mutex<[RawRequest]>([])
    }

    struct Outcome {
        /// Requests that reached the server; without one, attempts to reach it.
        var attempts: Int
        var authorizations: [String?]
        /// Repeats that were reported to the observer.
        var retries: Int
    }

    init(_ fault: RetryMatrixTests.Fault) throws {
        self.fault = fault
        let seen = self.seen
        self.server = try RawServer { connection in
            while let request = try connection.readHead() {
                _ = try connection.readBody(of: request)
                seen.requests.withLock { $0.append(request) }
                switch fault {
                case .unauthorized: try connection.respond(401)
                case .forbidden: try connection.respond(403)
                case .limited: try connection.respond(429, fields: ["Retry-After: 2"])
                case .status500: try connection.respond(500)
                case .status502: try connection.respond(502)
                case .status503: try connection.respond(503)
                case .status504: try connection.respond(504)
                case .final400: try connection.respond(400)
                case .final404: try connection.respond(404)
                case .final422: try connection.respond(422)
                case .final501: try connection.respond(501)
                case .lost: return connection.reset()
                case .cut:
                    try connection.write("HTTP/1.1 200 O")
                    return
                case .notSent: return
                }
            }
        }
        if fault == .notSent { self.server.stop() }
    }

    func send(_ operation: RingOperation) async -> Outcome {
        let observer = RecordingObserver()
        let environment = RingEnvironment(clock: ManualClock(autoAdvance: true), observer: observer)
        let shared = RingSharedPipeline(transport: RingCurlTransport(), callLimit: nil, environment: environment)
        guard let origin = URL(string: self.server.origin) else {
            return Outcome(attempts: -1, authorizations: [], retries: -1)
        }
        let pipeline = shared.pipeline(tokens: self.tokens, origin: origin)
        let isRead = [.devices, .userProfile, .clipDownload].contains(operation)
        let request = RingCall(
            method: isRead ? .get : .post, url: origin.appendingPathComponent("v1"),
            body: isRead ? .empty : RingHTTPBody("{}"), operation: operation)
        _ = try? await pipeline.send(request)
        let requests = self.seen.requests.withLock { $0 }
        return Outcome(
            attempts: self.fault == .notSent ? observer.events(RingRequestStarted.self).count : requests.count,
            authorizations: requests.map { $0["Authorization"] },
            retries: observer.events(RingRequestRetried.self).count)
    }

    func stop() { self.server.stop() }
}
