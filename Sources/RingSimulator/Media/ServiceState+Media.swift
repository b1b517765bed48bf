internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// Clips and stills: step 1 on the API origin, step 2 on the media origin.
extension ServiceState {
    mutating func clip(_ request: RingListenerRequest, _ device: Device) -> Response {
        let wanted: ClipOrder
        do { wanted = try ClipOrder(request, now: self.now, self.switches) } catch { return self.mediaFailure(error) }
        if let refusal = self.refusal(wanted.components, device, from: wanted.start) {
            return self.mediaFailure(refusal)
        }
        let end = wanted.start + wanted.length
        if self.switches.media.contains(.onDemandForbidden),
            self.recordings(of: device, in: wanted.start...end).contains(where: { $0.type == "on_demand" })
        {
            return self.mediaFailure(
                MediaProblem(403, "TIME_RANGE_NOT_AUTHORIZED", "recordings of live views are not shared"))
        }
        let shown = self.recorded(device, wanted.start...end)
        let missing = self.switches.missingClipCode.rawValue
        let problem = self.problem(isMissing: shown == nil, missing, at: wanted.start)
        let start = shown?.lowerBound ?? wanted.start
        var length = shown.map { $0.upperBound - $0.lowerBound } ?? wanted.length
        let isCut = self.switches.media.contains(.partialClips)
        if isCut { length /= 2 }
        let ticket = Ticket(
            isImage: false, format: "mp4", device: device.id, start: start, length: max(1, length),
            isPartial: isCut || length < wanted.length, expires: self.mediaLinkEnd, problem: problem,
            options: MediaOptions(request))
        switch self.switches.clipDelivery {
        case .direct: return problem ?? self.media(ticket)
        case .twoStep: return self.redirect(to: ticket, status: 303)
        case .moved: return self.redirect(to: ticket, status: 301)
        case .found: return self.redirect(to: ticket, status: 302)
        case .temporary: return self.redirect(to: ticket, status: 307)
        case .permanent: return self.redirect(to: ticket, status: 308)
        }
    }

    mutating func image(_ request: RingListenerRequest, _ device: Device) -> Response {
        let wanted: StillOrder
        do { wanted = try StillOrder(request, now: self.now, self.switches) } catch { return self.mediaFailure(error) }
        if let refusal = self.refusal(wanted.components, device, from: wanted.start) {
            return self.mediaFailure(refusal)
        }
        let moment = self.pictured(device, wanted)
        let problem = self.problem(isMissing: moment == nil, "MEDIA_NOT_FOUND", at: wanted.start)
        if self.switches.history.contains(.stillEntries) {
            self.record("on_demand", nil, device: device.id, start: self.now, length: 0)
        }
        let ticket = Ticket(
            isImage: true, format: wanted.format, device: device.id, start: moment ?? wanted.end, length: 0,
            isPartial: false, expires: self.mediaLinkEnd, problem: problem,
            options: MediaOptions(request))
        return self.redirect(to: ticket, status: 303)
    }

    private var mediaLinkEnd: Int64 { self.now + Int64(self.switches.limit(.mediaLinkSeconds)) * 1000 }

    /// Why a request is refused before media are looked for; `nil` when it is not.
    private func refusal(_ components: [String], _ device: Device, from start: Int64) -> MediaProblem? {
        guard device.device.kind.hasVideo else {
            return MediaProblem(403, "REQUEST_FORBIDDEN", "the device has no camera")
        }
        if self.switches.media.contains(.offlineUnavailable), !device.device.isOnline {
            return MediaProblem(503, "SERVER_BUSY", "Device is currently offline", title: "Device Unavailable")
        }
        if start < self.consent(to: device) {
            return MediaProblem(
                403, "TIME_RANGE_NOT_AUTHORIZED", "the range begins before the user's consent", at: start)
        }
        if device.device.kind == .elite {
            guard components.count == 1, Self.components.contains(components[0]) else {
                return .invalid("components", "exactly one component_id is needed")
            }
        } else if !components.isEmpty {
            return .invalid("components", "the device has no components")
        }
        return nil
    }

    /// The recordings of a device that touch a range, oldest first.
    private func recordings(of device: Device, in range: ClosedRange<Int64>) -> [Event] {
        (self.history[device.id] ?? []).filter { $0.start <= range.upperBound && $0.end >= range.lowerBound }
    }

    /// The part of a range that was recorded: from its first recorded moment until the first gap, or until now.
    private mutating func recorded(_ device: Device, _ range: ClosedRange<Int64>) -> ClosedRange<Int64>? {
        let recordings = self.recordings(of: device, in: range)
        self.markReviewed(recordings, device)
        let latest = min(range.upperBound, max(self.now, range.lowerBound))
        if self.switches.media.contains(.everywhere) { return range.lowerBound...latest }
        guard let first = recordings.first(where: { min($0.end, latest) > max($0.start, range.lowerBound) }) else {
            return nil
        }
        var end = first.end
        for recording in recordings where recording.start <= end { end = max(end, recording.end) }
        return max(first.start, range.lowerBound)...min(end, latest)
    }

    /// The moment of the picture that a request finds: the nearest one recorded, or the last one in the range.
    private mutating func pictured(_ device: Device, _ wanted: StillOrder) -> Int64? {
        let range = (wanted.start - wanted.tolerance)...(wanted.end + wanted.tolerance)
        let recordings = self.recordings(of: device, in: range).filter { $0.start <= self.now }
        let latest = min(wanted.end, self.now)
        let moments = recordings.map { recording in
            min(max(latest, recording.start), min(recording.end, self.now))
        }
        guard let nearest = moments.min(by: { abs($0 - latest) < abs($1 - latest) }) else {
            return self.switches.media.contains(.everywhere) ? latest : nil
        }
        self.markReviewed(recordings, device)
        return nearest
    }

    private mutating func markReviewed(_ recordings: [Event], _ device: Device) {
        // Taken out, so that the list is not copied.
        guard !recordings.isEmpty, var events = self.history.removeValue(forKey: device.id) else { return }
        let ids = Set(recordings.map(\.id))
        for index in events.indices where ids.contains(events[index].id) { events[index].isReviewed = true }
        self.history[device.id] = events
    }

    /// What goes wrong at step 2, or at step 1 by a switch.
    private mutating func problem(isMissing: Bool, _ missing: String, at time: Int64) -> Response? {
        let failures: [(RingSimulatorSwitches.Failure, MediaProblem)] = [
            (.mediaNotReady, MediaProblem(425, "RECORDING_NOT_READY", "the recording is not complete yet", at: time)),
            (.mediaWithoutKey, MediaProblem(422, "GRECO_NO_VALID_KEY", "no key for this recording", at: time)),
            (.mediaCorrupt, MediaProblem(422, "CORRUPT_RECORDING", "the recording is damaged", at: time)),
            (.mediaFailed, MediaProblem(500, "INTERNAL_ERROR", "the recording could not be read")),
            (.mediaBusy, MediaProblem(503, "SERVER_BUSY", "too many requests for media; try again later")),
        ]
        for (failure, problem) in failures where self.fails(failure) { return self.mediaFailure(problem) }
        guard self.fails(.mediaMissing) || isMissing else { return nil }
        return self.mediaFailure(
            MediaProblem(416, missing, "nothing was recorded then", pointer: "timestamp", at: time))
    }

    /// An error in the form that media requests have.
    private mutating func mediaFailure(_ problem: MediaProblem) -> Response {
        problem.response(id: self.newRequestID())
    }

    private mutating func redirect(to ticket: Ticket, status: Int) -> Response {
        if self.switches.media.contains(.problemsAtStepOne), let problem = ticket.problem { return problem }
        self.forgetExpired()
        let token = self.random.text(48)
        self.tickets[token] = ticket
        let kind = ticket.isImage ? "image_download" : "video_download"
        let date = isoTime(self.now).filter { $0 != "-" && $0 != ":" }
        let location =
            "\(self.mediaOrigin)/v1/download?security_token=\(token)&req_type=\(kind)&req_id=\(self.newRequestID())"
            + "&X-Amz-Date=\(date)&X-Amz-Expires=\(self.switches.limit(.mediaLinkSeconds))"
        return Response(status: status, headers: ["Location": location, "X-Request-ID": self.newRequestID()])
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
        response.headers["X-Request-ID"] = self.newRequestID()
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
        case .real: response.body = self.mediaBody(ticket)
        }
        let cut = self.switches.limit(.mediaCutBytes)
        if cut > 0, self.fails(.mediaCut) {
            response.fault = .cutBody(after: Int64(cut))
        }
        return response
    }
}
