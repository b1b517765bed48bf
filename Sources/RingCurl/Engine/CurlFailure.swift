internal import CRingLibcurl
internal import RingCore

/// What libcurl reports about a transfer that failed: the `cause` of this transport's `RingError`s.
public struct RingCurlFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// libcurl's error number: 28 is `CURLE_OPERATION_TIMEDOUT`.
    public let code: Int
    /// libcurl's fixed text for that number. It has nothing of the request.
    private let text: String

    init(_ result: CURLcode) {
        self.code = Int(result.rawValue)
        self.text = unsafe curl_easy_strerror(result).map { unsafe String(cString: $0) } ?? "unknown"
    }

    /// Number and text.
    public var description: String { "curl \(self.code): \(self.text)" }
}

/// Turns libcurl's results into errors. What both transports can report is described by `RingTransportFailure`.
enum CurlFailure {
    private typealias Reason = RingTransportFailure.Reason

    static func outOfMemory(_ plan: CurlPlan) -> RingError {
        plan.failure.error(
            Reason(.connectionFailed, "libcurl has no memory for another transfer"), delivery: .notSent)
    }

    /// A kept connection broke while a request that may have had its effect was sent over it.
    static func lostWhileReusing(_ plan: CurlPlan) -> RingError {
        plan.failure.error(
            Reason(
                .connectionLost,
                "\(plan.host) closed a kept connection while the request was sent over it; it may have been carried "
                    + "out, so it is not repeated"), delivery: .unknown)
    }

    /// The source of the request's body failed, or was not as long as promised.
    static func upload(_ error: any Error, _ plan: CurlPlan, delivery: RingError.Delivery) -> RingError {
        switch error {
        case CurlUploadError.tooShort(let promised, let supplied):
            plan.failure.wrongLength(promised: promised, supplied: supplied, delivery: delivery)
        case CurlUploadError.tooLong(let promised):
            plan.failure.wrongLength(promised: promised, supplied: nil, delivery: delivery)
        default: plan.failure.sourceFailed(error, delivery: delivery)
        }
    }

    /// The error of a result.
    ///
    /// - Parameters:
    ///   - hasBegun: Whether libcurl had begun to send the request.
    ///   - verification: OpenSSL's number for what is wrong with the certificate.
    ///   - closedByServer: Whether the server closed the connection during the TLS handshake.
    static func make(
        _ result: CURLcode, _ plan: CurlPlan, hasBegun: Bool, status: Int?, delivery: RingError.Delivery,
        verification: Int, closedByServer: Bool
    ) -> RingError {
        let failure = plan.failure
        let reason: Reason =
            switch result {
            // libcurl accepts a response that ends within its head.
            case CURLE_OK: failure.closedWithinHead
            case CURLE_URL_MALFORMAT: failure.unusableURL
            case CURLE_COULDNT_RESOLVE_PROXY:
                Reason(.hostNotFound, "the configured proxy's name could not be resolved; check it and the DNS")
            case CURLE_COULDNT_RESOLVE_HOST: failure.hostNotFound
            case CURLE_COULDNT_CONNECT: failure.connectionFailed
            case CURLE_PROXY: Reason(.connectionFailed, "the configured proxy refused to connect to \(plan.host)")
            case CURLE_OPERATION_TIMEDOUT: failure.connectionTimedOut
            case CURLE_SSL_CONNECT_ERROR where closedByServer: failure.closedDuringTLS
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER,
                CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ENGINE_INITFAILED,
                CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED:
                Self.tls(result, plan, verification)
            case CURLE_HTTP2 where hasBegun:
                Reason(
                    .connectionLost, "\(plan.host) ended the HTTP/2 connection before the response was complete")
            // The third is libcurl's result for a header line that has no name, or that continues none.
            case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_HTTP2:
                failure.notHTTP
            // libcurl's results for a header line of more than 100 KiB, before and since 8.6 (CURLE_TOO_LARGE).
            case _ where hasBegun && (result == CURLE_OUT_OF_MEMORY || result.rawValue == 100):
                Reason(
                    .responseTooLarge,
                    "a header line of the response from \(plan.host) is longer than libcurl takes, or memory is short; the "
                        + "server or a proxy before it is at fault")
            case CURLE_BAD_CONTENT_ENCODING: failure.cannotInflate
            // The callbacks of this module name a fault of their own. What is left are bytes behind a whole compressed body.
            case CURLE_WRITE_ERROR where plan.inflates && status != nil: failure.cannotInflate
            case CURLE_PARTIAL_FILE: failure.closedWithinBody
            case CURLE_GOT_NOTHING: failure.closedWithoutResponse
            default: hasBegun ? failure.connectionLost : failure.connectionBroke
            }
        return failure.error(
            reason, status: status, delivery: delivery, cause: result == CURLE_OK ? nil : RingCurlFault(result))
    }

    /// The reasons that have a remedy, by OpenSSL's numbers for them.
    private static func tls(_ result: CURLcode, _ plan: CurlPlan, _ verification: Int) -> Reason {
        let host = plan.host
        switch (result, verification) {
        case (CURLE_SSL_CACERT_BADFILE, _):
            return Reason(
                .tlsFailed,
                "the configured certificate authorities could not be read; check the file or the PEM text")
        case (_, 10): return Reason(.tlsFailed, "the certificate of \(host) has expired")
        case (_, 9):
            return Reason(.tlsFailed, "the certificate of \(host) is not valid yet; check this machine's clock")
        case (_, 18), (_, 19), (_, 20), (_, 21):
            return Reason(
                .tlsFailed,
                "the certificate of \(host) is not signed by a certificate authority that this transport trusts; if that "
                    + "is intended, configure its authority")
        case (CURLE_PEER_FAILED_VERIFICATION, _):
            return Reason(.tlsFailed, "the certificate of \(host) is for another name, or not acceptable")
        default: return plan.failure.tlsFailed
        }
    }
}
