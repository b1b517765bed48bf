internal import CRingLibcurl
internal import RingCore

/// Turns what went wrong into errors that say what to do, and whether the request may have reached the server.
///
/// No message holds a path, a query, a header or libcurl's own words about a URL: host and numbers only.
enum CurlFailure {
    static func outOfMemory(_ plan: CurlPlan) -> RingError {
        RingError(
            code: .connectionFailed, message: "libcurl has no memory for another transfer", operation: plan.operation)
    }

    /// A kept connection broke while a request that may have had its effect was sent over it.
    static func lostWhileReusing(_ plan: CurlPlan) -> RingError {
        RingError(
            code: .connectionLost,
            message: "\(plan.host) closed a kept connection while the request was sent over it; it may have been "
                + "carried out, so it is not repeated by itself", operation: plan.operation, delivery: .unknown)
    }

    static func tooLarge(_ limit: Int64, _ plan: CurlPlan, status: Int) -> RingError {
        RingError(
            code: .responseTooLarge,
            message:
                "the body is larger than the \(limit) bytes allowed; raise the transport's cap if such an answer is "
                + "expected", operation: plan.operation, status: status, delivery: .answered)
    }

    /// The source of the request's body failed, or was not as long as promised.
    static func upload(_ error: any Error, _ transfer: CurlTransfer) -> RingError {
        let delivery = transfer.delivery
        switch error {
        case CurlUploadError.tooShort(let promised, let supplied):
            return RingError(
                code: .invalidArgument,
                message: "the request's body ended after \(supplied) of the \(promised) bytes it was said to have",
                operation: transfer.plan.operation, delivery: delivery)
        case CurlUploadError.tooLong(let promised):
            return RingError(
                code: .invalidArgument,
                message: "the request's body is longer than the \(promised) bytes it was said to have",
                operation: transfer.plan.operation, delivery: delivery)
        default:
            return RingError(
                code: .storageFailed, message: "the source of the request's body failed; see the cause",
                operation: transfer.plan.operation, delivery: delivery, cause: error)
        }
    }

    static func overdue(_ limit: CurlTransfer.Limit, _ transfer: CurlTransfer) -> RingError {
        let plan = transfer.plan
        if limit == .deadline {
            var error = RingError.deadlineExceeded(plan.operation, delivery: transfer.delivery)
            error.status = transfer.answeredStatus
            return error
        }
        let what =
            switch limit {
            case .connect: "\(plan.host) could not be reached in time"
            case .firstByte: "\(plan.host) took the request and did not begin to answer in time"
            case .silence: "nothing more came from \(plan.host), or went there, for too long"
            default: "the exchange with \(plan.host) took longer than its limit"
            }
        return RingError(
            code: .timedOut, message: "\(what) (limit: \(Self.limit(limit, plan))); try again later, or allow more",
            operation: plan.operation, status: transfer.answeredStatus, delivery: transfer.delivery)
    }

    private static func limit(_ limit: CurlTransfer.Limit, _ plan: CurlPlan) -> String {
        let nanoseconds: Int64? =
            switch limit {
            case .connect: plan.limits.connect
            case .firstByte: plan.limits.firstByte
            case .silence: plan.limits.silence
            case .total: plan.limits.total
            case .deadline: plan.limits.deadline
            }
        return "\((nanoseconds ?? 0) / 1_000_000) ms"
    }
}

extension CurlTransfer {
    /// The status, once the head was whole.
    var answeredStatus: Int? { self.phase == .receivingBody ? self.head.status : nil }

    /// What is known about a transfer that fails now.
    var delivery: RingError.Delivery {
        guard self.sendings > 0, self.number(CURLINFO_REQUEST_SIZE) > 0 else { return .notSent }
        return .unknown
    }

    /// The error of a result of libcurl's; `nil` when it is none, and the answer's head is there.
    func failure(_ result: CURLcode) -> RingError? {
        if result == CURLE_OK, self.phase == .receivingBody { return nil }
        if let fault { return fault }
        let delivery = self.delivery
        let (code, message) = self.explain(result)
        return RingError(
            code: code, message: message, operation: self.plan.operation, status: self.answeredStatus,
            delivery: delivery, cause: result == CURLE_OK ? nil : Self.fault(result))
    }

    private static func fault(_ result: CURLcode) -> RingCurlFault {
        let text = unsafe curl_easy_strerror(result).map { unsafe String(cString: $0) } ?? "unknown"
        return RingCurlFault(code: Int(result.rawValue), text: text)
    }

    private func explain(_ result: CURLcode) -> (RingError.Code, String) {
        let host = self.plan.host
        switch result {
        // libcurl is content with an answer that ends within its head.
        case CURLE_OK:
            return (.connectionLost, "\(host) closed the connection before the answer's header fields were whole")
        case CURLE_URL_MALFORMAT: return (.invalidArgument, "libcurl cannot use the URL; check the configured origin")
        case CURLE_COULDNT_RESOLVE_PROXY:
            return (.hostNotFound, "the configured proxy's name could not be resolved; check it and the DNS")
        case CURLE_COULDNT_RESOLVE_HOST:
            return (.hostNotFound, "the name \(host) could not be resolved; check it, the network and the DNS")
        case CURLE_COULDNT_CONNECT:
            return (.connectionFailed, "no connection to \(host) could be made; check the network and any firewall")
        case CURLE_PROXY: return (.connectionFailed, "the configured proxy refused to connect to \(host)")
        case CURLE_OPERATION_TIMEDOUT:
            return (.timedOut, "\(host) could not be reached in time; check the network, or allow more")
        case CURLE_SSL_CONNECT_ERROR where self.handle.saysThatTheServerLeft:
            return (.connectionFailed, "\(host) closed the connection while TLS was set up")
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_USE_SSL_FAILED:
            return (.tlsFailed, self.explainTLS(result))
        case CURLE_HTTP2 where self.sendings > 0:
            return (.connectionLost, "\(host) ended the HTTP/2 connection before the answer was whole")
        // The third is libcurl's word for a header line that has no name, or that continues none.
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_HTTP2:
            return (.protocolViolation, "what \(host) sent is no HTTP; check that the port and any proxy are right")
        case CURLE_BAD_CONTENT_ENCODING:
            return (.malformedResponse, "the body of the answer from \(host) cannot be inflated")
        case CURLE_PARTIAL_FILE:
            return (.connectionLost, "\(host) closed the connection before the body was whole")
        case CURLE_GOT_NOTHING: return (.connectionLost, "\(host) closed the connection without an answer")
        default:
            return (
                self.sendings == 0 ? .connectionFailed : .connectionLost,
                "the connection to \(host) broke \(self.sendings == 0 ? "while it was made" : "before the answer was whole")"
            )
        }
    }

    /// The reasons that have a remedy, by OpenSSL's numbers for them.
    private func explainTLS(_ result: CURLcode) -> String {
        let host = self.plan.host
        switch (result, self.number(CURLINFO_SSL_VERIFYRESULT)) {
        case (CURLE_SSL_CACERT_BADFILE, _):
            return "the configured certificate authorities could not be read; check the file or the PEM text"
        case (_, 10): return "the certificate of \(host) has expired"
        case (_, 9): return "the certificate of \(host) is not valid yet; check this machine's clock"
        case (_, 18), (_, 19), (_, 20), (_, 21):
            return
                "the certificate of \(host) is signed by nobody this transport trusts; if that is intended, configure "
                + "its certificate authority"
        case (CURLE_PEER_FAILED_VERIFICATION, _):
            return "the certificate of \(host) is for another name, or not acceptable"
        default:
            return "TLS with \(host) failed; check that the port speaks TLS 1.2 or later"
        }
    }
}
