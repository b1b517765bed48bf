public import RingCore
internal import RingJSONAPI

/// Reads the devices one Ring user shares with the app, and their history; plays sounds on chimes.
///
/// A value: copy it freely, call it from any task. It owns nothing that needs shutting down.
public struct RingDevicesClient: Sendable {
    internal let api: RingAPIClient

    /// Creates the client of one account.
    ///
    /// - Parameter api: The API client of the account, which sends the requests.
    public init(api: RingAPIClient) { self.api = api }

    /// Lists every device of the account.
    ///
    /// `GET /v1/devices`. Ring documents no paging here; when a response has a next page, it is followed. A list that ends
    /// at an empty page or at a link that was followed before is reported to the observer as `list_ended_early`.
    ///
    /// - Parameter parts: What is included with each device; every part makes the response larger, not slower.
    /// - Returns: The devices, and beside them what could not be read.
    /// - Throws: `RingError`: `unauthorized`, `forbidden`, `rateLimited`, `serverFailure`, `malformedResponse` when the
    ///   response is no document at all; `CancellationError` when the task is cancelled.
    public func list(include parts: Set<RingDeviceInclude> = .all) async throws -> RingDeviceList {
        let pages = JSONAPIPages<RingDeviceList> { link in
            let request =
                if let link {
                    try self.api.request(following: link, for: .devices)
                } else {
                    try self.api.request(path: ["v1", "devices"], query: [("include", parts.queryValue)])
                }
            let document = try await self.api.document(request, for: .devices)
            let page = RingDeviceList(document, observer: self.api.environment.observer)
            // A page counts as empty when nothing was sent, not when nothing could be read.
            let isEmpty = page.isEmpty && page.problems.isEmpty
            return JSONAPIPage(elements: isEmpty ? [] : [page], next: document.links.next)
        }
        let (all, end) = try await pages.collect()
        if end.isEarly {
            self.api.environment.observer.observe(
                RingDocumentProblem(
                    operation: .devices, kind: "list_ended_early", path: "/links/next", sample: end.description))
        }
        var list = all.first ?? RingDeviceList()
        for page in all.dropFirst() { list.append(page) }
        return list
    }

    /// Fetches one device.
    ///
    /// `GET /v1/devices/{id}`.
    ///
    /// - Parameters:
    ///   - id: The identifier as Ring sent it.
    ///   - parts: What is included with it.
    /// - Throws: `RingError`: `deviceNotFound` when there is none, or it is not shared any more; `malformedResponse`
    ///   when the response contains no readable device; and as ``list(include:)``.
    public func device(_ id: RingDeviceID, include parts: Set<RingDeviceInclude> = .all) async throws -> RingDevice {
        let request = try self.api.request(
            path: ["v1", "devices", id.rawValue], query: [("include", parts.queryValue)])
        let list = RingDeviceList(
            try await self.api.document(request, for: .device), observer: self.api.environment.observer)
        guard let device = list.first else {
            throw RingError.unreadable("device", list.problems.first, during: .device)
        }
        return device
    }
}

extension RingError {
    /// The response is a document, but does not contain what was requested.
    internal static func unreadable(
        _ what: String, _ problem: JSONAPIProblem?, during operation: RingOperation
    ) -> RingError {
        let detail = problem.map { " (\($0.reason))" } ?? ""
        return RingError(
            code: .malformedResponse,
            message:
                "the response contains no readable \(what)\(detail); if it persists, report the request id to Ring",
            operation: operation, status: 200, delivery: .responded)
    }
}
