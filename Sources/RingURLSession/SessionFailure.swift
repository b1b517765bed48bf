internal import Foundation
internal import RingCore

#if canImport(FoundationNetworking)
internal import FoundationNetworking
#endif

/// Turns what went wrong into errors that say what to do, and whether the request may have reached the server.
///
/// No message holds a path, a query or URLSession's own words about a URL.
enum SessionFailure {
    static func noAnswer(_ operation: RingOperation, _ host: String) -> RingError {
        RingError(
            code: .connectionLost, message: "\(host) closed the connection without an answer", operation: operation,
            delivery: .unknown)
    }

    static func make(_ error: any Error, _ operation: RingOperation, _ host: String, status: Int?) -> any Error {
        guard let error = error as? URLError else {
            return RingError(
                code: .connectionLost, message: "the connection to \(host) broke before the answer was whole",
                operation: operation, status: status, delivery: .unknown)
        }
        let (code, message, isSent) = Self.explain(error.code, host)
        return RingError(
            code: code, message: message, operation: operation, status: status,
            delivery: status == nil && !isSent ? .notSent : .unknown,
            cause: RingURLSessionFault(code: error.code.rawValue))
    }

    static func overdue(
        _ limit: SessionLimits.Limit, _ operation: RingOperation, _ host: String, isSent: Bool, status: Int?
    ) -> RingError {
        let delivery: RingError.Delivery = isSent ? .unknown : .notSent
        let (code, message): (RingError.Code, String) =
            switch limit {
            case .answer: (.timedOut, "\(host) did not begin to answer in time; try again later, or allow more")
            case .silence: (.timedOut, "nothing more came from \(host) for too long; try again later, or allow more")
            case .total: (.timedOut, "the exchange with \(host) took longer than its limit; try again later")
            case .deadline:
                (
                    .deadlineExceeded,
                    "the time allowed for the whole call is up; allow more, or look for what was slow"
                )
            }
        return RingError(code: code, message: message, operation: operation, status: status, delivery: delivery)
    }

    private static func explain(_ code: URLError.Code, _ host: String) -> (RingError.Code, String, isSent: Bool) {
        switch code {
        case .cannotFindHost, .dnsLookupFailed:
            return (.hostNotFound, "the name \(host) could not be resolved; check it, the network and the DNS", false)
        case .cannotConnectToHost, .notConnectedToInternet, .internationalRoamingOff, .dataNotAllowed, .callIsActive:
            return (.connectionFailed, "no connection to \(host) could be made; check the network", false)
        case .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateUntrusted,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected,
            .clientCertificateRequired:
            return (.tlsFailed, "TLS with \(host) failed; check its certificate and this machine's clock", false)
        case .appTransportSecurityRequiresSecureConnection:
            return (.insecureURL, "the system allows no plain http to \(host)", false)
        case .timedOut: return (.timedOut, "\(host) did not answer in time; try again later", true)
        case .badServerResponse, .cannotParseResponse:
            return (.protocolViolation, "what \(host) sent is no HTTP; check the port and any proxy", true)
        case .cannotDecodeRawData, .cannotDecodeContentData:
            return (.malformedResponse, "the body of the answer from \(host) cannot be inflated", true)
        case .badURL, .unsupportedURL: return (.invalidArgument, "URLSession cannot use the URL", false)
        default: return (.connectionLost, "the connection to \(host) broke before the answer was whole", true)
        }
    }
}
