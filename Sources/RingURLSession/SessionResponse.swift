internal import Foundation
internal import RingCore

#if canImport(FoundationNetworking)
internal import FoundationNetworking
#endif

/// What URLSession reports about a task that failed: the `cause` of this transport's `RingError`s.
///
/// The number alone: a `URLError` has the URL that it failed on.
public struct RingURLSessionFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The number of the `URLError`: -1001 is `timedOut`.
    public let code: Int

    init(code: Int) { self.code = code }

    /// The number.
    public var description: String { "URLError \(self.code)" }
}

/// Translates what URLSession reports about an exchange.
enum SessionResponse {
    /// Status and header fields of a response. URLSession joins repeated fields, and loses their order.
    static func head(_ response: HTTPURLResponse, isHead: Bool) -> RingHTTPResponseHead {
        let pairs = response.allHeaderFields.compactMap { pair -> RingHTTPField? in
            guard let name = pair.key as? String, let value = pair.value as? String else { return nil }
            return RingHTTPField(name: RingHTTPField.Name(name), value: value)
        }
        let fields = RingHTTPFields(pairs.sorted { $0.name.rawName < $1.name.rawName })
        return RingHTTPResponseHead(
            status: response.statusCode, headerFields: fields,
            announced: fields[.contentLength]?.decimalNumber, isHead: isHead, inflates: true)
    }

    /// The error of a task that failed.
    static func error(_ error: any Error, _ failure: RingTransportFailure, status: Int?) -> RingError {
        guard let error = error as? URLError else {
            return failure.error(failure.connectionLost, status: status, delivery: .unknown)
        }
        let (reason, isSent) = Self.explain(error.code, failure)
        return failure.error(
            reason, status: status, delivery: status == nil && !isSent ? .notSent : .unknown,
            cause: RingURLSessionFault(code: error.code.rawValue))
    }

    private static func explain(
        _ code: URLError.Code, _ failure: RingTransportFailure
    ) -> (RingTransportFailure.Reason, isSent: Bool) {
        switch code {
        case .cannotFindHost, .dnsLookupFailed: (failure.hostNotFound, false)
        case .cannotConnectToHost, .notConnectedToInternet, .internationalRoamingOff, .dataNotAllowed, .callIsActive:
            (failure.connectionFailed, false)
        case .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateUntrusted,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected,
            .clientCertificateRequired:
            (failure.tlsFailed, false)
        case .appTransportSecurityRequiresSecureConnection:
            (.init(.insecureURL, "the system allows no plain http to this host"), false)
        case .timedOut: (failure.connectionTimedOut, true)
        case .badServerResponse, .cannotParseResponse: (failure.notHTTP, true)
        case .cannotDecodeRawData, .cannotDecodeContentData: (failure.cannotInflate, true)
        case .badURL, .unsupportedURL: (failure.unusableURL, false)
        default: (failure.connectionLost, true)
        }
    }
}
