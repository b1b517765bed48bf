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
    /// - Throws: `RingError`: `unauthorized`, `forbidden`, `rateLimited`, `serverFailure`, `malformedResponse` when a page
    ///   contains no list, or an unreadable link to the next one; `CancellationError` when the task is cancelled.
    public func list(include parts: Set<RingDeviceInclude> = .all) async throws -> RingDeviceList {
        let pages = JSONAPIPages<RingDeviceList> { link in
            try await self.api.page(following: link, for: .devices) {
                try self.api.request(path: ["v1", "devices"], query: [("include", parts.queryValue)])
            } read: {
                [RingDeviceList($0, observer: self.api.environment.observer)]
            }
        }
        let all = try await self.collect(pages, .devices)
        var list = all.first ?? RingDeviceList()
        var overlap = JSONAPIPageOverlap<RingDevice> { $0.id.rawValue }
        if all.count > 1 { _ = overlap.newElements(of: Array(list)) }
        for page in all.dropFirst() { list.append(page, overlap.newElements(of: Array(page))) }
        return list
    }

    /// Fetches all pages of a list, and reports one that ends early.
    internal func collect<Value>(
        _ pages: JSONAPIPages<Value>, _ operation: RingOperation
    ) async throws -> [Value] {
        let (all, end) = try await pages.collect()
        if end.isEarly {
            self.api.environment.observer.observe(
                RingDocumentProblem(
                    operation: operation, kind: "list_ended_early", path: "/links/next", sample: end.description))
        }
        return all
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
        let (document, response) = try await self.api.documentReply(request, for: .device)
        let list = RingDeviceList(document, observer: self.api.environment.observer)
        guard let device = list.first else {
            throw RingError.withoutResources("device", document, during: .device, in: response)
        }
        return device
    }
}
