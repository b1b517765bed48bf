internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A request made ready: checked, and in the form libcurl takes.
final class CurlPlan: Sendable {
    /// What is sent after the head.
    enum Payload: Sendable {
        case none
        /// Handed to libcurl whole, so that it leaves with the head.
        case small([UInt8])
        case large([UInt8])
        case stream(RingHTTPBody, length: Int64?)
    }

    /// The limits of one exchange, in nanoseconds.
    struct Limits: Sendable {
        var connect: Int64?
        var firstByte: Int64?
        var silence: Int64?
        var total: Int64?
        var deadline: Int64?

        init(_ timeouts: RingTimeouts) {
            self.connect = timeouts.connect?.clampedNanoseconds
            self.firstByte = timeouts.firstByte?.clampedNanoseconds
            self.silence = timeouts.silence?.clampedNanoseconds
            self.total = timeouts.total?.clampedNanoseconds
        }
    }

    let operation: RingOperation
    let lane: CurlLane
    let method: String
    let url: String
    let headerLines: [String]
    let payload: Payload
    let limits: Limits
    let offersHTTP2: Bool
    /// Whether libcurl may ask for, and undo, a compressed body.
    let inflates: Bool
    let headerByteLimit: Int
    let headerFieldLimit: Int
    let bodyByteLimit: Int64?
    let bodyBuffer: Int
    /// The most bytes that libcurl reads from a connection at once.
    let receiveBuffer: Int
    let authorities: RingCurlCertificateAuthorities
    let proxy: String?

    /// The host, for errors.
    var host: String { URL(string: self.url)?.host() ?? "the server" }

    /// Whether sending it twice is the same as sending it once: what libcurl may repeat on a fresh connection when a kept
    /// one turns out to be dead.
    var isRead: Bool {
        guard case .none = self.payload else { return false }
        return self.method == "GET" || self.method == "HEAD"
    }

    /// What a handle must be told besides the address, the fields and the limits, when that is little enough to be kept
    /// for the next request: plain reads alone.
    struct Shape: Hashable {
        var offersHTTP2: Bool
        var inflates: Bool
    }

    /// The request's shape; `nil` when its handle must be told everything anew.
    var shape: Shape? {
        guard self.isRead, self.method == "GET" else { return nil }
        return Shape(offersHTTP2: self.offersHTTP2, inflates: self.inflates)
    }

    /// - Parameter limits: Those of the configuration, for a request without limits of its own.
    init(
        _ request: RingHTTPRequest, _ context: RingRequestContext, _ configuration: RingCurlConfiguration,
        _ limits: Limits
    ) throws {
        let isMedia = context.operation.kind == .presignedGet || context.operation.kind == .mediaRequest
        self.operation = context.operation
        self.lane = isMedia ? .media : .documents
        self.method = try CurlChecks.method(request)
        self.url = try CurlChecks.url(request)
        self.inflates = !isMedia && request.headerFields[.acceptEncoding] == nil
        self.offersHTTP2 = !isMedia && configuration.allowsHTTP2 && self.url.hasPrefix("https:")
        self.payload = Self.payload(request)
        var hasPayload = true
        if case .none = self.payload { hasPayload = false }
        self.headerLines = try CurlChecks.headerLines(request, hasPayload: hasPayload)
        self.headerByteLimit = configuration.headerByteLimit
        self.headerFieldLimit = configuration.headerFieldLimit
        self.bodyByteLimit = isMedia ? configuration.mediaByteLimit : configuration.documentByteLimit
        self.bodyBuffer = max(1, configuration.bodyBuffer)
        self.receiveBuffer = isMedia ? 128 * 1024 : 64 * 1024
        self.authorities = configuration.certificateAuthorities
        self.proxy = configuration.proxy?.absoluteString
        var limits = context.timeouts.map { Limits($0) } ?? limits
        limits.deadline = context.deadline?.remaining(configuration.clock).clampedNanoseconds
        self.limits = limits
        if let left = self.limits.deadline, left <= 0 {
            throw RingError.deadlineExceeded(context.operation, delivery: .notSent)
        }
    }

    private static func payload(_ request: RingHTTPRequest) -> Payload {
        guard let bytes = request.body.bytes else { return .stream(request.body, length: request.body.length) }
        if bytes.isEmpty {
            // RFC 9110 section 8.6: a method that usually has a body says that this one has none.
            return ["POST", "PUT", "PATCH"].contains(request.method.rawValue) ? .small([]) : .none
        }
        return bytes.count <= 64 * 1024 ? .small(bytes) : .large(bytes)
    }
}

extension Duration {
    /// Nanoseconds, held to what fits.
    fileprivate var clampedNanoseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (whole, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !isTooLarge else { return seconds < 0 ? .min : .max }
        let (sum, overflows) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflows ? (seconds < 0 ? .min : .max) : sum
    }
}
