internal import RingCore
internal import RingListener

/// Pictures and clips for the page itself. They count no failures, and appear in no journal: those are for the service.
extension Page {
    func still() -> Response {
        guard self.videoDevice != nil else { return .empty(404) }
        return self.media("image/jpeg", MediaFiles.bytes("jpeg"))
    }

    func clip() -> Response {
        guard self.videoDevice != nil else { return .empty(404) }
        return self.media("video/mp4", MediaFiles.bytes("mp4"))
    }

    private var videoDevice: ServiceState.Device? {
        let id = RingDeviceID(rawValue: self.query["device"] ?? "")
        return self.engine.step { state in state.devices.first { $0.id == id && $0.device.kind.hasVideo } }
    }

    /// The whole file, or the part of it that a player asks for (RFC 9110, section 14).
    private func media(_ type: String, _ bytes: [UInt8]) -> Response {
        var response = Response(
            status: 200, headers: ["Content-Type": type, "Accept-Ranges": "bytes"], body: .bytes(bytes))
        if let range = self.request.headers["Range"].flatMap({ Self.range($0, in: bytes.count) }) {
            response.status = 206
            response.headers["Content-Range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(bytes.count)"
            response.body = .bytes(Array(bytes[range]))
        }
        response.protect()
        return response
    }

    /// The one range of a header; `nil` for several, or for one that is not in the file.
    static func range(_ header: String, in count: Int) -> Range<Int>? {
        guard header.hasPrefix("bytes="), count > 0 else { return nil }
        let ends = header.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2 else { return nil }
        switch (Int(ends[0]), Int(ends[1])) {
        case (let first?, let last) where first >= 0 && first < count && (last != nil || ends[1].isEmpty):
            let end = min(last ?? count - 1, count - 1)
            return end >= first ? first..<(end + 1) : nil
        case (nil, let length?) where ends[0].isEmpty && length > 0: return max(0, count - length)..<count
        default: return nil
        }
    }
}
