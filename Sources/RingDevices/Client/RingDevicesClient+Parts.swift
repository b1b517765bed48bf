public import RingCore
internal import RingJSONAPI

extension RingDevicesClient {
    /// Fetches how a device is now. For sensors this is the authority; events may be lost.
    ///
    /// `GET /v1/devices/{id}/status`.
    ///
    /// - Throws: `RingError`, as ``device(_:include:)``; `CancellationError` when the task is cancelled.
    public func status(of id: RingDeviceID) async throws -> RingDeviceStatus {
        try await self.part("status", of: id, nil, .deviceStatus, "device-status") { RingDeviceStatus($0, &$1) }
    }

    /// Fetches what a device can do.
    ///
    /// `GET /v1/devices/{id}/capabilities`.
    ///
    /// - Parameters:
    ///   - id: The identifier as Ring sent it.
    ///   - component: One lens of a multi-camera device; on any other device leave it out.
    /// - Throws: `RingError`, as ``device(_:include:)``; `CancellationError` when the task is cancelled.
    public func capabilities(
        of id: RingDeviceID, component: RingComponentID? = nil
    ) async throws -> RingDeviceCapabilities {
        try await self.part("capabilities", of: id, component, .deviceCapabilities, "device-capabilities") {
            RingDeviceCapabilities($0, &$1)
        }
    }

    /// Fetches how the user has set a device up. Respect its privacy zones in whatever is done with pictures.
    ///
    /// `GET /v1/devices/{id}/configurations`.
    ///
    /// - Parameters:
    ///   - id: The identifier as Ring sent it.
    ///   - component: One lens of a multi-camera device; on any other device leave it out.
    /// - Throws: `RingError`, as ``device(_:include:)``; `CancellationError` when the task is cancelled.
    public func configurations(
        of id: RingDeviceID, component: RingComponentID? = nil
    ) async throws -> RingDeviceConfigurations {
        try await self.part("configurations", of: id, component, .deviceConfigurations, "device-configurations") {
            RingDeviceConfigurations($0, &$1)
        }
    }

    /// Fetches where a device is.
    ///
    /// `GET /v1/devices/{id}/location`.
    ///
    /// - Returns: The location; `nil` when the device has none.
    /// - Throws: `RingError`, as ``device(_:include:)``; `CancellationError` when the task is cancelled.
    public func location(of id: RingDeviceID) async throws -> RingLocation? {
        let request = try self.api.request(path: ["v1", "devices", id.rawValue, "location"])
        let reply = try await self.api.documentReply(request, for: .deviceLocation)
        if reply.document.root.member("data")?.isNull == true { return nil }
        return try self.read(reply, .deviceLocation, "locations") { RingLocation($0, &$1) }
    }

    /// Fetches the locations of the account.
    ///
    /// `GET /v1/locations`, which works live and is not documented: expect `notFound` some day.
    ///
    /// - Throws: `RingError`: `notFound` when Ring has no such route; and as ``list(include:)``.
    public func locations() async throws -> [RingLocation] {
        let pages = JSONAPIPages<RingLocation>(name: { $0.id?.rawValue ?? "" }) { link in
            try await self.api.page(following: link, for: .locations) {
                try self.api.request(path: ["v1", "locations"])
            } read: { document in
                var reader = DeviceReader(problems: document.problems)
                let locations = document.resources.map { RingLocation($0.raw, &reader) }
                reader.report(to: self.api.environment.observer, during: .locations)
                return locations
            }
        }
        return try await self.collect(pages, .locations)
    }

    private func part<Part>(
        _ name: String, of id: RingDeviceID, _ component: RingComponentID?, _ operation: RingOperation,
        _ type: String, _ make: (JSONAPIValue, inout DeviceReader) -> Part
    ) async throws -> Part {
        let request = try self.api.request(
            path: ["v1", "devices", id.rawValue, name], query: [("component_id", component?.rawValue)])
        return try self.read(try await self.api.documentReply(request, for: operation), operation, type, make)
    }

    private func read<Part>(
        _ reply: (document: JSONAPIDocument, response: RingHTTPResponse), _ operation: RingOperation, _ type: String,
        _ make: (JSONAPIValue, inout DeviceReader) -> Part
    ) throws -> Part {
        let document = reply.document
        var reader = DeviceReader(problems: document.problems)
        // One resource is promised; an array of one is understood.
        guard let resource = document.resources.first else {
            reader.report(to: self.api.environment.observer, during: operation)
            throw RingError.withoutResources(type, document, during: operation, in: reply.response)
        }
        if !resource.isType(type), !resource.isType(among: DeviceReader.partTypes) {
            reader.unknownType(resource, "data")
        }
        let part = make(resource.raw, &reader)
        reader.report(to: self.api.environment.observer, during: operation)
        return part
    }
}
