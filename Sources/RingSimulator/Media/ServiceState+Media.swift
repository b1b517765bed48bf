internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// Clips and stills: step 1 on the API origin, step 2 on the media origin.
extension ServiceState {
    private static let halfYear: Int64 = 180 * 86_400_000

    private func invalid(_ pointer: String, _ detail: String) -> Response {
        .failure(400, detail: detail, code: "INVALID_PAYLOAD", pointer: pointer)
    }

    mutating func clip(_ request: RingListenerRequest, _ device: Device) -> Response {
        guard let body = try? JSONAPIValue(parsing: request.body) else { return self.invalid("", "no JSON") }
        guard let start = body["timestamp"]?.int64, start > 0, start <= self.now else {
            return self.invalid("timestamp", "an integer not after now is needed")
        }
        guard let length = body["duration"]?.int64, length > 0, length <= 900_000 else {
            return self.invalid("duration", "an integer from 1 to 900000 is needed")
        }
        if let codec = body["video_options"]?["codec"]?.string, codec != "avc" && codec != "hevc" {
            return self.invalid("video_options.codec", "avc or hevc")
        }
        if let rate = body["video_options"]?["frame_rate"]?.int64, rate > 25 || rate < 1 {
            return self.invalid("video_options.frame_rate", "at most 25")
        }
        if let refusal = self.refusal(body, device, from: start) { return refusal }
        let problem = self.problem(device, start...(start + length), missing: self.switches.missingClipCode.rawValue)
        let isPartial = self.switches.media.contains(.partialClips) || start + length > self.now
        let ticket = Ticket(
            isImage: false, format: "mp4", device: device.id, start: start,
            length: isPartial ? max(1, min(length / 2, self.now - start)) : length, isPartial: isPartial,
            expires: self.now + Int64(self.switches.limit(.mediaLinkSeconds)) * 1000, problem: problem)
        if self.switches.clipDelivery == .direct { return problem ?? self.media(ticket) }
        return self.redirect(to: ticket, status: self.switches.clipDelivery == .moved ? 301 : 303)
    }

    mutating func image(_ request: RingListenerRequest, _ device: Device) -> Response {
        guard let body = try? JSONAPIValue(parsing: request.body), let type = body["type"]?.string else {
            return .failure(403, code: "REQUEST_FORBIDDEN")
        }
        let (start, end): (Int64, Int64)
        switch type {
        case "at_timestamp":
            guard let time = body["timestamp"]?.int64, time <= self.now, time > self.now - Self.halfYear else {
                return self.invalid("timestamp", "an integer within 180 days, not after now, is needed")
            }
            (start, end) = (time, time)
        case "latest_in_range":
            guard let from = body["start_timestamp"]?.int64, from <= self.now, from > self.now - Self.halfYear else {
                return self.invalid("start_timestamp", "an integer within 180 days, not after now, is needed")
            }
            let until = body["end_timestamp"]?.int64 ?? self.now
            guard until >= from, until - from <= 86_400_000 else {
                return self.invalid("end_timestamp", "at most 24 hours after the start")
            }
            (start, end) = (from, until)
        default: return self.invalid("type", "at_timestamp or latest_in_range")
        }
        let format = body["image_options"]?["format"]?.string ?? "jpeg"
        guard format == "jpeg" || format == "png" else { return self.invalid("image_options.format", "jpeg or png") }
        if let refusal = self.refusal(body, device, from: start) { return refusal }
        let slack: Int64 = type == "at_timestamp" ? 10_000 : 0
        let problem = self.problem(device, (start - slack)...(end + slack), missing: "MEDIA_NOT_FOUND")
        let ticket = Ticket(
            isImage: true, format: format, device: device.id, start: end, length: 0, isPartial: false,
            expires: self.now + Int64(self.switches.limit(.mediaLinkSeconds)) * 1000, problem: problem)
        return self.redirect(to: ticket, status: 303)
    }

    /// The response to a request that is refused before media are looked for.
    private func refusal(_ body: JSONAPIValue, _ device: Device, from start: Int64) -> Response? {
        guard device.device.kind.hasVideo else { return .failure(403, code: "REQUEST_FORBIDDEN") }
        if start < self.consents[device.account] ?? 0 { return .failure(403, code: "TIME_RANGE_NOT_AUTHORIZED") }
        let components = body["components"]?.elements.map { $0["component_id"]?.string ?? "" } ?? []
        if device.device.kind == .elite {
            guard components.count == 1, Self.components.contains(components[0]) else {
                return self.invalid("components", "exactly one component_id is needed")
            }
        } else if !components.isEmpty {
            return self.invalid("components", "the device has no components")
        }
        return nil
    }

    private mutating func problem(_ device: Device, _ range: ClosedRange<Int64>, missing: String) -> Response? {
        if self.fails(.mediaNotReady) { return .failure(425, code: "RECORDING_NOT_READY") }
        if self.fails(.mediaWithoutKey) { return .failure(422, code: "GRECO_NO_VALID_KEY") }
        let events = self.history[device.id] ?? []
        let index = events.firstIndex { $0.start <= range.upperBound && $0.end >= range.lowerBound }
        if self.fails(.mediaMissing) || (index == nil && !self.switches.media.contains(.everywhere)) {
            return .failure(416, code: missing, pointer: "timestamp")
        }
        if let index { self.history[device.id]?[index].isReviewed = true }
        return nil
    }

    private mutating func redirect(to ticket: Ticket, status: Int) -> Response {
        if self.switches.media.contains(.problemsAtStepOne), let problem = ticket.problem { return problem }
        let token = self.random.text(48)
        self.tickets[token] = ticket
        let kind = ticket.isImage ? "image_download" : "video_download"
        let date = isoTime(self.now).filter { $0 != "-" && $0 != ":" }
        let location =
            "\(self.mediaOrigin)/v1/download?security_token=\(token)&req_type=\(kind)&req_id=\(self.random.uuid())"
            + "&X-Amz-Date=\(date)&X-Amz-Expires=\(self.switches.limit(.mediaLinkSeconds))"
        return Response(status: status, headers: ["Location": location, "X-Request-ID": self.random.uuid()])
    }

    /// Step 2. A request with an access token is refused: no client may send it here.
    mutating func mediaOriginRequest(_ request: RingListenerRequest) -> Response {
        if request.headers["Authorization"] != nil {
            return Response(
                status: 400, contentType: "application/xml", text: "<Error><Code>InvalidArgument</Code></Error>")
        }
        guard request.method == "GET" || request.method == "HEAD", request.path == "/v1/download" else {
            return .empty(404)
        }
        let token = request.queryItems.first { $0.name == "security_token" }?.value ?? ""
        guard let ticket = self.tickets[token], ticket.expires > self.now else {
            return Response(
                status: 403, contentType: "application/xml", text: "<Error><Code>AccessDenied</Code></Error>")
        }
        return ticket.problem ?? self.media(ticket)
    }

    private mutating func media(_ ticket: Ticket) -> Response {
        var response = Response(status: ticket.isPartial ? 206 : 200)
        response.headers["X-Request-ID"] = self.random.uuid()
        response.headers["X-Media-Timestamp"] = String(ticket.start)
        response.headers["Content-Type"] = ticket.isImage ? "image/\(ticket.format)" : "video/mp4"
        if ticket.isImage {
            response.headers["X-Media-Origin"] = "recording"
        } else if ticket.isPartial {
            for name in ["X-Media-Length", "X-Media-Duration"]
            where self.switches.lengthHeader.rawValue == name || self.switches.lengthHeader == .both {
                response.headers[RingHTTPField.Name(name)] = String(ticket.length)
            }
        }
        switch self.switches.mediaBody {
        case .html: response.body = .bytes(Array("<html><body>Sorry</body></html>".utf8))
        case .json: response.body = .bytes(Array(#"{"errors":[{"status":"500","code":"INTERNAL_ERROR"}]}"#.utf8))
        case .garbage: response.body = .bytes((0..<20_000).map { _ in UInt8(truncatingIfNeeded: self.random.next()) })
        case .real: response.body = .bytes(MediaFiles.bytes(ticket.isImage ? ticket.format : "mp4"))
        }
        let cut = self.switches.limit(.mediaCutBytes)
        if cut > 0, self.fails(.mediaCut) {
            response.fault = .cutBody(after: Int64(cut))
        }
        return response
    }
}
