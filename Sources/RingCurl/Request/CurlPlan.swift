internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Which of a transport's two threads a request goes through.
///
/// Media has connections of its own: a download that waits for its reader would delay the other streams of an HTTP/2
/// connection, and libcurl may put an HTTP/1.1 request on an idle HTTP/2 connection of the same pool.
enum CurlLane: Hashable, Sendable {
    /// JSON, tokens and SDP: small bodies, HTTP/2 where the server has it.
    case documents
    /// Clips and stills: large bodies, HTTP/1.1.
    case media
}

/// A request that has been checked, in the form that libcurl takes.
final class CurlPlan: Sendable {
    typealias Limits = RingHTTPExchangeProgress.Limits

    /// What is sent after the head.
    enum Payload: Sendable {
        case none
        /// Passed to libcurl whole, so that it is sent together with the head.
        case small([UInt8])
        case large([UInt8])
        case stream(RingHTTPBody, length: Int64?)
    }

    let operation: RingOperation
    let lane: CurlLane
    let method: String
    let url: String
    let headerLines: [String]
    let payload: Payload
    let limits: Limits
    let offersHTTP2: Bool
    /// Whether libcurl may request a compressed body, and decompresses it.
    let inflates: Bool
    let maximumHeaderBytes: Int
    let maximumHeaderFieldCount: Int
    let maximumBodyBytes: Int64?
    let maximumBufferedBytes: Int
    /// The most bytes that libcurl reads from a connection at once.
    let receiveBuffer: Int
    let authorities: RingCurlCertificateAuthorities
    let proxy: String?

    /// The host, for errors. Parsed only then.
    var host: String { URL(string: self.url)?.host() ?? "the server" }

    /// Describes failures.
    var failure: RingTransportFailure { RingTransportFailure(self.operation, host: self.host) }

    /// Whether sending it twice is the same as sending it once: what libcurl may repeat over a new connection when a kept
    /// one turns out to be closed.
    var isRead: Bool {
        guard case .none = self.payload else { return false }
        return self.method == "GET" || self.method == "HEAD"
    }

    /// What a handle is told besides the address, the fields and the limits, when that is little enough to be kept for the
    /// next request: plain reads alone.
    struct Shape: Hashable {
        var offersHTTP2: Bool
        var inflates: Bool
    }

    /// The request's shape; `nil` when all options of its handle must be set again.
    var shape: Shape? {
        guard self.isRead, self.method == "GET" else { return nil }
        return Shape(offersHTTP2: self.offersHTTP2, inflates: self.inflates)
    }

    /// - Parameter limits: Those of the configuration, for a request without limits of its own.
    init(
        _ request: RingHTTPRequest, _ context: RingRequestContext, _ configuration: RingCurlConfiguration,
        _ limits: Limits
    ) throws {
        let operation = context.operation
        let isMedia = operation.lane == .media
        self.operation = operation
        self.lane = isMedia ? .media : .documents
        self.method = try RingTransportChecks.method(request, operation)
        self.url = try RingTransportChecks.url(request, operation)
        self.inflates = !isMedia && request.headerFields[.acceptEncoding] == nil
        self.offersHTTP2 = !isMedia && configuration.allowsHTTP2 && self.url.hasPrefix("https:")
        self.payload = Self.payload(request)
        var hasPayload = true
        if case .none = self.payload { hasPayload = false }
        self.headerLines = try Self.headerLines(request, operation, hasPayload: hasPayload)
        self.maximumHeaderBytes = configuration.maximumHeaderBytes
        self.maximumHeaderFieldCount = configuration.maximumHeaderFieldCount
        self.maximumBodyBytes = isMedia ? configuration.maximumMediaBytes : configuration.maximumDocumentBytes
        self.maximumBufferedBytes = max(1, configuration.maximumBufferedBytes)
        self.receiveBuffer = isMedia ? 128 * 1024 : 64 * 1024
        self.authorities = configuration.certificateAuthorities
        self.proxy = configuration.proxy?.absoluteString
        self.limits = try RingTransportChecks.limits(context, standard: limits, clock: configuration.clock)
    }

    private static func payload(_ request: RingHTTPRequest) -> Payload {
        guard let bytes = request.body.bytes else { return .stream(request.body, length: request.body.length) }
        if bytes.isEmpty {
            // RFC 9110 section 8.6: a method that usually has a body says that this one has none.
            return ["POST", "PUT", "PATCH"].contains(request.method.rawValue) ? .small([]) : .none
        }
        return bytes.count <= 64 * 1024 ? .small(bytes) : .large(bytes)
    }

    /// The header lines, and those that keep libcurl from adding fields of its own.
    ///
    /// - Parameter hasPayload: Whether something is sent after the head, for which libcurl has more fields of its own.
    private static func headerLines(
        _ request: RingHTTPRequest, _ operation: RingOperation, hasPayload: Bool
    ) throws -> [String] {
        var lines: [String] = []
        lines.reserveCapacity(request.headerFields.count + 3)
        var (namesAccept, namesType) = (false, false)
        for field in request.headerFields where try RingTransportChecks.isSent(field, operation) {
            if field.name == .accept { namesAccept = true }
            if field.name == .contentType { namesType = true }
            let name = field.name.rawName
            lines.append(field.value.isEmpty ? name + ";" : name + ": " + field.value)
        }
        if !namesAccept { lines.append("Accept:") }
        if hasPayload {
            lines.append("Expect:")
            if !namesType { lines.append("Content-Type:") }
        }
        return lines
    }
}
