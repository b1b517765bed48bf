#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Adds the access token, for the API's origin alone, and refreshes it once when Ring refuses it.
package struct RingAuthorizeMiddleware: RingMiddleware {
    private let tokens: any RingTokenProvider
    private let origin: URL
    private let clock: any RingClock

    /// Creates the middleware that adds the access token.
    ///
    /// - Parameters:
    ///   - tokens: The source of access tokens.
    ///   - origin: The only origin an access token is sent to.
    ///   - clock: The source of time for a request's deadline.
    package init(tokens: any RingTokenProvider, origin: URL, clock: any RingClock = RingSystemClock()) {
        self.tokens = tokens
        self.origin = origin
        self.clock = clock
    }

    /// Sends with an access token; on a status that refuses the token, with another one, once.
    ///
    /// - Throws: `RingError` with ``RingError/Code/redirectRefused`` when the request would carry the access token elsewhere;
    ///   what the token provider or `next` throws.
    package func intercept(
        _ request: RingHTTPRequest, context: RingRequestContext, next: Next
    ) async throws -> RingHTTPResponse {
        guard context.operation.carriesAccessToken else { return try await next(request, context) }
        guard RingURL.isSameOrigin(request.url, self.origin) else {
            throw RingError(
                code: .redirectRefused, message: "the access token goes to the API's origin alone; nothing was sent",
                operation: context.operation)
        }
        let token = try await self.token(for: context)
        let response = try await next(Self.authorized(request, token), context)
        guard context.operation.retry.tokenRefusals.contains(response.status), request.body.bytes != nil else {
            return response
        }
        let other: RingAccessToken
        do {
            other = try await self.bounded(context) { [tokens] in try await tokens.accessToken(replacing: token) }
        } catch let error as RingError where error.code == .unauthorized {
            return response  // Ring's own response tells more than "there is no other token".
        }
        return try await next(Self.authorized(request, other), context)
    }

    private func token(for context: RingRequestContext) async throws -> RingAccessToken {
        if let token = self.tokens.readyToken() { return token }
        return try await self.bounded(context) { [tokens] in try await tokens.accessToken() }
    }

    /// A refresh serves many calls, so it has no deadline of its own. Each call stops waiting for it at its own deadline.
    private func bounded(
        _ context: RingRequestContext, _ wait: @escaping @Sendable () async throws -> RingAccessToken
    ) async throws -> RingAccessToken {
        guard let deadline = context.deadline else { return try await wait() }
        return try await deadline.run(self.clock, of: context.operation, wait)
    }

    private static func authorized(_ request: RingHTTPRequest, _ token: RingAccessToken) -> RingHTTPRequest {
        var request = request
        request.headerFields[.authorization] = "Bearer \(token.revealed)"
        return request
    }
}
