internal import RingCore
public import RingJSONAPI

extension RingAccountsClient {
    /// The subscriptions of the account's user in this app, over all pages. Wire: `GET /v1/accounts/me/subscriptions`.
    ///
    /// Nothing is fetched before the first element is needed. An element that cannot be read is left out and reported to the
    /// observer.
    ///
    /// - Parameters:
    ///   - limit: The maximum number of elements; `nil` for all.
    ///   - onEnd: Called with the reason when the list was read to its end.
    /// - Returns: A sequence whose iteration throws `RingError`, with code `unprocessable` on the Developer Playground, and
    ///   `CancellationError`.
    public func subscriptions(
        limit: Int? = nil, onEnd: @escaping @Sendable (JSONAPIPagesEnd) -> Void = { _ in }
    ) -> JSONAPIPages<RingSubscription> {
        let api = self.api
        return JSONAPIPages(limit: limit, onEnd: onEnd) { link in
            let request =
                if let link {
                    try api.request(following: link, for: .subscriptions)
                } else {
                    try api.request(path: ["v1", "accounts", "me", "subscriptions"])
                }
            let document = try await api.document(request, for: .subscriptions)
            var subscriptions: [RingSubscription] = []
            for resource in document.resources {
                guard resource.isType("subscriptions") || resource.isType("subscription") else {
                    api.environment.observer.observe(
                        RingDocumentProblem(
                            operation: .subscriptions, kind: "unknown_type", path: "data",
                            sample: RingPlainName.name(resource.type)))
                    continue
                }
                subscriptions.append(RingSubscription(resource))
            }
            return JSONAPIPage(
                elements: subscriptions, next: document.links.next,
                // A page is empty when Ring sent no elements, not when none could be read.
                isEmpty: document.resources.isEmpty && document.problems.isEmpty)
        }
    }
}
