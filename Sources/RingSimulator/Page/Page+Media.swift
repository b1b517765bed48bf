internal import RingCore
internal import RingListener

/// Pictures and clips for the page itself. They count no failures, and appear in no journal: those are for the service.
extension Page {
    /// The picture of a camera at a time of the query, or now.
    func still() -> Response {
        guard let id = self.camera else { return .empty(404) }
        let body = self.engine.step { state in
            state.mediaBody(Self.ticket(id, isImage: true, start: self.time("at") ?? state.now, length: 0))
        }
        var response = Response(status: 200, headers: ["Content-Type": "image/jpeg"], body: body)
        response.protect()
        return response
    }

    /// The clip between two times of the query: the whole, or the part that a player asks for (RFC 9110, section 14).
    func clip() async -> Response {
        guard let id = self.camera, let start = self.time("start"), let end = self.time("end") else {
            return .empty(404)
        }
        let length = min(max(1, end - start), 900_000)
        let body = self.engine.step { $0.mediaBody(Self.ticket(id, isImage: false, start: start, length: length)) }
        var response = Response(
            status: 200, headers: ["Content-Type": "video/mp4", "Accept-Ranges": "bytes"], body: body)
        if let header = self.request.headers["Range"], let bytes = await Self.bytes(of: body) {
            let (length, range) = (Int64(bytes.count), RingHTTPRange(header, length: Int64(bytes.count)))
            if case .part(let part) = range {
                response.status = 206
                response.headers["Content-Range"] = range.contentRange(length: length)
                response.body = .bytes(Array(bytes[Int(part.lowerBound)..<Int(part.upperBound)]))
            }
        }
        response.protect()
        return response
    }

    private var camera: RingDeviceID? {
        let id = RingDeviceID(rawValue: self.query["device"] ?? "")
        return self.engine.step { $0.device(id)?.device.kind.hasVideo } == true ? id : nil
    }

    private func time(_ name: String) -> Int64? {
        self.query[name].flatMap { Int64($0) }.flatMap { (0...(1 << 45)).contains($0) ? $0 : nil }
    }

    private static func ticket(_ id: RingDeviceID, isImage: Bool, start: Int64, length: Int64) -> ServiceState.Ticket {
        ServiceState.Ticket(
            isImage: isImage, format: isImage ? "jpeg" : "mp4", device: id, start: start, length: length,
            isPartial: false, expires: .max, problem: nil)
    }

    /// A body in memory; `nil` when it is longer than a browser asks for in parts.
    private static func bytes(of body: Response.Body) async -> [UInt8]? {
        switch body {
        case .bytes(let bytes): return bytes
        case .file: return nil
        case .stream(let length, let source):
            guard let length, length <= 64 << 20 else { return nil }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(Int(length))
            do { for try await piece in source { bytes += piece } } catch { return nil }
            return bytes
        }
    }
}
