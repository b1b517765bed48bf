import RingHTTP

/// What a browser without scripts sends.
struct PageClient {
    let origin: String

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Reply {
        try await send("GET", self.origin + path, headers: headers)
    }

    /// A form of the page.
    func post(
        _ path: String, _ form: [String: String], origin: String? = "", referrer: String? = nil
    ) async throws -> Reply {
        var headers: [String: String] = [:]
        if let origin { headers["Origin"] = origin.isEmpty ? self.origin : origin }
        if let referrer { headers["Referer"] = referrer.hasPrefix("http") ? referrer : self.origin + referrer }
        let body = form.sorted { $0.key < $1.key }.map {
            "\(RingPercentCoding.encode($0))=\(RingPercentCoding.encode($1))"
        }
        return try await send(
            "POST", self.origin + path, type: "application/x-www-form-urlencoded", body: body.joined(separator: "&"),
            headers: headers)
    }
}
