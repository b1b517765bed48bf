internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// The control origin, for tests in other processes and for the page.
struct ControlAPI: Sendable {
    /// All routes, in the order of the description.
    static let routes: [ControlRoute] =
        Self.stateRoutes + Self.waitRoutes + Self.recordRoutes + Self.eventRoutes + Self.accountRoutes
        + Self.switchRoutes + Self.clockRoutes + Self.worldRoutes + Self.descriptionRoutes

    let check: OriginCheck

    /// Responds to one request.
    func response(to request: RingListenerRequest, _ simulator: RingSimulator) async -> RingListenerResponse {
        if let refusal = self.check.refusal(of: request) { return refusal }
        if let page = await pageResponse(request, simulator) { return page }
        let segments = request.pathSegments
        var allowed: [String] = []
        for route in Self.routes {
            guard let values = route.match(segments) else { continue }
            guard route.method == request.method else {
                allowed.append(route.method)
                continue
            }
            return await Self.response(to: request, route, values, simulator)
        }
        var response = RingListenerResponse.empty(404)
        if !allowed.isEmpty {
            let methods = allowed.joined(separator: ", ")
            response = .failure(
                404, title: "Not Found", detail: "there is no \(request.method) \(request.path), only \(methods)")
            response.headers["Allow"] = methods
        } else if let near = Self.nearest(to: request.path) {
            response = .failure(
                404, title: "Not Found", detail: "there is no \(request.path); did you mean \(near)? See /openapi.json")
        }
        return response
    }

    private static func response(
        to request: RingListenerRequest, _ route: ControlRoute, _ values: [String: String], _ simulator: RingSimulator
    ) async -> RingListenerResponse {
        do throws(ControlFailure) {
            let body: JSONAPIValue
            do {
                body = try JSONAPIValue(
                    parsing: request.body.isEmpty ? Array("{}".utf8) : request.body, limits: .state)
            } catch {
                throw .badRequest("the body is not valid JSON: \(error)")
            }
            if let path = body.duplicateNames.first { throw .badRequest("\(path): the member is repeated") }
            return try await route.handle(ControlRequest(request: request, values: values, body: body), simulator)
        } catch {
            return error.response
        }
    }

    private static func nearest(to path: String) -> String? {
        RingSimulatorError.nearest(to: path, in: Self.routes.map(\.path))
    }
}

extension LogPage {
    /// The page as JSON, with how to go on and what is kept.
    func response(
        _ name: String, number: (Element) -> Int, literal: (Element) -> JSONAPILiteral
    ) -> RingListenerResponse {
        let older: JSONAPILiteral =
            self.hasOlder ? self.elements.first.map { .int(Int64(number($0))) } ?? nil : nil
        let newest = self.elements.last.map(number) ?? self.lastNumber
        return .json(
            200,
            .object([
                (name, .array(self.elements.map(literal))),
                // Where to go on: `before` this number for older ones, `after` this number for newer ones.
                ("older_before", older), ("newer_after", .int(Int64(newest))), ("has_newer", .bool(self.hasNewer)),
                ("kept", .int(Int64(self.keptCount))), ("kept_bytes", .int(Int64(self.keptBytes))),
                ("removed", .int(Int64(self.removedCount))),
            ]))
    }
}
