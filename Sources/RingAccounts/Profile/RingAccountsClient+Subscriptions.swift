internal import RingCore
public import RingJSONAPI

extension RingAccountsClient {
    /// The subscriptions of the account's user in this app, over all pages. Wire: `GET /v1/accounts/me/subscriptions`.
    ///
    /// Nothing is fetched before the first element is needed. An element that cannot be read is left out and reported to the
    /// observer; one that comes on two pages is delivered once.
    ///
    /// - Parameters:
    ///   - limit: The maximum number of elements; `nil` for all.
    ///   - onEnd: Called with the reason when the list was read to its end.
    /// - Returns: A sequence whose iteration throws `RingError`, with code `unprocessable` on the Developer Playground and
    ///   `malformedResponse` when a page contains no list, and `CancellationError`.
    public func subscriptions(
        limit: Int? = nil, onEnd: @escaping @Sendable (JSONAPIPagesEnd) -> Void = { _ in }
    ) -> JSONAPIPages<RingSubscription> {
        let api = self.api
        return JSONAPIPages(limit: limit, name: { $0.id.rawValue }, onEnd: onEnd) { link in
            try await api.page(following: link, for: .subscriptions) {
                try api.request(path: ["v1", "accounts", "me", "subscriptions"])
            } read: { document in
                var others: [String: Int] = [:]
                let subscriptions = document.resources.compactMap { resource -> RingSubscription? in
                    if resource.isType("subscriptions") || resource.isType("subscription") {
                        return RingSubscription(resource)
                    }
                    others[RingPlainName.name(resource.type), default: 0] += 1
                    return nil
                }
                // One event for each type: a document may have a million of them.
                for (type, count) in others.sorted(by: { $0.key < $1.key }).prefix(64) {
                    api.environment.observer.observe(
                        RingDocumentProblem(
                            operation: .subscriptions, kind: "unknown_type", path: "data", sample: type, count: count))
                }
                return subscriptions
            }
        }
    }
}
