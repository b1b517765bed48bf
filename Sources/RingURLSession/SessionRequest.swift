internal import Foundation
internal import RingCore

#if canImport(FoundationNetworking)
internal import FoundationNetworking
#endif

/// Checks a request and gives it the form URLSession takes.
enum SessionRequest {
    static func make(
        _ request: RingHTTPRequest, _ operation: RingOperation, _ configuration: RingURLSessionConfiguration
    ) async throws -> URLRequest {
        guard RingURL.isSecure(request.url) else {
            throw RingError(
                code: .insecureURL,
                message: "only https is allowed, and http to this machine's loopback; check the configured origins and "
                    + "where the link came from", operation: operation)
        }
        guard request.url.user() == nil, request.url.password() == nil else {
            throw RingError(
                code: .invalidArgument,
                message: "the URL holds a user name or password; pass credentials in a header field",
                operation: operation)
        }
        var message = URLRequest(url: request.url)
        message.httpMethod = request.method.rawValue
        message.httpShouldHandleCookies = false
        message.cachePolicy = .reloadIgnoringLocalCacheData
        for field in request.headerFields where !Self.framing.contains(field.name.canonicalName) {
            guard !field.value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
                throw RingError(
                    code: .invalidArgument,
                    message: "the value of header field \(field.name) holds a control character",
                    operation: operation)
            }
            message.addValue(field.value, forHTTPHeaderField: field.name.rawName)
        }
        if operation.isMedia, request.headerFields["Accept-Encoding"] == nil {
            message.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        }
        let body = try await Self.body(request, operation, configuration)
        if !body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method.rawValue) {
            message.httpBody = Data(body)
        }
        return message
    }

    /// The whole body: no request of this API has one that would need to stream.
    private static func body(
        _ request: RingHTTPRequest, _ operation: RingOperation, _ configuration: RingURLSessionConfiguration
    ) async throws -> [UInt8] {
        if let bytes = request.body.bytes { return bytes }
        let bytes: [UInt8]
        do {
            bytes = try await request.body.collect(upTo: configuration.uploadByteLimit)
        } catch let error as RingHTTPError where error.code == .bodyTooLarge {
            throw RingError(
                code: .invalidArgument,
                message: "the request's body is larger than the \(configuration.uploadByteLimit) bytes allowed",
                operation: operation)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw RingError(
                code: .storageFailed, message: "the source of the request's body failed; see the cause",
                operation: operation, cause: error)
        }
        guard request.body.length.map({ $0 == Int64(bytes.count) }) ?? true else {
            throw RingError(
                code: .invalidArgument, message: "the request's body is not as long as it was said to be",
                operation: operation)
        }
        return bytes
    }

    private static let framing: Set<String> = [
        "content-length", "transfer-encoding", "connection", "expect", "upgrade", "host", "te", "trailer", "keep-alive",
        "proxy-connection",
    ]
}

extension RingOperation {
    /// Whether the answer may be a clip or a still.
    var isMedia: Bool { self.kind == .presignedGet || self.kind == .mediaRequest }
}
