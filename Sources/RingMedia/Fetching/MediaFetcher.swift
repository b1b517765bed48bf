internal import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Requests media and follows redirects, until the first bytes are there.
struct MediaFetcher: Sendable {
    let api: RingAPIClient
    let downloads: any RingTransport

    /// Repeats the request after waits, until media arrives or the session permits no further attempt.
    func open(
        _ session: inout MediaSession, meter: RingMediaProgressMeter?, endsMeter: Bool = false
    ) async throws -> sending MediaReader {
        while true {
            try Task.checkCancellation()
            do {
                return try await self.attempt(session, meter: meter, endsMeter: endsMeter)
            } catch let error as RingError {
                try await session.recover(from: error)
            }
        }
    }

    /// Makes one attempt from the first step: the POST, redirects, the status, the beginning of the body.
    private func attempt(
        _ session: MediaSession, meter: RingMediaProgressMeter?, endsMeter: Bool
    ) async throws -> sending MediaReader {
        let target = session.target
        var request = try self.api.request(.post, path: target.path, json: target.body)
        // The response is not JSON on success, and a server may send the media directly.
        request.headerFields[.accept] = "*/*"
        request.headerFields[.acceptEncoding] = "identity"
        var context = self.api.context(
            for: target.request, deadline: session.deadline, timeouts: session.options.timeouts)
        var response = try await self.api.exchange(request, context: context)
        var hops = 0
        while Self.redirects.contains(response.status) {
            hops += 1
            guard hops <= session.options.maximumRedirectCount else {
                throw RingError(
                    code: .redirectRefused,
                    message: "the media has more than \(session.options.maximumRedirectCount) redirects; "
                        + "it is most likely a loop",
                    operation: context.operation, status: response.status, delivery: .responded)
            }
            let url = try session.options.redirectTarget(
                of: response, from: request.url, isLocal: RingURL.isLoopback(self.api.baseURL),
                operation: context.operation)
            await Self.release(response)
            request = RingHTTPRequest(url: url, headerFields: [.accept: "*/*", .acceptEncoding: "identity"])
            context.operation = target.download
            do {
                response = try await self.downloads.send(request, context: context)
            } catch let error as RingError {
                throw error.during(context.operation)
            }
        }
        guard response.status == 200 || response.status == 206 else {
            if response.status == 202 {
                await Self.release(response)
                throw Self.notReady(response, context.operation, now: session.environment.clock.now())
            }
            throw await self.api.error(for: response, to: context.operation).asMedia(isLinked: hops > 0)
        }
        return try await MediaReader.begin(
            response, of: hops > 0 ? (request, context) : nil, session: session, downloads: self.downloads,
            meter: meter,
            endsMeter: endsMeter)
    }

    private static let redirects: Set<Int> = [301, 302, 303, 307, 308]

    /// Reads a small body that is not needed, so that its connection can be reused.
    private static func release(_ response: RingHTTPResponse) async {
        guard let length = response.body.length, length > 0, length <= 4096 else { return }
        _ = try? await response.body.collect(upTo: 4096)
    }

    private static func notReady(_ response: RingHTTPResponse, _ operation: RingOperation, now: Date) -> RingError {
        RingError(
            code: .mediaNotReady, message: "", operation: operation, status: 202, requestID: response.requestID,
            retryAfter: RingRetryAfter.parse(response.headerFields, now: now), delivery: .responded
        ).asMedia(isLinked: false)
    }
}

extension RingHTTPField.Name {
    /// The accepted content codings. Media is compressed already.
    static let acceptEncoding = Self("Accept-Encoding")
    /// The content coding of a body.
    static let contentEncoding = Self("Content-Encoding")
    /// The requested part of a resource.
    static let range = Self("Range")
    /// The validator for a requested part.
    static let ifRange = Self("If-Range")
    /// The part of a resource in a body.
    static let contentRange = Self("Content-Range")
    /// Whether parts can be requested.
    static let acceptRanges = Self("Accept-Ranges")
}
