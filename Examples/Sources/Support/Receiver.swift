import Foundation
import RingPartner

/// Something outside that takes a line of text: a lamp's controller, a service for notifications.
public struct Receiver: Sendable {
    private static let operation = RingOperation(
        "receiver", carriesAccessToken: false, countsAgainstRateLimit: false)
    private let url: URL

    /// - Parameter text: Where it is; `nil` for nowhere.
    public init?(_ text: String?) {
        guard let url = text.flatMap({ URL(string: $0) }) else { return nil }
        self.url = url
    }

    /// Sends a line.
    ///
    /// - Parameter key: Names what it is about, so that the receiver can leave out what it has had: after a crash a handler runs
    ///   again.
    public func send(_ text: String, key: RingWebhookKey) async throws {
        let request = RingHTTPRequest(
            method: .post, url: self.url,
            headerFields: ["Content-Type": "text/plain; charset=utf-8", "Idempotency-Key": "\(key)"],
            body: RingHTTPBody(text))
        let response = try await RingPlatformTransport.shared.send(request, for: Self.operation)
        guard (200..<300).contains(response.status) else {
            throw RingError(code: .serverFailure, message: "the receiver responded with \(response.status)")
        }
    }
}
