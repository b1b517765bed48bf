internal import Foundation
internal import RingCore

#if canImport(FoundationNetworking)
internal import FoundationNetworking
#endif

/// Checks a request and gives it the form URLSession takes.
enum SessionRequest {
    static func make(
        _ request: RingHTTPRequest, _ operation: RingOperation, _ configuration: RingURLSessionConfiguration,
        _ failure: RingTransportFailure
    ) async throws -> URLRequest {
        _ = try RingTransportChecks.url(request, operation)
        var message = URLRequest(url: request.url)
        message.httpMethod = try RingTransportChecks.method(request, operation)
        message.httpShouldHandleCookies = false
        message.cachePolicy = .reloadIgnoringLocalCacheData
        for field in request.headerFields where try RingTransportChecks.isSent(field, operation) {
            message.addValue(field.value, forHTTPHeaderField: field.name.rawName)
        }
        if operation.lane == .media, request.headerFields[.acceptEncoding] == nil {
            message.setValue("identity", forHTTPHeaderField: RingHTTPField.Name.acceptEncoding.rawName)
        }
        let body = try await Self.body(request, operation, configuration, failure)
        if !body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method.rawValue) {
            message.httpBody = Data(body)
        }
        return message
    }

    /// The whole body: no request of this API has one that would need to stream.
    private static func body(
        _ request: RingHTTPRequest, _ operation: RingOperation, _ configuration: RingURLSessionConfiguration,
        _ failure: RingTransportFailure
    ) async throws -> [UInt8] {
        if let bytes = request.body.bytes { return bytes }
        let bytes: [UInt8]
        do {
            bytes = try await request.body.collect(upTo: configuration.maximumUploadBytes)
        } catch let error as RingHTTPError where error.code == .bodyTooLarge {
            throw RingError(
                code: .invalidArgument,
                message: "the request's body is larger than the \(configuration.maximumUploadBytes) bytes allowed",
                operation: operation)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw failure.sourceFailed(error, delivery: .notSent)
        }
        if let promised = request.body.length, promised != Int64(bytes.count) {
            let supplied = Int64(bytes.count)
            throw failure.wrongLength(
                promised: promised, supplied: supplied < promised ? supplied : nil, delivery: .notSent)
        }
        return bytes
    }
}
