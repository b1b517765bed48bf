internal import RingJSONAPI
internal import RingListener

/// Why a media request fails, in the form that media errors have.
struct MediaProblem: Error {
    var status: Int
    var code: String
    var detail: String
    var title: String?
    var pointer: String?
    /// The time that the error is about.
    var time: Int64?

    init(
        _ status: Int, _ code: String, _ detail: String, title: String? = nil, pointer: String? = nil,
        at time: Int64? = nil
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.title = title
        self.pointer = pointer
        self.time = time
    }

    static func invalid(_ pointer: String, _ detail: String) -> Self {
        Self(400, "INVALID_PAYLOAD", detail, pointer: pointer.isEmpty ? nil : pointer)
    }

    func response(id: String) -> Response {
        var error: [(String, JSONAPILiteral)] = [
            ("id", .string(id)), ("status", .string(String(self.status))), ("code", .string(self.code)),
        ]
        if let title { error.append(("title", .string(title))) }
        error.append(("detail", .string(self.detail)))
        if let pointer { error.append(("source", ["pointer": .string(pointer)])) }
        if let time { error.append(("meta", ["timestamp": .string(isoTime(time))])) }
        return .json(self.status, ["errors": [.object(error)]])
    }
}

/// A checked request for a clip.
struct ClipOrder {
    var start: Int64
    var length: Int64
    var components: [String]

    init(_ request: RingListenerRequest, now: Int64, _ switches: RingSimulatorSwitches) throws(MediaProblem) {
        let body = try JSONAPIValue(mediaBody: request, switches)
        try body.needsTime("timestamp", switches)
        guard let start = body["timestamp"]?.int64, start > 0, start <= now else {
            throw .invalid("timestamp", "an integer not after now is needed")
        }
        guard let length = body["duration"]?.int64, (1...900_000).contains(length) else {
            throw .invalid("duration", "an integer from 1 to 900000 is needed")
        }
        if let codec = body["video_options"]?["codec"] {
            guard let word = codec.string, word == "avc" || word == "hevc" else {
                throw .invalid("video_options.codec", "avc or hevc")
            }
        }
        if let rate = body["video_options"]?["frame_rate"] {
            guard let number = rate.int64, (1...25).contains(number) else {
                throw .invalid("video_options.frame_rate", "an integer from 1 to 25 is needed")
            }
        }
        try body.check("audio_options", isArray: false)
        if let audio = body["audio_options"]?["audio_enabled"], audio.bool == nil {
            throw .invalid("audio_options.audio_enabled", "true or false")
        }
        try body.checkResolution("video_options")
        (self.start, self.length, self.components) = (start, length, try body.componentIDs)
    }
}

/// A checked request for a still.
struct StillOrder {
    private static let halfYear: Int64 = 180 * 86_400_000

    var start: Int64
    var end: Int64
    /// How far from the range a picture may be.
    var tolerance: Int64
    var format: String
    var components: [String]

    init(_ request: RingListenerRequest, now: Int64, _ switches: RingSimulatorSwitches) throws(MediaProblem) {
        let body = try JSONAPIValue(mediaBody: request, switches)
        func time(_ name: String) throws(MediaProblem) -> Int64 {
            guard let time = body[name]?.int64, time <= now, time > now - Self.halfYear else {
                throw .invalid(name, "an integer within 180 days, not after now, is needed")
            }
            return time
        }
        switch body["type"]?.string {
        case "at_timestamp":
            try body.needsTime("timestamp", switches)
            self.start = try time("timestamp")
            (self.end, self.tolerance) = (self.start, 10_000)
        case "latest_in_range":
            try body.needsTime("start_timestamp", switches)
            self.start = try time("start_timestamp")
            let end = body["end_timestamp"]
            guard let until = end == nil ? now : end?.int64, until >= self.start, until - self.start <= 86_400_000
            else {
                throw .invalid("end_timestamp", "an integer at most 24 hours after the start is needed")
            }
            (self.end, self.tolerance) = (until, 0)
        case nil where body["timestamp"] == nil && body["start_timestamp"] == nil:
            try body.needsTime("timestamp", switches)
            throw .invalid("type", "at_timestamp or latest_in_range")
        default: throw .invalid("type", "at_timestamp or latest_in_range")
        }
        self.format = "jpeg"
        if let format = body["image_options"]?["format"] {
            guard let word = format.string, word == "jpeg" || word == "png" else {
                throw .invalid("image_options.format", "jpeg or png")
            }
            self.format = word
        }
        try body.checkResolution("image_options")
        self.components = try body.componentIDs
    }
}

extension JSONAPIValue {
    /// The body of a media request. The service authorizes by the times in it, so that its absence is a 403 response.
    fileprivate init(
        mediaBody request: RingListenerRequest, _ switches: RingSimulatorSwitches
    ) throws(MediaProblem) {
        if request.body.isEmpty {
            guard switches.media.contains(.malformedForbidden) else { throw .invalid("", "the body is empty") }
            throw MediaProblem(403, "REQUEST_FORBIDDEN", "Cannot authorize: empty request body")
        }
        guard let body = try? JSONAPIValue(parsing: request.body), body.kind == .object else {
            throw .invalid("", "the body is not a JSON object")
        }
        self = body
    }

    fileprivate func needsTime(_ name: String, _ switches: RingSimulatorSwitches) throws(MediaProblem) {
        guard self[name] == nil, switches.media.contains(.malformedForbidden) else { return }
        throw MediaProblem(403, "REQUEST_FORBIDDEN", "missing required timestamp fields in request body")
    }

    fileprivate func checkResolution(_ options: String) throws(MediaProblem) {
        guard let value = self[options] else { return }
        try self.check(options, isArray: false)
        guard let resolution = value["resolution"] else { return }
        for (name, maximum) in [("width", 1920), ("height", 1080)] as [(String, Int64)] {
            guard let value = resolution[name] else { continue }
            guard let number = value.int64, (1...maximum).contains(number) else {
                throw .invalid("\(options).resolution.\(name)", "an integer from 1 to \(maximum) is needed")
            }
        }
    }

    fileprivate func check(_ name: String, isArray: Bool) throws(MediaProblem) {
        guard let value = self[name], value.kind != (isArray ? .array : .object) else { return }
        throw .invalid(name, isArray ? "an array is needed" : "an object is needed")
    }

    fileprivate var componentIDs: [String] {
        get throws(MediaProblem) {
            try self.check("components", isArray: true)
            return self["components"]?.elements.map { $0["component_id"]?.string ?? "" } ?? []
        }
    }
}
