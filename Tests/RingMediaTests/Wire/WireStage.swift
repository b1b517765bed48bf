import FoundationEssentials
import RingCore
import RingCurl
import RingMedia
import RingTesting
import Synchronization

/// A service on real sockets: an API that redirects unless a test says otherwise, and a media origin that does what it
/// says. Every request of both is kept.
final class WireStage: Sendable {
    let api: RawServer
    let origin: RawServer
    let observer = RecordingObserver()
    let media: RingMediaClient

    init(
        options: RingMediaOptions = RingMediaOptions(waiting: .none),
        api response: (@Sendable (_ number: Int, _ link: String, RawConnection) throws -> Bool)? = nil,
        _ serve: @escaping @Sendable (_ number: Int, RawRequest, RawConnection) throws -> Void
    ) throws {
        let log = Log()
        let number = Counter()
        let origin = try RawServer { connection in
            while let request = try connection.readHead() {
                log.note("origin", request)
                try serve(number.add(), request, connection)
            }
        }
        let asked = Counter()
        let api = try RawServer { connection in
            while let request = try connection.readHead() {
                _ = try connection.readBody(of: request)
                log.note("api", request)
                let link = "\(origin.origin)/v1/download?security_token=\(Stage.canary)"
                if let response, try response(asked.add(), link, connection) { continue }
                try connection.respond(303, fields: ["Location: \(link)"])
            }
        }
        self.origin = origin
        self.api = api
        self.log = log
        var shared = RingSharedPipeline(
            transport: RingCurlTransport(), retryPolicy: RingRetryPolicy(longestWait: .milliseconds(20)),
            environment: RingEnvironment(observer: self.observer))
        shared.callLimit = nil
        guard let base = URL(string: api.origin) else { throw RingError(code: .misconfigured, message: api.origin) }
        let client = RingAPIClient(
            baseURL: base, account: "account-1",
            transport: shared.pipeline(tokens: RingFixedToken(RingAccessToken(Stage.token)), origin: base),
            environment: shared.environment)
        self.media = RingMediaClient(api: client, downloads: shared.pipelineWithoutAccessToken(), options: options)
    }

    private let log: Log

    func requests(_ place: String) -> [RawRequest] { self.log.entries.filter { $0.place == place }.map(\.request) }

    func stop() {
        self.api.stop()
        self.origin.stop()
    }

    var clip: RingClipRequest { self.clip(ago: 3600) }

    /// A clip of ten seconds that began so many seconds ago.
    func clip(ago seconds: Double) -> RingClipRequest {
        RingClipRequest(device: Stage.device, start: Date() - seconds, duration: .seconds(10))
    }

    private final class Log: Sendable {
        private let list = Mutex<[(place: String, request: RawRequest)]>([])
        var entries: [(place: String, request: RawRequest)] { self.list.withLock { $0 } }
        func note(_ place: String, _ request: RawRequest) { self.list.withLock { $0.append((place, request)) } }
    }
}
