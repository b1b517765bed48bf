internal import RingCore

#if os(Linux)
internal import RingCurl
#else
internal import RingURLSession
#endif
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Posts webhooks and codes to the partner through a transport: a receiver that is slow takes no thread.
struct WebhookSender: Sendable {
    /// What came of a POST.
    struct Outcome: Sendable {
        /// 0 when no response arrived in time.
        var status: Int
        var duration: Duration
        var response: KeptBody
        var failure: String?
    }

    private static let operation = RingOperation(
        "simulator.post", carriesAccessToken: false, countsAgainstRateLimit: false)
    private let transport: any RingTransport
    private let clock: any RingClock

    /// - Parameter clock: What measures how long an attempt takes.
    init(transport: any RingTransport, clock: any RingClock) {
        self.transport = transport
        self.clock = clock
    }

    /// A transport of the simulator's own, with no connection that its clients use.
    static var ownTransport: any RingTransport {
        #if os(Linux)
        RingCurlTransport()
        #else
        RingURLSessionTransport()
        #endif
    }

    /// The URL, if webhooks can be sent there: `https`, or `http` to this machine.
    static func checkedURL(_ text: String) throws(RingSimulatorError) -> URL {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), url.host() != nil,
            scheme == "http" || scheme == "https"
        else {
            throw RingSimulatorError(
                message: "\(SecretFilter.address(text).debugDescription) is not an http or https URL with a host")
        }
        guard url.user() == nil, url.password() == nil else {
            throw RingSimulatorError(
                message: "the URL has a user or a password, which is not sent; put a secret into its query, and check "
                    + "X-Signature")
        }
        guard scheme == "https" || RingURL.isLoopback(url) else {
            throw RingSimulatorError(
                message: "http goes to this machine only, to localhost, 127.0.0.1 or [::1]; use https for other hosts")
        }
        return url
    }

    /// Sends a body and reads the beginning of the response. It never fails: what went wrong is part of the outcome.
    func post(_ text: String, fields: RingHTTPFields, body: [UInt8], milliseconds: Int) async -> Outcome {
        let start = self.clock.uptime()
        func outcome(_ status: Int, _ response: KeptBody = .none, _ failure: String? = nil) -> Outcome {
            Outcome(status: status, duration: self.clock.uptime() - start, response: response, failure: failure)
        }
        let url: URL
        do { url = try Self.checkedURL(text) } catch { return outcome(0, .none, error.message) }
        let limit = Duration.milliseconds(max(1, milliseconds))
        let context = RingRequestContext(
            operation: Self.operation,
            timeouts: RingTimeouts(connect: limit, firstByte: limit, silence: limit, total: limit))
        do {
            let response = try await self.transport.send(
                RingHTTPRequest(method: .post, url: url, headerFields: fields, body: RingHTTPBody(body)),
                context: context)
            return outcome(response.status, await Self.beginning(of: response))
        } catch let error as RingError {
            return outcome(0, .none, error.message)
        } catch {
            return outcome(0, .none, "the simulator stopped")
        }
    }

    /// The status counts, also when the body breaks off.
    private static func beginning(of response: RingHTTPResponse) async -> KeptBody {
        let limit = RingSimulatorDelivery.Attempt.maximumResponseBytes
        var bytes: [UInt8] = []
        do {
            for try await piece in response.body {
                bytes += piece
                if bytes.count > limit { break }
            }
        } catch {}
        return KeptBody(
            bytes, totalBytes: max(bytes.count, Int(clamping: response.body.length ?? 0)),
            mediaType: response.headerFields["Content-Type"], limit: limit)
    }
}
